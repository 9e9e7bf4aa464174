"""A session's fields, and messages by hand (session manager: session object reference)."""

from rejoinder_client import Client, Message

with Client() as client:
    session = client.session("my_project", messages=[Message.system("Be brief.")], metadata={"customer": "Acme"})
    session.add(Message.user("Hello"), {"role": "assistant", "content": "Hi!"})
    print(f"{session.session_id}, {session.metadata}, made {session.created_at:%Y-%m-%d}")
    print(f"{len(session.messages)} messages, last activity {session.refresh().updated_at}")

    session.clear(keep_system=True)
    print([message.content for message in session.messages])
