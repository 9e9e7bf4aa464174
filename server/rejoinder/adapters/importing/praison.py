"""PraisonAI: a folder a session in `.praison/sessions`, with `short_term.db` and `long_term.db`.

Each is an SQLite database with one table (id, content, meta as JSON, created_at). It holds no conversation, but what is
remembered, and the session's state: an entry whose meta says so and holds the values.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from rejoinder.adapters.importing.databases import is_database, opened, tables
from rejoinder.adapters.importing.reading import MOST_FILES, json_in, repository
from rejoinder.domain.foreign import ForeignMemory, ForeignSession, Skipped, moment, own_id, sound, storable

TITLE = "PraisonAI"
_TABLES = {"short_term.db": "short_mem", "long_term.db": "long_mem"}
_QUERIES = {
    "short_mem": "SELECT id, content, meta, created_at FROM short_mem ORDER BY created_at, rowid",
    "long_mem": "SELECT id, content, meta, created_at FROM long_mem ORDER BY created_at, rowid",
}
_STATE = "session_state"
_ABOUT = ("type", "session_id", "user_id", "quality")
"""What the program says of an entry."""
_LONGEST = 60_000
"""Bytes of what can be remembered."""


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is a session's folder, or one with such folders."""
    return path.is_dir() and next(_folders(path), None) is not None


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """What is kept of each session."""
    for folder in _folders(path):
        session = ForeignSession(
            session_id=own_id(folder.name), name=folder.name, folder=_project_of(folder), messages=()
        )
        for name, table in _TABLES.items():
            if is_database(folder / name):
                session = _with(session, folder / name, table)
        if session.memories or session.state:
            times = [one.created_at for one in session.memories if one.created_at]
            yield attrs.evolve(session, created_at=min(times, default=None), updated_at=max(times, default=None))
        else:
            yield from session.skipped or [Skipped(folder.name, "it remembers nothing")]


def _project_of(folder: Path) -> str | None:
    """The folder in whose `.praison` a session's folder lies."""
    below = next((one for one in folder.resolve().parents if one.name == ".praison"), None)
    return None if below is None else repository(below.parent)


def _folders(path: Path) -> Iterator[Path]:
    for base in (path, path / "sessions", path / ".praison" / "sessions"):
        below = (
            sorted(each for each in base.iterdir() if each.is_dir() and not each.is_symlink()) if base.is_dir() else []
        )
        found = [each for each in [base, *below[:MOST_FILES]] if any(is_database(each / name) for name in _TABLES)]
        if found:
            yield from found
            return


def _with(session: ForeignSession, path: Path, table: str) -> ForeignSession:
    """The session with what a database holds besides."""
    memories, state, skipped = list(session.memories), dict(session.state), list(session.skipped)
    place = f"{path.parent.name}/{path.name}"
    try:
        with opened(path) as database:
            if table not in tables(database):
                raise ValueError(f"it has no table `{table}`")
            for row in database.execute(_QUERIES[table]):
                try:
                    memory = _memory(row, table)
                except ValueError as exc:
                    skipped.append(Skipped(f"{place}: entry {row[0]}", str(exc)))
                    continue
                if isinstance(memory, ForeignMemory):
                    memories.append(memory)
                else:
                    state = memory
    except (ValueError, sqlite3.Error) as exc:
        skipped.append(Skipped(place, str(exc)))
    return attrs.evolve(session, memories=tuple(memories), state=state, skipped=tuple(skipped))


def _memory(row: Any, table: str) -> ForeignMemory | dict[str, Any]:
    """An entry, or the state that it holds."""
    key, content, meta, created = row
    if not isinstance(content, str) or not content.strip():
        raise ValueError("it has no text")
    if len(content.encode("utf-8", "replace")) > _LONGEST:
        raise ValueError(f"it has more than {_LONGEST} bytes")
    told = _told(meta)
    about: dict[str, Any] = storable({name: value for name, value in told.items() if name not in _ABOUT})
    if told.get("type") == _STATE:
        return about
    quality = told.get("quality")
    return ForeignMemory(
        key=str(key),
        text=sound(content),
        is_long=table == "long_mem",
        quality=float(quality) if isinstance(quality, int | float) else None,
        created_at=moment(created),
        metadata=about,
    )


def _told(meta: Any) -> Mapping[str, Any]:
    try:
        value = json_in(meta) if isinstance(meta, str) and meta else {}
    except ValueError:
        raise ValueError("its meta is no JSON") from None
    return value if isinstance(value, Mapping) else {}
