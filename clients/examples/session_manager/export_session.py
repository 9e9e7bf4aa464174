"""A session as a JSON file without loss, and as Markdown to read (session manager: session export)."""

from pathlib import Path

from rejoinder_client import Client, Message

with Client() as client:
    client.sessions.save("my_project", [Message.user("Hello"), Message.assistant("Hi!")])

    Path("export.json").write_text(client.sessions.export("my_project"), encoding="utf-8")
    Path("export.md").write_text(client.sessions.export("my_project", format="markdown"), encoding="utf-8")
    print(Path("export.md").read_text(encoding="utf-8"))
