"""What was said is found again in its session, and over all of them when none is named (session memory: RAG)."""

from rejoinder_client import Client, Message

with Client() as client:
    client.session("research_topic", messages=[Message.user("The zebra cache expires after nine minutes.")])
    client.session("novel_draft1", messages=[Message.user("Once upon a time there was a zebra.")])

    for session_id in ("research_topic", "novel_draft1", None):
        hits = client.search("zebra", sources=["message"], session_id=session_id)
        print(f"{session_id or 'everywhere'}: {sorted(hit.text for hit in hits)}")
