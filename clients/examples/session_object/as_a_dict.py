"""A session as a plain value, for any store (session object: serialization)."""

import json

from rejoinder_client import Client, Message, Session

with Client() as client:
    session = client.session("trip", messages=[Message.user("We're planning a trip to Japan")])
    data = json.loads(json.dumps(session.to_dict()))

    copy = Session.from_dict(data, client, session_id="trip-copy")
    print(f"{copy.session_id}: {copy.messages == session.messages}")
