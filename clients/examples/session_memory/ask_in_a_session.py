"""A question in a session that is made when it is first named (session memory: basic example)."""

from rejoinder_client import Client

with Client() as client:
    answer = client.ask("Summarize this topic", session_id="research2")
    print(answer)
    print(f"{answer.session_id}: {len(client.existing('research2').messages)} messages")
