"""Functions of a program that the model calls inside the session (tools: sessions with tools)."""

from rejoinder_client import Client


def get_user_orders(user_id: str) -> list[dict[str, str]]:
    """Get orders for a user.

    Args:
        user_id: as in `user-123`
    """
    return [
        {"id": "1", "item": "Laptop", "status": "shipped", "user": user_id},
        {"id": "2", "item": "Mouse", "status": "delivered", "user": user_id},
    ]


with Client() as client:
    session = client.session(system="You are a customer service assistant.", tools=[get_user_orders])
    print(session.run("I'm user-123, what are my recent orders?"))
    print(session.run("When will order 1 arrive?"))

    for message in session.messages:
        for call in message.tool_calls or ():
            print(f"{call.name}({call.args}): {call.status}, {call.output}")
