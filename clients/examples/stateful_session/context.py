"""One text of what memory and knowledge say on a question (stateful session: session with knowledge base)."""

from pathlib import Path

from rejoinder_client import Session

Path("technical_manual.md").write_text("# Authentication\n\nSend the API key in the header X-Key.\n")

with Session("doc_assistant_001") as session:
    session.add_knowledge("technical_manual.md")
    session.add_knowledge("Quick reference: API key is required for all requests")
    session.store_long_memory("The API key of the test system is renewed on Mondays.")

    context = session.get_context("How do I authenticate with the API key?")
    print(context)
    print(session.run(f"Based on this context: {context}\n\nHow do I authenticate?"))
