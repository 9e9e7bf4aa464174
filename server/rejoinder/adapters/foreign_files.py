"""Files of other programs that are no JSON: TOON (github.com/toon-format/spec) and SQLite databases."""

import sqlite3
from contextlib import closing
from typing import Any

from rejoinder.domain.foreign_formats import ForeignMessage, ForeignSession, message, moment, own_id

NO_SESSION = "default"
"""Where messages belong that name no session."""

_MOST_STEPS = 10_000_000
_STEPS_BETWEEN = 100_000


class KnownForeignFiles:
    """The port `ForeignFiles`."""

    def toon(self, text: str) -> Any:
        """As the port says."""
        # Here and not above: hardly any engine ever reads such a file.
        from toon_format import ToonDecodeError, decode

        try:
            return decode(text)
        except (ToonDecodeError, RecursionError) as exc:
            raise ValueError(f"it is no TOON ({exc})") from None

    def database(self, data: bytes) -> list[ForeignSession]:
        """As the port says, from the tables `sessions` (id, label, created_at) and `chunks` (session_id, role, content,
        source, created_at)."""
        if not data.startswith(b"SQLite format 3\0"):
            raise ValueError("it is no SQLite database")
        try:
            with closing(sqlite3.connect(":memory:")) as database:
                database.deserialize(data)
                _bound(database)
                return _read(database)
        except (sqlite3.Error, OverflowError, UnicodeError) as exc:
            raise ValueError(f"the database cannot be read ({exc})") from None


def _bound(database: sqlite3.Connection) -> None:
    """Have a file that was made to take forever end: what is read here are tables, not views or triggers."""
    steps = iter(range(_MOST_STEPS // _STEPS_BETWEEN))
    database.set_progress_handler(lambda: next(steps, None) is None, _STEPS_BETWEEN)
    database.execute("PRAGMA trusted_schema = OFF")


def _read(database: sqlite3.Connection) -> list[ForeignSession]:
    messages: dict[str, list[ForeignMessage]] = {}
    listed = dict.fromkeys(_rows(database, "SELECT id, label, created_at FROM sessions ORDER BY created_at, id"))
    for session_id, _, _ in listed:
        messages.setdefault(str(session_id), [])
    chunks = "SELECT session_id, role, content, source, created_at FROM chunks ORDER BY id"
    for session_id, role, content, source, created_at in _rows(database, chunks):
        said = message(role=role, content=content, source=source, created_at=created_at)
        messages.setdefault(NO_SESSION if session_id is None else str(session_id), []).append(said)
    known = {str(session_id): (label, created_at) for session_id, label, created_at in listed}
    return [_session(foreign, *known.get(foreign, (None, None)), said) for foreign, said in messages.items()]


def _rows(database: sqlite3.Connection, query: str) -> list[Any]:
    return database.execute(query).fetchall()


def _session(foreign: str, label: Any, created_at: Any, said: list[ForeignMessage]) -> ForeignSession:
    name = label if isinstance(label, str) and label else None
    times = [each.created_at for each in said if each.created_at]
    return ForeignSession(
        session_id=own_id(foreign),
        name=name or foreign or None,
        label=name,
        created_at=moment(created_at) or min(times, default=None),
        updated_at=max(times, default=None),
        messages=tuple(each for each in said if each.content),
    )
