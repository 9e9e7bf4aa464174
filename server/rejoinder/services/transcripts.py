"""Sessions as Markdown files for editors that draw no answers themselves."""

import asyncio
import hashlib
from pathlib import Path
from typing import Protocol

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import NotFound
from rejoinder.domain.transcript import transcript, unsent, with_typed
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.projects import Projects
from rejoinder.services.sessions import Sessions


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


class Transcripts:
    """Writes them, and finds the session of one again."""

    def __init__(self, sessions: Sessions, projects: Projects, files: TranscriptFiles, choke_point: ChokePoint) -> None:
        self._sessions = sessions
        self._projects = projects
        self._files = files
        self._choke_point = choke_point
        self._known: dict[str, TranscriptAddress] = {}
        self._open: dict[Path, dict[OpenTranscript, None]] = {}

    def opened(self, path: Path, one: OpenTranscript) -> None:
        """An editor has a transcript open."""
        self._open.setdefault(path, {})[one] = None

    def closed(self, path: Path, one: OpenTranscript) -> None:
        """An editor has closed it."""
        self._open.get(path, {}).pop(one, None)

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
        """Whose transcript a file is. Raises NotFound."""
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
        return self._known[name]

    async def messages_of(self, address: TranscriptAddress) -> list[Message]:
        """What a transcript shows. Raises SessionNotFound."""
        return await self._messages(await self._sessions.get(address.project.project_id, address.session_id))

    async def _messages(self, session: Session) -> list[Message]:
        return [message for message in await self._sessions.path(session) if message.role != "tool"]

    async def show(self, address: TranscriptAddress, *, typed: str = "") -> Path:
        """Have a session's file show it; its path. `typed` is put below the last heading, behind what is there.

        One that an editor has open is kept up by whoever serves that editor.
        """
        path = self.path(address.project, address.session_id)
        if (open_ones := list(self._open.get(path, ()))) and typed:
            open_ones[0].type_in(typed)
        elif not open_ones:
            await self._write(path, address, typed)
        return path

    async def _write(self, path: Path, address: TranscriptAddress, typed: str) -> None:
        project_id = address.project.project_id
        session = await self._sessions.get(project_id, address.session_id)
        messages = await self._messages(session)
        redactor = self._choke_point.redactor(project_id, session.session_id, (one.content for one in messages))

        def write() -> None:
            before = self._files.read(path)
            own = unsent(before) if before is not None else session.draft or ""
            text = transcript(messages, folder=folder_uri(address.project)) + with_typed(own, typed)
            if (masked := redactor.mask(text)) != before:
                self._files.write(path, masked)

        await asyncio.to_thread(write)


def folder_uri(project: Project) -> str | None:
    """The folder that a project's paths are shown within."""
    return Path(project.paths[0]).as_uri() if project.paths else None


def name_of(project_id: str, session_id: str) -> str:
    """What the file of a session is called: nothing that a client sent."""
    return hashlib.sha256(f"{project_id}\0{session_id}".encode()).hexdigest()[:16]
