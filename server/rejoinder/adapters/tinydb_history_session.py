"""One session's folder: a journal with its messages, its own fields and its state, and its attachments.

The folder is whole by itself: what the project's registry says of a session can be made again from it.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import attrs
from tinydb.table import Document

from rejoinder import platform
from rejoinder.adapters.journal import storage_error
from rejoinder.adapters.journal_tail import read_tail
from rejoinder.adapters.tinydb_storage import JournalStorage, Operation
from rejoinder.adapters.tinydb_table import JournalTable
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import (
    decode_message,
    decode_session,
    decode_summary,
    encode_message,
    encode_session,
    encode_summary,
)
from rejoinder.domain.errors import NotFound, StorageCorrupt
from rejoinder.domain.summaries import Summary
from rejoinder.domain.waiting import referred_to

JOURNAL = "messages"

_SHORT_TAIL, _LONG_TAIL = 1 << 16, 1 << 22
"""Bytes of a journal's end that are read first, and at most, before all of it is read."""

_ONLY = 1
_SESSION = "session"
_SUMMARIES = "summaries"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOOL_CALLS = attrgetter("tool_calls")
_UNDECODABLE = (KeyError, TypeError, ValueError)


class SessionFolder:
    """An open session. `faults` holds sentences about what was found damaged."""

    def __init__(self, folder: Path, *, sync: Callable[[int], None]) -> None:
        self._folder = folder
        self._sync = sync
        self._storage = JournalStorage(folder / JOURNAL, sync=sync)
        self.faults = self._storage.faults
        self.damaged = bool(self.faults)
        """Whether something was lost when the journal was opened."""
        self._messages = JournalTable(self._storage, "messages")
        self._state = JournalTable(self._storage, "state")
        self._stored = self._read_session()
        self._decoded: list[Message] | None = None
        self._shown: tuple[Message, ...] = ()

    @property
    def mark(self) -> tuple[str, int]:
        """The journal's."""
        return self._storage.mark

    def session(self, known: Session | None) -> Session | None:
        """The session's own fields, or those that are known if they were lost; after damage they fit the messages."""
        session = self._stored or known
        if session is None or (self._stored and not self.damaged):
            return session
        present = [message.message_id for message in self.messages()]
        head = session.head if session.head in present else (present[-1] if present else None)
        return attrs.evolve(session, message_count=len(present), head=head)

    def messages(self) -> tuple[Message, ...]:
        """All messages in the order in which they were stored."""
        decoded = self._all()
        if len(self._shown) != len(decoded):
            self._shown = tuple(decoded)
        return self._shown

    def append(self, session: Session, messages: Sequence[Message], *, summaries: Sequence[Summary] = ()) -> None:
        """Add messages and replace the session's fields, in one durable line."""
        decoded = self._all()
        operations = self._messages.own_additions(map(encode_message, messages))
        operations += map(_summary_put, summaries)
        operations += self._changes(session)
        # what came with a call of a tool, or from a client, is someone else's and may be no JSON at all
        own = not session.metadata and not any(map(_TOOL_CALLS, messages))
        self._storage.commit(operations, own=own)
        decoded.extend(messages)
        self._stored = session

    def put(self, session: Session) -> None:
        """Replace the session's fields, durably."""
        self._storage.commit(self._changes(session))
        self._stored = session

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """Put these messages in the place of all; nothing of the others is left in the folder."""
        self._decoded, self._shown = None, ()
        additions = self._messages.additions(map(encode_message, messages))
        operations = [["clear", self._messages.name], *additions, *self._changes(session), ["drop", _SUMMARIES]]
        self._storage.commit(operations, forget=True)
        self._decoded, self._stored = list(messages), session
        self._keep_attachments(referred_to(session, messages))

    def summaries(self) -> list[Summary]:
        """The summaries of its messages; one that makes no sense is left out, since it can be made again."""
        found = []
        for row in self._storage.rows(_SUMMARIES).values():
            with contextlib.suppress(*_UNDECODABLE):
                found.append(decode_summary(row))
        return found

    def put_summary(self, session: Session, summary: Summary) -> None:
        """Add a summary and replace the session's fields, durably."""
        self._storage.commit([_summary_put(summary), *self._changes(session)])
        self._stored = session

    def state(self) -> dict[str, Any]:
        """The session's own JSON values."""
        document = self._state.get(doc_id=_ONLY)
        return document["values"] if isinstance(document, Document) else {}

    def put_state(self, session: Session, state: Mapping[str, Any]) -> None:
        """Replace the session's own JSON values, and its fields: a draft may be in the registry alone until now."""
        document = {"userId": session.user_id, "values": dict(state)}
        self._storage.commit([["put", self._state.name, str(_ONLY), document], *self._changes(session)])
        self._stored = session

    def attach(self, data: bytes) -> str:
        """Keep binary content by its SHA-256, which is the answer."""
        digest = hashlib.sha256(data).hexdigest()
        target = self._attachment(digest)
        draft = target.with_name(digest + ".new")
        try:
            if target.exists():
                return digest
            platform.make_private_folder(target.parent)
            with os.fdopen(platform.open_private(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
                file.write(data)
                file.flush()
                self._sync(file.fileno())
            draft.replace(target)
            platform.sync_folder(target.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise storage_error(error, target) from error
        return digest

    def attachment(self, digest: str) -> bytes:
        """Binary content by its SHA-256. Raises NotFound, or StorageCorrupt when it is not what was stored."""
        target = self._attachment(digest)
        try:
            data = target.read_bytes() if _DIGEST.fullmatch(digest) else None
        except FileNotFoundError:
            data = None
        except OSError as error:
            raise storage_error(error, target) from error
        if data is None:
            raise NotFound("attachment", digest, hint="Attach the file again.")
        if hashlib.sha256(data).hexdigest() != digest:
            raise StorageCorrupt(
                f"The attachment {digest!r} is damaged.", path=str(target), backup=None, hint="Attach the file again."
            )
        return data

    def close(self) -> None:
        """Let go of the files."""
        self._storage.close()

    def _attachment(self, digest: str) -> Path:
        return self._folder / "attachments" / digest

    def _read_session(self) -> Session | None:
        try:
            return decode_session(self._storage.rows(_SESSION)[str(_ONLY)])
        except _UNDECODABLE:
            return None

    def _all(self) -> list[Message]:
        if self._decoded is None:
            self._decoded = [message for row in self._storage.rows("messages").values() for message in self._read(row)]
        return self._decoded

    def _read(self, row: Mapping[str, Any]) -> Iterator[Message]:
        """The message of a row; nothing when the row makes no sense, which is told of."""
        try:
            yield decode_message(row)
        except _UNDECODABLE:
            self.faults.append(f"A message in {self._storage.file} could not be understood and is not shown.")

    def _changes(self, session: Session) -> list[Operation]:
        """What stores those of the session's fields that are not stored like this already."""
        fields = encode_session(session, since=self._stored)
        return [["set", _SESSION, str(_ONLY), fields]] if fields else []

    def _keep_attachments(self, wanted: set[str]) -> None:
        folder = self._folder / "attachments"
        try:
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.name not in wanted:
                    path.unlink()
        except OSError as error:
            raise storage_error(error, folder) from error


def folder_size(folder: Path) -> int:
    """The bytes of all files in a session's folder."""
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise storage_error(error, folder) from error


def _summary_put(summary: Summary) -> Operation:
    return ["put", _SUMMARIES, summary.through, encode_summary(summary)]


def latest_messages(journal: Path, size: int, count: int) -> list[Message] | None:
    """At least `count` messages from the end of a session's journal of `size` bytes, in the order of their storing.

    None when that end does not tell: it is damaged, or has something else in it than added messages.
    """
    length = _SHORT_TAIL
    try:
        while length <= _LONG_TAIL:
            records = read_tail(journal, length=length, size=size)
            if records is None:
                return None
            operations = [operation for operation in chain.from_iterable(records) if operation[1] == "messages"]
            if any(operation[0] != "put" for operation in operations):
                return None
            if len(operations) >= count:
                return [decode_message(operation[3]) for operation in operations]
            length *= 4
    except (OSError, LookupError, *_UNDECODABLE):
        # reading all of it says what is wrong, and goes on
        return None
    return None
