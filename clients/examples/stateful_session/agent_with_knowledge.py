"""An agent that answers from documents of its own (stateful session: session with knowledge base)."""

from pathlib import Path

from rejoinder_client import Session

Path("technical_manual.md").write_text("# Authentication\n\nEvery request carries the header X-Key.\n")

with Session("doc_assistant_001") as session:
    session.add_knowledge("technical_manual.md")
    session.add_knowledge("The canteen opens at noon.", title="Canteen")

    assistant = session.Agent(name="DocBot", role="Documentation Assistant", knowledge=["technical_manual.md"])
    print(assistant.chat("Which header does a request carry?", retrieve=True))

    prompt = session.preview(
        "When does the canteen open, and which header does a request carry?", agent="DocBot", retrieve=True
    )
    print([message.origin.scope for message in prompt.messages if message.origin])
