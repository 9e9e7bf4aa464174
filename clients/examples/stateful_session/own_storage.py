"""Sessions in a folder of one's own (stateful session: storage configuration)."""

from rejoinder_client import Session

with Session("my_app", storage_path="my_sessions") as session:
    session.set_state("installed", True)
    print(session.session_dir, session.is_remote)
