"""Sessions as Markdown files for editors that draw no answers themselves."""

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import NotFound, RejoinderError, SessionNotFound
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.transcript import transcript, unsent, with_typed
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.projects import Projects
from rejoinder.services.sessions import Sessions
from rejoinder.services.unsent_texts import UnsentTexts, Verdict, plain

_log = logging.getLogger(__name__)


class TranscriptFiles(Protocol):
    """Where the files are."""

    def path(self, name: str) -> Path:
        """The file of this name; nothing need be there."""
        ...

    def name_of(self, path: Path) -> str | None:
        """The name of a transcript's file; None for any other file."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Whether this is the folder of transcripts, which is nobody's project."""
        ...

    def read(self, path: Path) -> str | None:
        """What the file holds; None when it is not there."""
        ...

    def write(self, path: Path, text: str) -> None:
        """Write the file whole, for this user alone. Raises StorageError and StorageFull."""
        ...

    def remove(self, path: Path) -> None:
        """Remove the file, if it is there. Raises StorageError."""
        ...


class OpenTranscript(Protocol):
    """One that an editor has open, which is written there and not on disk."""

    def type_in(self, text: str) -> None:
        """Put more below the last heading, behind what is there."""
        ...


@frozen
class TranscriptAddress:
    """A session with the project that it belongs to."""

    project: Project
    session_id: str

    @property
    def key(self) -> tuple[str, str]:
        """The IDs of both."""
        return self.project.project_id, self.session_id


class Transcripts:
    """Writes them, and finds the session of one again."""

    def __init__(self, sessions: Sessions, projects: Projects, files: TranscriptFiles, choke_point: ChokePoint) -> None:
        self._sessions = sessions
        self._projects = projects
        self._files = files
        self._choke_point = choke_point
        self._known: dict[str, TranscriptAddress] = {}
        self._unsent = UnsentTexts()
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()
        self._open: dict[Path, dict[OpenTranscript, None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def opened(self, path: Path, one: OpenTranscript) -> None:
        """An editor has a transcript open."""
        self._open.setdefault(path, {})[one] = None

    def closed(self, path: Path, one: OpenTranscript | None, draft: str | None = None, *, text: str | None) -> None:
        """An editor has closed it. `draft` is kept, and the file shows what is now, or goes with its session.

        `text` is what it held if that was not compared with the draft yet; None: what its file holds was not.
        Nobody waits for that: the editor's connection may be about to end.
        """
        if one is not None:
            self._open.get(path, {}).pop(one, None)
        task = asyncio.get_running_loop().create_task(self._leave(path, draft, text))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Wait for what is still to be written."""
        if self._leaving:
            await asyncio.wait(self._leaving)

    def is_folder(self, path: Path) -> bool:
        """Whether this is the folder of transcripts, which is nobody's project."""
        return self._files.is_folder(path)

    def is_transcript(self, path: Path | None) -> bool:
        """Whether a file is one, by its place and its name."""
        return path is not None and self._files.name_of(path) is not None

    def path(self, project: Project, session_id: str) -> Path:
        """The file of a session."""
        name = name_of(project.project_id, session_id)
        self._known[name] = TranscriptAddress(project, session_id)
        return self._files.path(name)

    async def address(self, path: Path | None) -> TranscriptAddress:
        """Whose transcript a file is. Raises NotFound, also when its session was deleted."""
        name = self._files.name_of(path) if path is not None else None
        if name is not None and name not in self._known:
            for project in await self._projects.all():
                for session in await self._sessions.all(project.project_id):
                    self._known[name_of(project.project_id, session.session_id)] = TranscriptAddress(
                        project, session.session_id
                    )
        if name is None or name not in self._known:
            shown = path.name if path is not None else "This"
            raise NotFound("transcript", shown[:200], hint="Open one by `rejoinder.transcript.open`.")
        found = self._known[name]
        try:
            await self._sessions.get(found.project.project_id, found.session_id)
        except SessionNotFound:
            raise NotFound("session", found.session_id, hint=deleted_hint(found)) from None
        return found

    async def read(self, address: TranscriptAddress) -> tuple[Session, list[Message]]:
        """What a transcript shows. Raises SessionNotFound."""
        session = await self._sessions.get(address.project.project_id, address.session_id)
        return session, [message for message in await self._sessions.path(session) if message.role != "tool"]

    async def keep_draft(self, address: TranscriptAddress, text: str) -> None:
        """What is not sent yet is the session's draft, which any editor goes on with. Raises SessionNotFound."""
        async with self._lock(self.path(address.project, address.session_id)):
            await self._keep_draft(address, text)

    def sent(self, address: TranscriptAddress) -> None:
        """What was not sent yet was sent from a transcript; the same may be typed once more."""
        self._unsent.was_draft(address.key, "")

    async def compared(
        self, address: TranscriptAddress, text: str, asked: Message | None = None
    ) -> tuple[Verdict, str]:
        """What counts of the text that an editor has opened and of the session's draft; and that draft.

        The question that a running turn was `asked` is none. Raises SessionNotFound.
        """
        async with self._lock(self.path(address.project, address.session_id)):
            session, messages = await self.read(address)
            draft = session.draft or ""
            if asked is not None and plain(self._redactor(address, messages).mask(asked.content)) == plain(draft):
                draft = ""
            return await asyncio.to_thread(self._compared, address, text, draft, messages), draft

    async def show(self, address: TranscriptAddress, *, typed: str = "") -> Path:
        """Have a session's file show it; its path. `typed` is put below the last heading, behind the draft.

        One that an editor has open is kept up by whoever serves that editor. Raises SessionNotFound.
        """
        path = self.path(address.project, address.session_id)
        async with self._lock(path):
            if (open_ones := list(self._open.get(path, ()))) and typed:
                open_ones[0].type_in(typed)
            elif not open_ones:
                await self._write(path, address, typed=typed)
        return path

    def _lock(self, path: Path) -> asyncio.Lock:
        """One after another: what a draft is and what a file shows of it stay as they were read until both are told."""
        return self._locks.setdefault(path, asyncio.Lock())

    async def _keep_draft(self, address: TranscriptAddress, text: str) -> None:
        await self._sessions.update(address.project.project_id, address.session_id, {"draft": text})
        self._unsent.was_draft(address.key, text)

    async def _leave(self, path: Path, draft: str | None, text: str | None) -> None:
        try:
            async with self._lock(path):
                address = await self.address(path)
                if draft is not None:
                    await self._keep_draft(address, draft)
                if not self._open.get(path):
                    await self._write(path, address, text)
        except (NotFound, SessionNotFound):
            # an editor may have written it again
            await asyncio.to_thread(self._files.remove, path)
        except RejoinderError as error:
            _log.warning("a transcript that was closed was not written: %s", error.message)

    async def _write(self, path: Path, address: TranscriptAddress, text: str | None = None, *, typed: str = "") -> None:
        """Write the file: `text`, by default what it holds, may have something unsent that is not the draft."""
        held = text
        if held is None:
            held = await asyncio.to_thread(self._files.read, path) or ""

        def write(session: Session, messages: list[Message]) -> None:
            counts = self._compared(address, held, session.draft or "", messages)
            # of two that differ the draft is in the session anyway; who opens the file puts them together
            own = unsent(held) if counts in ("text", "both") else session.draft or ""
            body = transcript(messages, folder=address.project.folder_uri) + with_typed(own, typed)
            if (masked := self._redactor(address, messages).mask(body)) != self._files.read(path):
                self._files.write(path, masked)

        revision = None
        try:
            # what was cleared while it was written must not stay in the file
            while (read := await self.read(address))[0].revision != revision:
                await asyncio.to_thread(write, *read)
                revision = read[0].revision
        except SessionNotFound:
            await asyncio.to_thread(self._files.remove, path)
            raise

    def _compared(self, address: TranscriptAddress, text: str, draft: str, messages: list[Message]) -> Verdict:
        # a draft is stored masked
        masked = self._redactor(address, messages).mask(text)
        counts = self._unsent.verdict(address.key, masked, draft, messages, folder=address.project.folder_uri)
        if counts in ("same", "draft") and draft:
            self._unsent.was_draft(address.key, draft)
        return counts

    def _redactor(self, address: TranscriptAddress, messages: list[Message]) -> Redactor:
        return self._choke_point.redactor(*address.key, (one.content for one in messages))


def deleted_hint(address: TranscriptAddress) -> str:
    """What can be done about a session that was deleted."""
    return f"It was deleted. `rejoinder session restore {address.session_id}` brings it back from the trash."


def name_of(project_id: str, session_id: str) -> str:
    """What the file of a session is called: nothing that a client sent."""
    return hashlib.sha256(f"{project_id}\0{session_id}".encode()).hexdigest()[:16]
