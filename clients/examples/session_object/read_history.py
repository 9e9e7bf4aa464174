"""All messages of a session, as a copy (session object: access history)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session()
    session.run("My name is Alice")

    messages = session.messages
    print(f"Message count: {len(messages)}")
    for message in messages:
        print(f"[{message.role}]: {message.content[:50]}")
