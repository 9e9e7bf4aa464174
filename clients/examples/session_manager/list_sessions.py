"""What a list of sessions tells of each (session manager: session metadata)."""

from rejoinder_client import Client, Message

with Client() as client:
    client.session("my_project", messages=[Message.user("Hello")], metadata={"customer": "Acme"})

    for session in client.sessions.list():
        print(f"ID: {session.session_id}")
        print(f"Created: {session.created_at}")
        print(f"Last activity: {session.updated_at}")
        print(f"Messages: {session.message_count}")
        print(f"Metadata: {session.metadata}")
