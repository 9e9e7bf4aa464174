"""IDs by which a program finds its users' sessions (session object: use session IDs for tracking)."""

import uuid

from rejoinder_client import Client, Session


def create_support_session(client: Client, user_id: str) -> Session:
    """A session of one user."""
    session_id = f"{user_id}-{uuid.uuid4().hex[:8]}"
    return client.session(session_id, system="You are a support agent.", label=user_id)


with Client() as client:
    created = create_support_session(client, "user-123")
    for info in client.sessions.list(query="user-123"):
        print(info.session_id == created.session_id, info.label)
