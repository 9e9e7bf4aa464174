"""A session under an ID of one's own (session object: custom session ID)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session("user-123-conv-456")
    print(session.session_id)
