"""A session as a file, and back (session object: save and restore session state)."""

from rejoinder_client import Client, Message, Session

with Client() as client:
    session = client.session("trip", messages=[Message.user("We're planning a trip to Japan")])
    session.to_file("session.json")
    session.delete(permanent=True)

    restored = Session.from_file("session.json", client)
    restored.run("Where were we?")
    print(f"{restored.session_id}: {len(restored.messages)} messages")
