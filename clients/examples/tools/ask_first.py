"""What changes something waits for a yes, with the exact call (tools: approvals)."""

from typing import Literal

from rejoinder_client import ApprovalRequest, Client, tool

orders = {"1": "shipped", "2": "open"}


@tool(asks=True)
def cancel_order(order_id: str, reason: Literal["late", "broken", "unwanted"] = "unwanted") -> str:
    """Cancel an order that is open."""
    orders[order_id] = f"cancelled, {reason}"
    return f"Order {order_id} is cancelled."


def decide(call: ApprovalRequest) -> bool | str:
    """A yes, or the reason for a no; a program with a window would ask here."""
    print(f"{call.name} {call.args}")
    return True if orders.get(call.args["order_id"]) == "open" else "Only open orders can be cancelled."


with Client() as client:
    session = client.session(tools=[cancel_order], on_approval=decide)
    print(session.run("Cancel both of my orders."))
    print(orders)
