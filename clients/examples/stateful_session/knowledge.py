"""Documents that are searched in every turn of a session (stateful session: knowledge-enhanced session)."""

from pathlib import Path

from rejoinder_client import Session

Path("research_paper.md").write_text("# Key findings\n\nZebras sleep for nine minutes at a time.\n")

with Session("research_assistant") as session:
    session.add_knowledge("research_paper.md")
    session.add_knowledge("Quick reference: API key is required for all requests", title="Quick reference")

    for hit in session.search_knowledge("What are the key findings?", limit=1):
        print(f"{hit.scope}: {hit.text}")
    print(session.run("What are the key findings?", retrieve=True))
