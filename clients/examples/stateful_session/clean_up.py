"""A session's short-term memory is forgotten when its work is done (stateful session: session lifecycle)."""

from datetime import UTC, datetime

from rejoinder_client import RejoinderError, Session

with Session("prod_session", user_id="user_123") as session:
    try:
        session.store_short_memory("The order is on its way.")
        session.run("Where is my order?")
        session.save_state({"last_interaction": datetime.now(UTC)})
    except RejoinderError as error:
        print(f"Session error: {error} {error.hint}")
    finally:
        print(f"{session.clear_memory('short')} forgotten")
