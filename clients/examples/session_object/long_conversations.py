"""A new session that begins with a summary of a long one (session object: manage history length).

The old one needs nothing: what does not fit the model is summarised by itself, and all of it stays.
"""

from rejoinder_client import Client, Message

with Client() as client:
    said = [Message.user(f"The code of room {number} is {number * 37}.") for number in range(30)]
    session = client.session("long", messages=said)

    if len(session.messages) > 20:
        new = session.fork(summarize=True, name="Long, continued")
        print(f"{len(session.messages)} messages, {len(new.messages)} in {new.info.name!r}")
        print(new.messages[0].content[:200])
