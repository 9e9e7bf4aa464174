"""An SQLite database with the tables `sessions` (id, label, created_at) and `chunks` (session_id, role, content, …)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.databases import MAGIC, bounded, is_database, opened, tables
from rejoinder.domain.foreign import (
    SOURCES,
    ForeignMessage,
    ForeignSession,
    Skipped,
    moment,
    own_id,
    role_of,
    span,
    text_of,
)

TITLE = "a database of sessions and chunks"
NO_SESSION = "default"
"""Where messages belong that name no session."""

_MOST_STEPS = 10_000_000
_STEPS_BETWEEN = 100_000


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is such a database."""
    if not is_database(path):
        return False
    try:
        with opened(path) as database:
            return "chunks" in tables(database)
    except ValueError:
        return False


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The sessions of a file."""
    try:
        with opened(path) as database:
            yield from _read(database)
    except ValueError as exc:
        yield Skipped(path.name, str(exc))


def read_content(data: bytes) -> list[ForeignSession]:
    """The sessions of a file's content; ValueError when it is no such database, or nothing of it can be read."""
    if not data.startswith(MAGIC):
        raise ValueError("it is no SQLite database")
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            bounded(database, _MOST_STEPS, _STEPS_BETWEEN)
            sessions = list(_read(database))
    except (sqlite3.Error, OverflowError, UnicodeError) as exc:
        raise ValueError(f"the database cannot be read ({exc})") from None
    failed = [skipped for session in sessions for skipped in session.skipped]
    if failed and not any(session.messages for session in sessions):
        raise ValueError(f"{failed[0].place}: {failed[0].reason}")
    return sessions


def _read(database: sqlite3.Connection) -> Iterator[ForeignSession]:
    messages: dict[str, list[ForeignMessage]] = {}
    failed: dict[str, list[Skipped]] = {}
    listed = dict.fromkeys(_rows(database, "SELECT id, label, created_at FROM sessions ORDER BY created_at, id"))
    for session_id, _, _ in listed:
        messages.setdefault(str(session_id), [])
    chunks = "SELECT id, session_id, role, content, source, created_at FROM chunks ORDER BY id"
    for key, session_id, role, content, source, created_at in _rows(database, chunks):
        foreign = NO_SESSION if session_id is None else str(session_id)
        said = messages.setdefault(foreign, [])
        try:
            known = SOURCES.get(source, "import")
            said.append(ForeignMessage(role_of(role), text_of(content), known, moment(created_at), str(key)))
        except ValueError as exc:
            failed.setdefault(foreign, []).append(Skipped(f"{foreign}: chunk {key}", str(exc)))
    known_sessions = {str(session_id): (label, created_at) for session_id, label, created_at in listed}
    for foreign, said in messages.items():
        about = known_sessions.get(foreign, (None, None))
        yield _session(foreign, *about, said, tuple(failed.get(foreign, ())))


def _rows(database: sqlite3.Connection, query: str) -> list[Any]:
    return database.execute(query).fetchall()


def _session(
    foreign: str, label: Any, created_at: Any, said: list[ForeignMessage], skipped: tuple[Skipped, ...]
) -> ForeignSession:
    name = label if isinstance(label, str) and label else None
    first, last = span(said)
    return ForeignSession(
        session_id=own_id(foreign),
        name=name or foreign or None,
        label=name,
        created_at=moment(created_at) or first,
        updated_at=last,
        messages=tuple(each for each in said if each.content),
        skipped=skipped,
    )
