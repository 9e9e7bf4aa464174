"""Forget what was said (session object: clear history)."""

from rejoinder_client import Client, Message

with Client() as client:
    session = client.session(messages=[Message.user("Hello"), Message.assistant("Hi!")])
    session.clear()
    print(f"{len(session.messages)} messages")
