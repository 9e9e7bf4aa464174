"""A session that goes on from messages of before (session object: pre-populated history)."""

from rejoinder_client import Client, Message

history = [
    Message.user("What's the capital of France?"),
    Message.assistant("The capital of France is Paris."),
]

with Client() as client:
    session = client.session(messages=history)
    session.run("What about Germany?")
    print(f"{len(session.messages)} messages")
