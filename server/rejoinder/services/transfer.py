"""Sessions as a file's content and back: JSON without loss, Markdown for people, and what other programs write."""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import orjson

from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.documents import digests
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.foreign_formats import ForeignSession, read_sessions
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.file_ports import ForeignFiles
from rejoinder.services.parcels import Parcel, adopted, decoded, encoded, is_ours, unreadable
from rejoinder.services.sessions import Sessions


@attrs.frozen
class ImportReport:
    """What came in, or would; `skipped` sessions were there already."""

    sessions: int
    messages: int
    skipped: int


class Transfer:
    """Export and import."""

    def __init__(self, conversations: Conversations, sessions: Sessions, files: ForeignFiles) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._files = files
        self._readers: dict[str, Callable[[Project, str], list[Parcel]]] = {
            "json": self._from_text,
            "toon": self._from_text,
            "agno": self._from_text,
            "sqlite": self._from_database,
        }

    async def export_json(self, project_id: str, session_ids: Sequence[str] | None) -> str:
        """Sessions with everything that belongs to them; all of the project's when none is named."""
        parcels = [await self._parcel(session) for session in await self._chosen(project_id, session_ids)]
        return await asyncio.to_thread(lambda: orjson.dumps(encoded(parcels), option=orjson.OPT_INDENT_2).decode())

    async def export_markdown(self, project_id: str, session_ids: Sequence[str] | None) -> str:
        """The active paths for people to read."""
        texts = []
        for session in await self._chosen(project_id, session_ids):
            path = (await self._stored(session)).path(session.head)
            turns = [f"## {message.role.capitalize()}\n\n{message.content}" for message in path]
            texts.append("\n\n".join([f"# {session.name}", *turns]))
        return "\n\n".join(texts) + "\n"

    async def import_(
        self, project: Project, content: str, *, format: str = "json", dry_run: bool = False
    ) -> ImportReport:
        """Bring sessions in. One whose ID is taken is left as it is and counted as skipped.

        Everything is read before anything is stored: a file that is not whole changes nothing. Raises InvalidInput
        that says what is wrong with it.
        """
        if (read := self._readers.get(format)) is None:
            known = ", ".join(f"`{name}`" for name in self._readers)
            raise InvalidInput(f"format: {format[:40]!r} is not known.", hint=f"Use one of {known}.", key="format")
        # a large file takes seconds
        parcels = await asyncio.to_thread(read, project, content)
        trashed = await self._conversations.io(self._conversations.store.trashed, project.project_id)
        taken = {session.session_id for session in [*await self._sessions.all(project.project_id), *trashed]}
        new = []
        for parcel in parcels:
            if parcel.session.session_id not in taken:
                taken.add(parcel.session.session_id)
                new.append(parcel)
        if not dry_run:
            for parcel in new:
                await self.store(parcel)
        return ImportReport(len(new), sum(len(parcel.messages) for parcel in new), len(parcels) - len(new))

    async def store(self, parcel: Parcel) -> None:
        """Store a session that is not there with everything that belongs to it."""
        session, store = parcel.session, self._conversations.store
        await self._conversations.create(session, parcel.messages, summaries=parcel.summaries)
        for content in parcel.attachments.values():
            await self._conversations.io(store.attach, session.project_id, session.session_id, content)
        if parcel.state:
            await self._conversations.io(store.put_state, session.project_id, session.session_id, parcel.state)

    async def _chosen(self, project_id: str, session_ids: Sequence[str] | None) -> list[Session]:
        if session_ids is None:
            return await self._sessions.all(project_id)
        return [await self._sessions.get(project_id, session_id) for session_id in session_ids]

    async def _parcel(self, session: Session) -> Parcel:
        io, store = self._conversations.io, self._conversations.store
        key = (session.project_id, session.session_id)
        messages = (await self._stored(session)).all()
        attachments = {digest: await io(store.attachment, *key, digest) for digest in sorted(digests(messages))}
        return Parcel(
            session=session,
            messages=messages,
            state=await io(store.state, *key),
            summaries=await io(store.summaries, *key),
            attachments=attachments,
        )

    async def _stored(self, session: Session) -> MessageTree:
        """The messages as they are on disk, where secrets are masked; those in memory may hold them still."""
        messages = await self._conversations.io(
            self._conversations.store.messages, session.project_id, session.session_id
        )
        return MessageTree(messages)

    def _from_text(self, project: Project, content: str) -> list[Parcel]:
        value = self._value(content)
        return decoded(value, project) if is_ours(value) else self._adopted(project, lambda: read_sessions(value))

    def _from_database(self, project: Project, content: str) -> list[Parcel]:
        try:
            data = b64decode(content, validate=True)
        except (NotBase64, ValueError):
            raise unreadable("it is no base64") from None
        return self._adopted(project, lambda: self._files.database(data))

    def _adopted(self, project: Project, read: Callable[[], list[ForeignSession]]) -> list[Parcel]:
        try:
            return [adopted(foreign, project, self._conversations.world) for foreign in read()]
        except ValueError as exc:
            raise unreadable(str(exc)[:400]) from None

    def _value(self, content: str) -> Any:
        """The JSON value of a text, which may be written in TOON."""
        try:
            return orjson.loads(content)
        except ValueError as exc:
            if content.lstrip()[:1] not in ("{", "[", '"', ""):
                try:
                    return self._files.toon(content)
                except ValueError as no_toon:
                    raise unreadable(f"it is no JSON, and {no_toon}"[:400]) from None
            raise unreadable(f"it is no JSON ({exc})"[:400]) from None
