"""Remove what nobody has used for 30 days, to the trash (session manager: regular cleanup)."""

from rejoinder_client import Client, Message

with Client() as client:
    client.sessions.save("in_use", [Message.user("Hello")])

    removed = client.sessions.cleanup(older_than_days=30, dry_run=False)
    print(f"{removed.sessions} sessions went, {len(client.sessions.list())} are there")
