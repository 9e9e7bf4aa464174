"""An SQLite database that keeps each session as one JSON object: `sessions` with an ID and the object."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from rejoinder.adapters.importing.databases import is_database, opened, tables
from rejoinder.adapters.importing.reading import json_in
from rejoinder.domain.foreign import ForeignSession, Skipped, moment, own_id
from rejoinder.domain.foreign_formats import read_sessions

TITLE = "saved session objects"
_IDS = ("session_id", "id", "key", "name")
_OBJECTS = ("data", "value", "session", "json", "state")


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is such a database."""
    if not is_database(path):
        return False
    try:
        with opened(path) as database:
            return _columns(tables(database).get("sessions", set())) is not None
    except ValueError:
        return False


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The sessions of the database."""
    try:
        with opened(path) as database:
            columns = _columns(tables(database).get("sessions", set()))
            if columns is None:
                raise ValueError("it has no table `sessions` with an ID and an object")
            query = "SELECT {}, {}, {} FROM sessions".format(*columns)  # noqa: S608 - names of ours
            for key, data, updated in database.execute(query):
                yield from _sessions(str(key), data, updated)
    except ValueError as exc:
        yield Skipped(path.name, str(exc))


def _columns(known: set[str]) -> tuple[str, str, str] | None:
    key = next((name for name in _IDS if name in known), None)
    value = next((name for name in _OBJECTS if name in known), None)
    return None if key is None or value is None else (key, value, "updated_at" if "updated_at" in known else "NULL")


def _sessions(key: str, data: Any, updated: Any) -> Iterator[ForeignSession | Skipped]:
    try:
        if not isinstance(data, str | bytes):
            raise ValueError("it holds no text")
        for session in read_sessions(json_in(data if isinstance(data, str) else data.decode()), key):
            yield attrs.evolve(
                session,
                session_id=session.session_id or own_id(key),
                updated_at=session.updated_at or moment(updated),
            )
    except ValueError as exc:
        yield Skipped(key, str(exc)[:200])
