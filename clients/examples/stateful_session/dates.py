"""Dates come back from the state as they were (stateful session: production deployment)."""

from datetime import UTC, date, datetime

from rejoinder_client import RejoinderError, Session

with Session("prod_customer_123") as session:
    session.save_state({"last_interaction": datetime.now(UTC), "due": date(2024, 5, 6)})
    state = session.restore_state()
    print(f"{type(state['last_interaction']).__name__}, {state['due']:%d %B %Y}")
    try:
        session.set_state("callback", print)
    except RejoinderError as error:
        print(error)
