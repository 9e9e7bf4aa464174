"""Every kind of store, made and opened anew for the contract's tests."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import redis_server
from rejoinder.adapters.keyed_history import KeyedHistory
from rejoinder.adapters.keyed_rows import MemoryRows
from rejoinder.adapters.sqlite_history import FILE, SqliteRows
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.wrapped_history import WrappedRows
from rejoinder.services.store_ports import HistoryStore

STORES = ["tinydb", "memory", "sqlite", "redis", "own"]


class FourThings:
    """A store of a user's own: a JSON file for each document."""

    def __init__(self, folder: str = ".") -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def save(self, session_id: str, data: dict[str, Any]) -> None:
        """Keep a document."""
        (self._folder / f"{session_id}.json").write_text(json.dumps(data))

    def load(self, session_id: str) -> dict[str, Any]:
        """The document with this ID."""
        document: dict[str, Any] = json.loads((self._folder / f"{session_id}.json").read_text())
        return document

    def delete(self, session_id: str) -> None:
        """Remove the document with this ID."""
        (self._folder / f"{session_id}.json").unlink()

    def list(self) -> Iterable[str]:
        """The IDs of all documents."""
        return [path.stem for path in self._folder.glob("*.json")]


class Reopened:
    """A store that can be closed and opened anew."""

    def __init__(self, make: Callable[[Path], HistoryStore], folder: Path) -> None:
        self._make, self.folder = make, folder
        self.store = make(folder)

    def again(self) -> HistoryStore:
        """The store after a restart."""
        self.store.close()
        self.store = self._make(self.folder)
        return self.store

    def both(self) -> Iterator[HistoryStore]:
        """The store as it is, and then after a restart."""
        yield self.store
        yield self.again()


def reopened(kind: str, folder: Path, server: redis_server.RedisServer | None) -> Reopened:
    """An empty store of a kind."""
    makers: dict[str, Callable[[Path], HistoryStore]] = {
        "tinydb": TinyDbHistory,
        "sqlite": lambda place: KeyedHistory(SqliteRows(place / FILE)),
        "own": lambda place: KeyedHistory(WrappedRows(FourThings(str(place)), "four")),
    }
    if kind == "memory":
        rows = MemoryRows()  # which no restart outlives
        return Reopened(lambda _: KeyedHistory(rows), folder)
    if kind != "redis":
        return Reopened(makers[kind], folder)
    if server is None:
        pytest.skip(redis_server.MISSING)
    from rejoinder.adapters.redis_history import RedisRows

    prefix = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    address = f"{server.address}?prefix={prefix}"
    return Reopened(lambda place: KeyedHistory(RedisRows(address, password=None, owner=str(place))), folder)


def whole_store(name: str = "") -> HistoryStore:
    """A store of a user's own that does all that the port says; `name` is what stands after the colon."""
    return KeyedHistory(MemoryRows())
