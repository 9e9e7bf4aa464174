"""State and memory that the next run of a program finds again (stateful session: session restoration)."""

from rejoinder_client import Session

with Session("project_alpha") as session1:
    session1.save_state({"progress": 75, "phase": "testing"})
    session1.store_long_memory("Completed unit tests successfully")

# later, in another program
with Session("project_alpha") as session2:
    state = session2.restore_state()
    print(f"Project progress: {state['progress']}%")
    print(session2.search_memory("unit tests")[0].text)
