"""Copies of sessions in a dictionary, as one keeps them in a test (session object: memory store)."""

from typing import Any

from rejoinder_client import Client, Message, Session

store: dict[str, dict[str, Any]] = {}

with Client() as client:
    session = client.session("session-1", messages=[Message.user("Hello")])
    store["session-1"] = session.to_dict()
    session.run("Something that is not to stay")

    session = Session.from_dict(store["session-1"], client, replace=True)
    print([message.content for message in session.messages])
