"""Topics that know nothing of each other, each in a session of its own (session manager: session isolation)."""

from rejoinder_client import Client

TOPICS = {"debugging": "Debug this code", "docs": "Write documentation", "research": "Research topic"}

with Client() as client:
    for session_id, text in TOPICS.items():
        client.chat(text, session_id=session_id)
    for session_id in TOPICS:
        print(f"{session_id}: {client.existing(session_id).messages[0].content}")
