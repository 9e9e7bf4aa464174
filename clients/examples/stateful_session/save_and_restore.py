"""Values that a program keeps with a session (stateful session: basic session management)."""

from rejoinder_client import Session

with Session("customer_support_123") as session:
    session.save_state({"customer_name": "John Doe", "ticket_id": "SUP-456", "priority": "high"})

    state = session.restore_state()
    print(f"Handling ticket {state['ticket_id']} for {state['customer_name']}")
