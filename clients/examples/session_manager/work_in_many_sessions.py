"""One loop over several sessions, found or made (session manager: programmatic access)."""

from rejoinder_client import Client

with Client() as client:
    for session_id in ("project_a", "project_b", "research"):
        session = client.session(session_id)
        session.run("Status update?")
        print(f"{session_id}: {len(session.messages)} messages")
