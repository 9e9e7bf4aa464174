"""What was said, as a source of what can be recalled: a group for each session, passages for each message."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence

from rejoinder.domain.conversation import Message, Place, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.file_uris import same_file
from rejoinder.domain.memory import NO_MODEL as REMEMBERED
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.recall import Growth, Recallable, RecallKind
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread

LONGEST_PASSAGE = 2000
"""Characters; a longer message is cut at line ends."""


class RecalledMessages:
    """The messages of all sessions that are not in the trash."""

    kind: RecallKind = "message"

    def __init__(self, store: HistoryStore, io: StoreThread) -> None:
        self._store = store
        self._io = io

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port says; opens no message file."""
        sessions = await self._io(self._store.sessions, project_id)
        return {session.session_id: _version(session) for session in sessions if session.message_count}

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port says."""
        return (await self.growth(project_id, group, "")).passages

    async def growth(self, project_id: str, group: str, mark: str) -> Growth:
        """As the port says. A mark is the number of messages, the last one's ID, and a digest of the session's file."""
        messages, file = await self._io(self._read, project_id, group)
        # the store's thread has turns to serve
        return await asyncio.to_thread(_growth, group, messages, file, mark)

    def _read(self, project_id: str, group: str) -> tuple[Sequence[Message], str | None]:
        """A session's messages and its file."""
        try:
            uri = self._store.session(project_id, group).uri
            return self._store.messages(project_id, group), None if uri is None else same_file(uri)
        except SessionNotFound:
            return (), None


def _growth(group: str, messages: Sequence[Message], file: str | None, mark: str) -> Growth:
    count, _, end = mark.partition(" ")
    known = int(count or 0)
    # what is stored stays in its order, so one look at the former end is enough
    grown = 0 < known <= len(messages) and end == _end(messages[known - 1], file)
    new = messages[known:] if grown else messages
    entered = {message.turn_id for message in new if message.model == REMEMBERED}
    said = [message for message in new if _is_worth_finding(message) and message.turn_id not in entered]
    asked = {message.message_id: message for message in (*_parents(said, messages[:known]), *new)}
    passages = [each for message in said for each in _passages(group, message, _files(message, asked, file))]
    end = f"{len(messages)} {_end(messages[-1], file)}" if messages else ""
    return Growth(passages, end, whole=not grown)


def _version(session: Session) -> str:
    return f"{session.created_at.isoformat()} {session.message_count} {session.head}{_digest(session.uri)}"


def _end(last: Message, file: str | None) -> str:
    return f"{last.message_id}{_digest(file)}"


def _digest(file: str | None) -> str:
    """What tells files apart; nothing for the many sessions that have none."""
    return "" if file is None else f" {hashlib.sha256(file.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _parents(said: Sequence[Message], before: Sequence[Message]) -> Iterator[Message]:
    """What of earlier messages was answered anew."""
    wanted = {message.parent_id for message in said if message.role == "assistant"} - {
        message.message_id for message in said
    }
    return (message for message in before if message.message_id in wanted) if wanted else iter(())


def _files(message: Message, asked: Mapping[str, Message], file: str | None) -> tuple[str, ...]:
    """The files that a message is about: what it names, what the question names that it answers, its session's."""
    question = asked.get(message.parent_id or "") if message.role == "assistant" else None
    named = (*_named(message), *(_named(question) if question else ()), *((file,) if file else ()))
    return tuple(dict.fromkeys(named))


def _named(message: Message) -> Iterator[str]:
    """The files that a message brings along or refers to."""
    for uri in (*(each.uri for each in message.attachments), *(each.uri for each in message.citations)):
        if uri.startswith("file:"):
            yield same_file(uri)


def _is_worth_finding(message: Message) -> bool:
    """Whether somebody said something: an answer without a model only repeats what is found anyway.

    So does a turn that put something into the memory.
    """
    return message.role in ("user", "assistant") and bool(message.content.strip()) and message.model != EXTRACTIVE


def _passages(session_id: str, message: Message, files: tuple[str, ...]) -> Iterator[Recallable]:
    for part, (line, text) in enumerate(_cut(message.content)):
        yield Recallable(
            passage_id=f"{message.message_id}/{part}",
            text=text,
            uri=f"rejoinder:/session/{session_id}#{message.message_id}",
            place=Place(line, 0, line + text.count("\n") + 1, 0),
            created_at=message.created_at,
            user_id=message.user_id,
            session_id=session_id,
            message_id=message.message_id,
            role=message.role,
            model=message.model,
            scope=message.role,
            files=files,
        )


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of a text with the numbers of their first lines, cut where lines end if they do."""
    line = 0
    while len(text) > LONGEST_PASSAGE:
        end = text.rfind("\n", LONGEST_PASSAGE // 2, LONGEST_PASSAGE) + 1 or LONGEST_PASSAGE
        yield line, text[:end]
        line += text.count("\n", 0, end)
        text = text[end:]
    if text.strip():
        yield line, text
