"""Messages by hand (session object: add messages manually)."""

from rejoinder_client import Client, Message

with Client() as client:
    session = client.session()
    session.add(Message.user("Custom user message"))
    session.add(Message.assistant("Custom assistant response"))
    for message in session.messages:
        print(f"{message.role}, {message.source}: {message.content}")
