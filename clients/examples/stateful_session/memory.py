"""Something to remember, and what it says on a question later (stateful session: stateful agent with memory)."""

from rejoinder_client import Session

with Session("assistant_session") as session:
    session.run("My favorite color is blue")
    session.store_long_memory("User's favorite color: blue", quality_score=0.9)

    print(session.get_memory_context("What's my favorite color?"))
