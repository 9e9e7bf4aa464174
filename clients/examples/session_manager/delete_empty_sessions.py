"""Remove sessions without messages, after a look at what would go (session manager: session cleanup)."""

from rejoinder_client import Client

with Client() as client:
    client.session("never_used")

    for candidate in client.sessions.cleanup(empty=True, dry_run=True).candidates:
        print(f"Would go: {candidate.session_id}")
    client.sessions.cleanup(empty=True, dry_run=False)
    print(f"Still there: {client.sessions.exists('never_used')}")
