"""Save messages under an ID and load them again (session manager: session persistence)."""

from rejoinder_client import Client, Message

with Client() as client:
    client.sessions.save("my_project", [Message.user("Hello"), Message.assistant("Hi! How can I help?")])

    messages = client.sessions.load("my_project")
    for message in messages or []:
        print(f"{message.role}: {message.content}")
