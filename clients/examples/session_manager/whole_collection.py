"""save, load, list, delete and exists in one place (session manager: SessionManager reference)."""

from rejoinder_client import Client, Message

with Client() as client:
    sessions = client.sessions
    sessions.save("plans", [Message.user("Hello")])
    print(sessions.exists("plans"), len(sessions.load("plans") or []), len(sessions.list()))
    print(sessions.delete("plans"), sessions.delete("plans"), sessions.load("plans"))
    sessions.restore("plans")  # from the trash
    print(sessions.exists("plans"))
