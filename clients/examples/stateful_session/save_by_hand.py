"""Changes that wait until the program saves them (stateful session: auto-save disabled)."""

from rejoinder_client import Client, Message

with Client() as client:
    session = client.session("manual_session", auto_save=False)
    session.set_state("draft", 1)
    session.add(Message.user("Not stored yet"))
    stored = client.session("manual_session")
    print(session.is_saved, stored.state, len(stored.messages))

    session.save()
    print(session.is_saved, stored.state, len(stored.messages))
