"""Values that change one by one (stateful session: state management patterns)."""

from rejoinder_client import Session

with Session("game_session") as session:
    session.save_state({"score": 0, "level": 1, "inventory": []})
    session.set_state("score", session.get_state("score", 0) + 10)

    inventory = session.get_state("inventory", [])
    inventory.append("sword")
    session.set_state("inventory", inventory)
    print(session.state)
