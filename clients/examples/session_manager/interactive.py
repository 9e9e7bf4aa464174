"""A loop of questions and answers in a session; run it again to go on (session manager: interactive mode)."""

import sys

from rejoinder_client import Client

with Client() as client:
    session_id = sys.argv[1] if len(sys.argv) > 1 else "my_project"
    client.chat_loop(session_id)
    print(f"\n{client.sessions.get(session_id).message_count} messages in {session_id}")
