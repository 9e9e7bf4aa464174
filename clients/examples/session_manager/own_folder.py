"""Sessions in a folder of one's own (session manager: custom session directory)."""

from rejoinder_client import Client, Message

with Client(data_dir="my_custom_sessions") as client:
    client.sessions.save("my_project", [Message.user("Hello")])
    print(f"{len(client.sessions.list())} session in {client.server.data_dir}")
