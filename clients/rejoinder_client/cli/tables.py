"""Tables: fitted to a terminal's width, or as wide as they need to be where no terminal is."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.cli.output import local_time, one_line

_ENDLESS = 10_000
_SHORT_ID = 8
_GAP = 2
_LEAST = 14
"""Cells that a column which can be cut keeps."""


class Column(NamedTuple):
    """A column's title. On a narrow terminal `elastic` ones are cut, and `spare` ones left out, the last first."""

    title: str
    right: bool = False
    elastic: bool = False
    spare: bool = False
    style: str = ""


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns in which nothing stands are left out."""
    console = _console()
    kept = _fitting(columns, rows, console.width)
    boxed = console.is_terminal
    table = Table(box=box.SIMPLE_HEAD if boxed else None, padding=(0, 1 if boxed else 2, 0, 0), show_edge=False)
    for column in (columns[place] for place in kept):
        justify: JustifyMethod = "right" if column.right else "left"
        table.add_column(column.title.upper(), style=column.style, justify=justify, no_wrap=not column.elastic)
    for row in rows:
        table.add_row(*(Text(one_line(row[place], _ENDLESS), no_wrap=True, overflow="ellipsis") for place in kept))
    _show(console, table)


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The places of the columns that are shown."""
    kept = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    least = {
        place: _LEAST
        if columns[place].elastic
        else max(cell_len(columns[place].title), *(cell_len(row[place]) for row in rows))
        for place in kept
    }
    spare = [place for place in kept if columns[place].spare]
    while spare and sum(least[place] + _GAP for place in kept) > width:
        kept.remove(spare.pop())
    return kept


def print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print names and what belongs to them; those without a value are left out."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(Text(name), Text(one_line(value, _ENDLESS)))
    _show(_console(), table)


def print_sessions(sessions: Sequence[SessionInfo], *, current: str | None = None) -> None:
    """Print sessions; the current one, or the one whose ID is given, is marked."""
    columns = (
        Column(""),
        Column("ID", style="bold"),
        Column("Name", elastic=True),
        Column("Label", spare=True),
        Column("Messages", right=True),
        Column("Updated", spare=True),
        Column("Description", elastic=True, spare=True, style="dim"),
    )
    length = _id_length(sessions)
    print_table(columns, [_session_row(session, length, current) for session in sessions])


def _session_row(session: SessionInfo, id_length: int, current: str | None) -> tuple[str, ...]:
    marked = session.current if current is None else session.session_id == current
    return (
        "●" if marked else "",
        session.session_id[:id_length],
        f"★ {session.name}" if session.pinned else session.name,
        session.label or "",
        str(session.message_count),
        local_time(session.updated_at),
        session.description or "",
    )


def _id_length(sessions: Sequence[SessionInfo]) -> int:
    """How much of each ID is needed to tell them apart."""
    ids = {session.session_id for session in sessions}
    longest = max(map(len, ids), default=_SHORT_ID)
    return next(
        (length for length in range(_SHORT_ID, longest) if len({name[:length] for name in ids}) == len(ids)), longest
    )


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _ENDLESS)


def _show(console: Console, table: Table) -> None:
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())
