"""A stored turn in each store, beside the same bytes written raw, SQLite itself and stock TinyDB."""

import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any, ParamSpec

import attrs
from tinydb import TinyDB

import redis_server
from bench.conversations import messages, session
from bench.figures import Row, milliseconds, rounds
from bench.sandbox import Sandbox
from rejoinder.adapters.journal_tail import size_of_lines
from rejoinder.adapters.stores import open_store
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.services.store_ports import HistoryStore

P = ParamSpec("P")

_SIZE = 600
_MANY = 100_000
_STOCK = 1_000
_SESSIONS, _TURNS = 10, 10
"""In each round: so many new sessions of 10 messages, so many turns added to each."""


def benchmark(runs: int) -> list[Row]:
    """Each round alternates between all of them, so that a slow moment of the disk meets all alike."""
    with Sandbox() as sandbox, closing(_Contest(sandbox.home)) as contest:
        figures = rounds(contest.run, runs)
    turn = f"stored turn, 2 messages of {_SIZE} bytes"
    return [
        Row(what=f"{turn} / raw append + fdatasync", value=figures.ratio("ours", "raw"), unit="×", at_most=1.3),
        Row(what=f"{turn}: at {_MANY:,} messages / at 10", value=figures.ratio("many", "ours"), unit="×", at_most=1.2),
        Row(what=f"{turn}, store `sqlite` / raw", value=figures.ratio("ours sqlite", "raw"), unit="×"),
        *(
            [Row(what=f"{turn}, store `redis`, fsync always / raw", value=figures.ratio("ours redis", "raw"), unit="×")]
            if redis_server.installed()
            else []
        ),
        Row(what="– SQLite, WAL and FULL / raw", value=figures.ratio("sqlite", "raw"), unit="×"),
        Row(what="– stock TinyDB without sync at 10 / raw", value=figures.ratio("stock", "raw"), unit="×"),
        Row(what=f"– stock TinyDB at {_STOCK:,} / raw", value=figures.ratio("stock many", "raw"), unit="×"),
        Row(what="– raw append + fdatasync", value=figures.median("raw"), unit="ms"),
    ]


class _Contest:
    """All the stores, in one folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._names = map(str, count())
        self._store = TinyDbHistory(home / "history")
        now = session("any", []).created_at
        self._store.put_project(Project(project_id=_Growing.project_id, name="bench", paths=(), created_at=now))
        self._many = _Growing(self._store, "many", _MANY)
        self._others = ExitStack()
        self._kinds: dict[str, HistoryStore] = {"ours sqlite": self._opened("sqlite")}
        if redis_server.installed():
            server = self._others.enter_context(redis_server.RedisServer(home / "redis"))
            self._kinds["ours redis"] = self._opened(server.address)
        self._line = b"x" * self._many.line_length(home)
        self._raw = os.open(home / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._sqlite = sqlite3.connect(home / "sqlite", isolation_level=None)
        self._sqlite.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE messages (body);")
        self._stock_many = _stock(home / "stock-many", _STOCK)

    def run(self) -> dict[str, float]:
        """The median time of a turn, by kind of store."""
        seconds: dict[str, list[float]] = defaultdict(list)
        for name in [next(self._names) for _ in range(_SESSIONS)]:
            few = _Growing(self._store, f"few-{name}", 10)
            others = {kind: _Growing(store, f"few-{name}", 10) for kind, store in self._kinds.items()}
            with closing(_stock(self._home / f"stock-{name}", 10)) as stock:
                for number in range(_TURNS):
                    turn = few.turn()
                    contestants: list[tuple[str, Callable[..., object], tuple[Any, ...]]] = [
                        ("ours", few.append, turn),
                        ("raw", self._append, ()),
                        ("many", self._many.append, self._many.turn()),
                        ("sqlite", self._insert, (turn[1],)),
                        ("stock", _insert_stock, (stock, turn[1])),
                        *((kind, other.append, other.turn()) for kind, other in others.items()),
                    ]
                    # each comes early as often as late: what runs before it decides what the caches hold
                    for kind, write, what in contestants if number % 2 else reversed(contestants):
                        seconds[kind].append(_timed(write, *what))
            seconds["stock many"].append(_timed(_insert_stock, self._stock_many, turn[1]))
        return {kind: milliseconds(each) for kind, each in seconds.items()}

    def close(self) -> None:
        """Let go of all files."""
        self._others.close()
        self._store.close()
        self._stock_many.close()
        self._sqlite.close()
        os.close(self._raw)

    def _opened(self, choice: str) -> HistoryStore:
        store = self._others.enter_context(closing(open_store(choice, self._home / "other")))
        created = session("any", []).created_at
        store.put_project(Project(project_id=_Growing.project_id, name="bench", paths=(), created_at=created))
        return store

    def _append(self) -> None:
        os.write(self._raw, self._line)
        os.fdatasync(self._raw)

    def _insert(self, turn: list[Message]) -> None:
        self._sqlite.execute("BEGIN")
        self._sqlite.executemany("INSERT INTO messages VALUES (?)", [(message.content,) for message in turn])
        self._sqlite.execute("COMMIT")


class _Growing:
    """A session of ours that grows by turns."""

    project_id = "bench"

    def __init__(self, store: HistoryStore, session_id: str, length: int) -> None:
        self._store = store
        path = messages(length, size=_SIZE)
        self._session: Session = session(session_id, path, project_id=self.project_id)
        store.create(self._session, path)
        self.append(*self.turn())  # the first one reads the session in

    def turn(self) -> tuple[Session, list[Message]]:
        """The next two messages, with the session as it is after them."""
        turn = messages(2, size=_SIZE, first=self._session.message_count)
        self._session = attrs.evolve(
            self._session,
            head=turn[-1].message_id,
            message_count=self._session.message_count + len(turn),
            revision=self._session.revision + 1,
        )
        return self._session, turn

    def append(self, after: Session, turn: list[Message]) -> None:
        """Store them."""
        self._store.append(after, turn)

    def line_length(self, home: Path) -> int:
        """Bytes of a turn in the session's journal."""
        (journal,) = home.rglob("messages.*.jsonl")
        before = size_of_lines(journal)
        self.append(*self.turn())
        return size_of_lines(journal) - before


def _stock(path: Path, length: int) -> TinyDB:
    database = TinyDB(path)
    _insert_stock(database, messages(length, size=_SIZE))
    return database


def _insert_stock(database: TinyDB, turn: list[Message]) -> None:
    database.insert_multiple([{"id": message.message_id, "content": message.content} for message in turn])


def _timed(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> float:
    began = time.perf_counter()
    work(*args, **kwargs)
    return time.perf_counter() - began
