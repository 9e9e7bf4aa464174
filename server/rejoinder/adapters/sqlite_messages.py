"""The port `MessageSearch` on SQLite's full-text search, in memory: what was said, by its words.

A session comes in when it is first asked about and is brought up to date when it has changed. Forgetting is a
deletion: nothing of it is on disk.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from rejoinder.domain.conversation import Message, Place
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.tokens import Tokenizer
from rejoinder.services.ports import HistoryStore
from rejoinder.services.store_thread import StoreThread

_SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, project TEXT, session TEXT, message TEXT, role TEXT, user TEXT, text TEXT
);
CREATE INDEX by_session ON messages (project, session);
CREATE VIRTUAL TABLE words USING fts5 (tokens);
"""
_LONGEST_PASSAGE = 4000
"""Characters of a message that a hit quotes."""

_MOST_CANDIDATES = 200


class SqliteMessageSearch:
    """Finds messages by their words with BM25."""

    def __init__(self, store: HistoryStore, io: StoreThread) -> None:
        self._store = store
        self._io = io
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="messages")
        self._database: sqlite3.Connection | None = None
        self._tokenizer = Tokenizer()
        self._current: set[tuple[str, str]] = set()
        """The sessions that are in the index as they are in the store."""
        self._ends: dict[tuple[str, str], tuple[int, Message]] = {}
        """How many messages of a session were taken in, and the last of them."""

    async def search(
        self,
        project_id: str,
        query: str,
        *,
        session_id: str | None,
        user_id: str | None = None,
        without: Sequence[str] = (),
        limit: int,
    ) -> list[Hit]:
        """As the port says."""
        await self._bring_in(project_id, session_id)
        return await self._run(lambda: self._find(project_id, query, session_id, user_id, frozenset(without), limit))

    def changed(self, project_id: str, session_id: str) -> None:
        """As the port says."""
        self._current.discard((project_id, session_id))

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _bring_in(self, project_id: str, session_id: str | None) -> None:
        """Bring every session that the question is about up to date."""
        if session_id is None:
            wanted = {session.session_id for session in await self._io(self._store.sessions, project_id)}
            await self._run(lambda: self._forget_others(project_id, wanted))
        else:
            wanted = {session_id}
        for one in wanted:
            if (project_id, one) in self._current:
                continue
            self._current.add((project_id, one))
            try:
                messages = await self._io(self._store.messages, project_id, one)
            except SessionNotFound:
                messages = ()
            await self._run(lambda one=one, messages=messages: self._replace(project_id, one, messages))

    async def _run(self, function: "Callable[[], list[Hit]] | Callable[[], None]") -> list[Hit]:
        result = await asyncio.get_running_loop().run_in_executor(self._thread, function)
        return result or []

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(":memory:", isolation_level=None)
            self._database.executescript(_SCHEMA)
        return self._database

    def _replace(self, project_id: str, session_id: str, messages: Sequence[Message]) -> None:
        """Put in what is new of a session, and take out what is gone."""
        if (new := self._added(project_id, session_id, messages)) is None:
            new = self._compare(project_id, session_id, messages)
        database = self._open()
        database.execute("BEGIN")
        for message in new:
            if _is_worth_finding(message):
                self._insert(project_id, session_id, message)
        database.execute("COMMIT")
        if messages:
            self._ends[project_id, session_id] = len(messages), messages[-1]
        else:
            self._ends.pop((project_id, session_id), None)

    def _added(self, project_id: str, session_id: str, messages: Sequence[Message]) -> Sequence[Message] | None:
        """What came at a session's end when nothing else changed; None when that cannot be told.

        The store keeps the order and the objects of what stays, so one look at the former end is enough: comparing
        ten thousand messages after each turn would take longer than the search.
        """
        length, last = self._ends.get((project_id, session_id), (0, None))
        if last is None or len(messages) < length or messages[length - 1] is not last:
            return None
        return messages[length:]

    def _compare(self, project_id: str, session_id: str, messages: Sequence[Message]) -> list[Message]:
        """Take out what is gone of a session; answers what is new."""
        database = self._open()
        rows = database.execute(
            "SELECT message, id FROM messages WHERE project = ? AND session = ?", (project_id, session_id)
        )
        known = dict(rows.fetchall())
        present = {message.message_id for message in messages}
        database.execute("BEGIN")
        for message_id, row in known.items():
            if message_id not in present:
                self._delete(row)
        database.execute("COMMIT")
        return [message for message in messages if message.message_id not in known]

    def _forget_others(self, project_id: str, sessions: set[str]) -> None:
        """Take out the sessions of a project that are not there any more."""
        rows = self._open().execute("SELECT DISTINCT session FROM messages WHERE project = ?", (project_id,))
        for (session_id,) in rows.fetchall():
            if session_id not in sessions:
                self._replace(project_id, session_id, ())

    def _insert(self, project_id: str, session_id: str, message: Message) -> None:
        row = self._open().execute(
            "INSERT INTO messages (project, session, message, role, user, text) VALUES (?, ?, ?, ?, ?, ?)",
            (
                project_id,
                session_id,
                message.message_id,
                message.role,
                message.user_id,
                message.content[:_LONGEST_PASSAGE],
            ),
        )
        tokens = " ".join(self._tokenizer.tokens(message.content))
        self._open().execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (row.lastrowid, tokens))

    def _delete(self, row: int) -> None:
        self._open().execute("DELETE FROM words WHERE rowid = ?", (row,))
        self._open().execute("DELETE FROM messages WHERE id = ?", (row,))

    def _find(
        self,
        project_id: str,
        query: str,
        session_id: str | None,
        user_id: str | None,
        without: frozenset[str],
        limit: int,
    ) -> list[Hit]:
        tokens = self._tokenizer.question(query)
        if not tokens:
            return []
        found = self._open().execute(
            "SELECT session, message, role, text, rank FROM words JOIN messages ON messages.id = words.rowid"
            " WHERE words MATCH ? AND project = ? AND (? IS NULL OR session = ?) AND (? IS NULL OR user = ?)"
            " ORDER BY rank LIMIT ?",
            (
                " OR ".join(f'"{token}"' for token in tokens),
                project_id,
                session_id,
                session_id,
                user_id,
                user_id,
                _MOST_CANDIDATES + len(without),
            ),
        )
        rows = [row for row in found.fetchall() if row[1] not in without]
        best = max((-row[4] for row in rows), default=0.0)
        return [_hit(*row[:4], score=-row[4] / best if best > 0 else 0.0) for row in rows[:limit]]


def _is_worth_finding(message: Message) -> bool:
    """Whether somebody said something: an answer without a model only repeats what is found anyway."""
    return message.role in ("user", "assistant") and bool(message.content) and message.model != EXTRACTIVE


def _hit(session_id: str, message_id: str, role: str, text: str, *, score: float) -> Hit:
    lines = text.count("\n") + 1
    return Hit(
        uri=f"rejoinder:/session/{session_id}#{message_id}",
        place=Place(0, 0, lines, 0),
        text=text,
        score=score,
        source="message",
        parts={"bm25": score},
        scope=role,
        session_id=session_id,
        message_id=message_id,
    )
