"""Knowledge as a table."""

from collections.abc import Sequence

from rejoinder.protocol.retrieval import Knowledge
from rejoinder_client.cli.output import local_time, shown_size
from rejoinder_client.cli.tables import Column, print_table


def print_items(items: Sequence[Knowledge]) -> None:
    """Print what was added."""
    columns = (
        Column("ID", style="bold"),
        Column("Title", elastic=True),
        Column("Kind"),
        Column("Passages", right=True),
        Column("Size", right=True, spare=True),
        Column("Read", spare=True),
        Column("Session", spare=True),
        Column("Trouble", elastic=True, style="red"),
    )
    print_table(columns, [_row(item) for item in items])


def _row(item: Knowledge) -> tuple[str, ...]:
    return (
        item.knowledge_id,
        item.title,
        item.kind,
        str(item.chunks),
        shown_size(item.bytes),
        local_time(item.updated_at),
        item.session_id or "",
        item.error or "",
    )
