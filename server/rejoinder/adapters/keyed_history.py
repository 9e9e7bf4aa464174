"""Conversations as rows with keys, for every store that can keep such rows.

    projects                          each project, by its ID
    sessions/PROJECT                  each session's own fields, by its ID; those in the trash have a time of deletion
    session/PROJECT/SESSION/messages  the messages, by their number
    session/PROJECT/SESSION/…         summaries by the message they go up to, state, attachments by their SHA-256
    records/PROJECT/KIND              the project's own records

IDs within a space's name are quoted as in an address.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import orjson

from rejoinder.adapters.keyed_documents import PARTS, message_rows, row, session_row, session_space, summary_row
from rejoinder.adapters.keyed_records import KeyedRecords
from rejoinder.adapters.keyed_rows import Change, Rows, space_of
from rejoinder.adapters.session_rules import SessionRules
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.documents import (
    decode_message,
    decode_project,
    decode_session,
    decode_summary,
    encode_project,
)
from rejoinder.domain.errors import NotFound, StorageCorrupt, StorageError
from rejoinder.domain.summaries import Summary
from rejoinder.domain.waiting import referred_to

MESSAGES_KEPT = 60_000
"""Messages of the sessions used last that stay in memory, unless one session alone has more."""

_STATE = "state"
_UNDECODABLE = (KeyError, TypeError, ValueError)
T = TypeVar("T")
_log = logging.getLogger(__name__)


class KeyedHistory(SessionRules):
    """The HistoryStore over rows that nobody else writes while it is open."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._faults: list[str] = []
        self._projects: dict[str, Project] = {}
        self._sessions: dict[str, dict[str, Session]] = {}
        self._messages: OrderedDict[str, list[Message]] = OrderedDict()
        self._next: dict[str, int] = {}
        """The number of the next message, of sessions that grew."""
        self._unwritten: dict[tuple[str, str], Session] = {}
        """Sessions whose drafts could not be written, until they can."""
        self._doubtful = False
        """Whether something may have been stored that was told to have failed: then all is read again, once it can."""
        self._records = KeyedRecords(rows, self._projects, commit=self._commit)
        self.record_kinds, self.records = self._records.kinds, self._records.all
        self.put_records, self.drop_records = self._records.put, self._records.drop
        self._projects.update((one.project_id, one) for one in self._decoded("projects", decode_project))

    def put_project(self, project: Project) -> None:
        """Add or replace a project."""
        self._commit([row("projects", project.project_id, encode_project(project))])
        self._projects[project.project_id] = project

    def create(self, session: Session, messages: Sequence[Message] = (), *, summaries: Sequence[Summary] = ()) -> None:
        """A new session, whole with its first messages; ValueError when the ID is taken, also in the trash."""
        self._check_new(session)
        changes = [*message_rows(session, 0, messages), *(summary_row(session, each) for each in summaries)]
        self._store(session, changes)

    def put(self, session: Session, *, durable: bool = True) -> None:
        """Replace a session's own fields; not durable: without a sync, and kept in memory if it cannot be written."""
        self.session(session.project_id, session.session_id)
        try:
            self._store(session, durable=durable)
        except StorageError:
            if durable:
                raise
            self._unwritten[session.project_id, session.session_id] = session
            self._all(session.project_id)[session.session_id] = session

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """All messages of the tree in the order in which they were stored."""
        self.session(project_id, session_id)
        return tuple(self._read(project_id, session_id))

    def latest(self, project_id: str, session_id: str, count: int) -> Sequence[Message]:
        """The messages that were stored last, in that order: at least `count` if there are so many."""
        self.session(project_id, session_id)
        space = session_space(project_id, session_id, "messages")
        if space in self._messages:
            return tuple(self._messages[space])
        return tuple(self._understood(space, self._rows.last(space, count), decode_message))

    def append(self, session: Session, messages: Sequence[Message]) -> None:
        """Add messages and replace the session's fields, in one durable write."""
        self.session(session.project_id, session.session_id)
        space = session_space(session.project_id, session.session_id, "messages")
        known = self._read(session.project_id, session.session_id)
        if (first := self._next.get(space)) is None:
            first = 1 + max((int(key) for key in self._rows.last(space, 1)), default=-1)
        self._store(session, message_rows(session, first, messages))
        self._next[space] = first + len(messages)
        known.extend(messages)

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """Put these messages in the place of all others; what is left out is gone from the disk, as are summaries."""
        self.session(session.project_id, session.session_id)
        key = (session.project_id, session.session_id)
        attachments, kept = session_space(*key, "attachments"), referred_to(session, messages)
        changes = [
            Change(session_space(*key, "messages"), None),
            Change(session_space(*key, "summaries"), None),
            *(Change(attachments, digest) for digest in self._rows.all(attachments) if digest not in kept),
            *message_rows(session, 0, messages),
        ]
        self._store(session, changes, erase=True)
        self._messages[session_space(*key, "messages")] = list(messages)
        self._next.pop(session_space(*key, "messages"), None)

    def summaries(self, project_id: str, session_id: str) -> Sequence[Summary]:
        """The summaries of a session's messages, in the order in which they were stored."""
        self.session(project_id, session_id)
        return self._decoded(session_space(project_id, session_id, "summaries"), decode_summary)

    def put_summary(self, session: Session, summary: Summary) -> None:
        """Add a summary, in the place of one of the same messages, and replace the session's fields."""
        self.session(session.project_id, session.session_id)
        self._store(session, [summary_row(session, summary)])

    def state(self, project_id: str, session_id: str) -> dict[str, Any]:
        """A session's own JSON values."""
        self.session(project_id, session_id)
        found = self._rows.get(session_space(project_id, session_id, _STATE), _STATE)
        values: dict[str, Any] = {} if found is None else orjson.loads(found)
        return values

    def put_state(self, project_id: str, session_id: str, state: Mapping[str, Any]) -> None:
        """Replace a session's own JSON values."""
        session = self.session(project_id, session_id)
        self._store(session, [row(session_space(project_id, session_id, _STATE), _STATE, dict(state))])

    def attach(self, project_id: str, session_id: str, data: bytes) -> str:
        """Keep binary content beside a session; answers its SHA-256 in hexadecimal."""
        self.session(project_id, session_id)
        digest = sha256(data).hexdigest()
        self._commit([Change(session_space(project_id, session_id, "attachments"), digest, data)])
        return digest

    def attachment(self, project_id: str, session_id: str, digest: str) -> bytes:
        """Binary content by its SHA-256; NotFound when it is not there."""
        self.session(project_id, session_id)
        space = session_space(project_id, session_id, "attachments")
        if (data := self._rows.get(space, digest)) is None:
            raise NotFound("attachment", digest, hint="Attach the file again.")
        if sha256(data).hexdigest() != digest:
            raise StorageCorrupt(
                f"The attachment {digest!r} is damaged.", path=space, backup=None, hint="Attach the file again."
            )
        return data

    def trash(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is set, to the trash."""
        self._check_trash(session)
        self._store(session)
        self._messages.pop(session_space(session.project_id, session.session_id, "messages"), None)

    def restore(self, session: Session) -> None:
        """Move a session, whose `deleted_at` is None again, back from the trash."""
        self._check_restore(session)
        self._store(session)

    def purge(self, project_id: str, session_id: str) -> None:
        """Remove a session for good, wherever it is."""
        self._find(project_id, session_id)
        self._unwritten.pop((project_id, session_id), None)
        parts = [Change(session_space(project_id, session_id, part), None) for part in PARTS]
        self._commit([Change(space_of("sessions", project_id), session_id), *parts], erase=True)
        self._all(project_id).pop(session_id, None)
        self._messages.pop(session_space(project_id, session_id, "messages"), None)
        self._next.pop(session_space(project_id, session_id, "messages"), None)

    def size(self, project_id: str, session_id: str) -> int:
        """The bytes that a session takes, about, wherever it is. Reads no message."""
        self._find(project_id, session_id)
        return sum(self._rows.size(session_space(project_id, session_id, part)) for part in PARTS)

    def faults(self) -> list[str]:
        """What was found damaged and left out since the last call, in sentences for people."""
        found = [*self._rows.faults, *self._faults]
        self._rows.faults.clear()
        self._faults.clear()
        return found

    def close(self) -> None:
        """Finish all writes and let go."""
        try:
            if self._unwritten:
                self._commit([])
        except StorageError as error:
            _log.warning("the drafts of %d sessions are lost: %s", len(self._unwritten), error.message)
        finally:
            self._rows.close()

    def _store(
        self, session: Session, changes: Sequence[Change] = (), *, durable: bool = True, erase: bool = False
    ) -> None:
        """Make changes to a session together with its own fields."""
        row_of_session = session_row(session)
        self._unwritten.pop((session.project_id, session.session_id), None)
        self._commit([*changes, row_of_session], durable=durable, erase=erase)
        self._all(session.project_id)[session.session_id] = session

    def _commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        left = dict(self._unwritten)
        try:
            self._rows.commit([*map(session_row, left.values()), *changes], durable=durable, erase=erase)
        except StorageError:
            self._doubtful = True
            self._next.clear()
            raise
        if self._doubtful:
            self._doubtful = False
            self._sessions.clear()
            self._messages.clear()
            self._records.forget()
        self._unwritten = {key: session for key, session in self._unwritten.items() if left.get(key) is not session}

    def _all(self, project_id: str) -> dict[str, Session]:
        """All sessions of a project by their IDs."""
        if project_id not in self._sessions:
            found = self._decoded(space_of("sessions", project_id), decode_session)
            self._sessions[project_id] = {session.session_id: session for session in found}
            for (project, session_id), session in self._unwritten.items():
                if project == project_id:
                    self._sessions[project_id][session_id] = session
        return self._sessions[project_id]

    def _read(self, project_id: str, session_id: str) -> list[Message]:
        """A session's messages, which stay in memory for a while."""
        space = session_space(project_id, session_id, "messages")
        if space not in self._messages:
            self._messages[space] = self._decoded(space, decode_message)
            while len(self._messages) > 1 and sum(map(len, self._messages.values())) > MESSAGES_KEPT:
                self._messages.popitem(last=False)
        self._messages.move_to_end(space)
        return self._messages[space]

    def _decoded(self, space: str, decode: Callable[[Mapping[str, Any]], T]) -> list[T]:
        return self._understood(space, self._rows.all(space), decode)

    def _understood(self, space: str, rows: Mapping[str, bytes], decode: Callable[[Mapping[str, Any]], T]) -> list[T]:
        """What rows mean; one that makes no sense is told of and left where it is."""
        found = []
        for key, value in rows.items():
            try:
                found.append(decode(orjson.loads(value)))
            except _UNDECODABLE:
                self._faults.append(f"What the store has as {key!r} in {space!r} makes no sense and is not shown.")
        return found
