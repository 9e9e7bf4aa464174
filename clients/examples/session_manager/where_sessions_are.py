"""The folder of the sessions, and one of them as a file's text (session manager: session files)."""

from rejoinder_client import Client, Message

with Client() as client:
    print(f"Sessions lie in {client.server.data_dir}")
    client.sessions.save("my_project", [Message.system("You are helpful."), Message.user("Hello")])
    print(client.sessions.export("my_project"))
