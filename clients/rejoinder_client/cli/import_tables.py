"""Tables of what would come in, and of the places where it lies."""

from collections.abc import Sequence

from rejoinder.protocol.transfer import ImportedSession, ImportPlace, SessionImportResult
from rejoinder_client.cli.output import counted, local_time, one_line
from rejoinder_client.cli.tables import Column, print_table

_ROWS = 30


def print_places(places: Sequence[ImportPlace]) -> None:
    """Print where other programs keep their sessions."""
    columns = (Column("program"), Column("format", spare=True), Column("place", elastic=True))
    print_table(columns, [(place.title, place.format, place.path) for place in places])


def print_found(source: str, result: SessionImportResult) -> None:
    """Print what a source holds, and what of it would come in."""
    found = result.found or []
    if source or result.detected:
        print(f"{one_line(source, 200)} ({result.detected or 'unknown'}):".strip())
    if not found:
        return
    columns = (
        *(Column("session", elastic=True), Column("messages", right=True), Column("new", right=True)),
        *(Column("from", spare=True), Column("to", spare=True), Column("what", elastic=True)),
        Column("into", elastic=True),
    )
    print_table(columns, [_row(one) for one in found[:_ROWS]])
    if len(found) > _ROWS:
        print(f"… and {counted(len(found) - _ROWS, 'session')} more.")
    elsewhere = sum(1 for one in found if one.folder)
    if elsewhere:
        print(f"{counted(elsewhere, 'session')} into other projects, by folder; --here brings all into this one.")


def _row(one: ImportedSession) -> tuple[str, ...]:
    what = {"new": "new", "grown": "has grown", "known": "here already", "kept": one.reason or "stays as it is"}
    return (
        *(one.name, str(one.messages), str(one.new_messages) if one.new_messages else ""),
        *(local_time(one.created_at) if one.created_at else "", local_time(one.updated_at) if one.updated_at else ""),
        *(what[one.outcome], one.folder or ""),
    )
