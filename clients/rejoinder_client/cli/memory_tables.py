"""The memory's entries as people read them."""

from collections.abc import Sequence
from urllib.parse import unquote

from rejoinder.protocol.memory import MemoryEntry
from rejoinder_client.cli.output import local_time, one_line, printable
from rejoinder_client.cli.tables import Column, print_rows, print_table
from rejoinder_client.client import Client
from rejoinder_client.errors import NotFound, SessionNotFound

_SHORT_ID = 8
_EXCERPT = 200


def print_entries(entries: Sequence[MemoryEntry]) -> None:
    """Print entries, one a line."""
    columns = (
        Column("ID", style="bold"),
        Column("Text", elastic=True),
        Column("Kind"),
        Column("Quality", right=True),
        Column("Remembered", spare=True),
        Column("Until", spare=True),
        Column("From", elastic=True, spare=True, style="dim"),
    )
    length = _id_length(entries)
    print_table(columns, [_row(entry, length) for entry in entries])


def print_entry(client: Client, entry: MemoryEntry) -> None:
    """Print one entry, and what it came from."""
    source = entry.source
    print_rows(
        [
            ("ID", entry.memory_id),
            ("kind", entry.kind),
            ("quality", f"{entry.quality:g}"),
            ("user", entry.user_id or ""),
            ("remembered", local_time(entry.created_at)),
            ("corrected", _corrected(entry)),
            ("until", local_time(entry.expires_at) if entry.expires_at else ""),
            ("metadata", ", ".join(f"{key}={value}" for key, value in entry.metadata.items())),
            ("session", _session(client, source.session_id) if source and source.session_id else ""),
            ("message", _message(client, entry)),
            ("file", source.uri or "" if source else ""),
        ]
    )
    print(f"\n{printable(entry.text)}")


def _row(entry: MemoryEntry, length: int) -> tuple[str, ...]:
    return (
        entry.memory_id[:length],
        entry.text,
        entry.kind,
        f"{entry.quality:g}",
        local_time(entry.created_at),
        local_time(entry.expires_at) if entry.expires_at else "",
        _origin(entry),
    )


def _origin(entry: MemoryEntry) -> str:
    """Where it came from, in a few characters."""
    source = entry.source
    if source is None:
        return ""
    if source.uri is not None:
        return unquote(source.uri.rsplit("/", 1)[-1])
    what = "message in" if source.message_id else "session"
    return f"{what} {(source.session_id or '')[:_SHORT_ID]}"


def _corrected(entry: MemoryEntry) -> str:
    """When it was corrected last, if it was."""
    moment = entry.updated_at
    return "" if moment is None or moment == entry.created_at else local_time(moment)


def _session(client: Client, session_id: str) -> str:
    try:
        return f"{client.sessions.get(session_id).name} ({session_id})"
    except (SessionNotFound, NotFound):
        return f"{session_id}, which is gone"


def _message(client: Client, entry: MemoryEntry) -> str:
    source = entry.source
    if source is None or source.session_id is None or source.message_id is None:
        return ""
    said = next(
        (one for one in client.sessions.load(source.session_id) or () if one.message_id == source.message_id), None
    )
    return (
        source.message_id if said is None else f"{source.message_id}, {said.role}: {one_line(said.content, _EXCERPT)}"
    )


def _id_length(entries: Sequence[MemoryEntry]) -> int:
    """How much of each ID is needed to tell them apart."""
    ids = {entry.memory_id for entry in entries}
    longest = max(map(len, ids), default=_SHORT_ID)
    return next(
        (length for length in range(_SHORT_ID, longest) if len({name[:length] for name in ids}) == len(ids)), longest
    )
