"""Keep the newest messages and the system prompt of long sessions (session manager: limit session size)."""

from rejoinder_client import Client, Message

with Client() as client:
    said = [Message.user(f"Message {number}") for number in range(120)]
    session = client.session("long", messages=[Message.system("Be brief."), *said])

    client.sessions.cleanup(keep_messages=50, dry_run=False)
    first, second, *_ = session.messages
    print(f"{len(session.messages)} messages: {first.content!r}, {second.content!r}, …")
