"""Sessions as a file's content and back: JSON without loss, Markdown for people, and what other programs write."""

import asyncio
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import orjson

from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.domain.foreign import ForeignSession, Place
from rejoinder.domain.foreign_formats import read_sessions
from rejoinder.domain.session_markdown import is_markdown, read_markdown, session_markdown
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.file_ports import ForeignFiles
from rejoinder.services.import_places import ImportPlaces
from rejoinder.services.importing import Importing, ImportReport, OnProgress
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.parcel_storing import stored
from rejoinder.services.parcels import Parcel, decoded, encoded, is_ours, unreadable
from rejoinder.services.pictures import attached
from rejoinder.services.projects import Projects
from rejoinder.services.sessions import Sessions
from rejoinder.services.trashed_ids import TrashedIds

Found = Sequence[Parcel] | Sequence[ForeignSession]
OURS = "rejoinder"
PATH_FORMATS = (
    *(OURS, "json", "agno", "sqlite", "session-object", "praison", "continue", "codecompanion", "eca", "aider", "llm"),
    "markdown",
)


class Transfer:
    """Export and import."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        projects: Projects,
        memories: Memories,
        knowledge: Knowledge,
        files: ForeignFiles,
        trashed_ids: TrashedIds,
    ) -> None:
        self._projects = projects
        self._memories = memories
        self._knowledge = knowledge
        self._conversations = conversations
        self._sessions = sessions
        self._files = files
        self._trashed_ids = trashed_ids
        self._readers: dict[str, Callable[[Project, str], Found]] = {
            "json": self._from_text,
            "markdown": lambda project, content: _foreign(lambda: read_markdown(content)),
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
            texts.append(session_markdown(session.name, path))
        return "\n\n".join(texts) + "\n"

    async def import_(
        self, project: Project, content: str, *, format: str | None = None, dry_run: bool = False
    ) -> ImportReport:
        """Bring in a file's content. A session of ours whose ID is taken is left as it is and counted as skipped.

        A file of ours that is not whole changes nothing, and neither does one in which nothing is as it should be.
        Raises InvalidInput that says what is wrong with it.
        """
        kind = format or ("markdown" if await asyncio.to_thread(is_markdown, content) else "json")
        read = self._readers.get(kind)
        if read is None:
            raise _unknown(format, self._readers)
        # a large file takes seconds
        found = await asyncio.to_thread(read, project, content)
        importing = self._importing(project, dry_run=dry_run, detected=format)
        await importing.found(found, kind)
        return importing.report

    async def import_path(
        self,
        project: Project,
        path: str,
        *,
        format: str | None = None,
        dry_run: bool = False,
        own_projects: bool = False,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Bring in what lies at an absolute path. What cannot be read is named in the report, and the rest comes in.

        `own_projects`: a conversation that belonged to another folder comes into the project of that one.
        Raises InvalidInput, and NotFound when there is nothing.
        """
        if format not in (None, *PATH_FORMATS):
            raise _unknown(format, PATH_FORMATS)
        place = await asyncio.to_thread(_there, path)
        kinds = [format] if format else await self._recognised(place)
        if OURS in kinds:
            content = await asyncio.to_thread(_text, place)
            report = await self.import_(project, content, dry_run=dry_run)
            return attrs.evolve(report, detected=OURS)
        places = ImportPlaces(self._projects, project, dry_run=dry_run) if own_projects else None
        importing = self._importing(project, dry_run=dry_run, detected=", ".join(kinds), places=places)
        try:
            for kind in kinds:
                await importing.foreign(self._files.sessions(place, kind), kind, on_progress)
        except OSError as exc:
            raise _unreadable_path(place, f"it cannot be read ({exc.strerror})") from None
        return _anything(importing.report, place)

    def _importing(
        self, project: Project, *, dry_run: bool, detected: str | None, places: ImportPlaces | None = None
    ) -> Importing:
        return Importing(
            self._conversations,
            project,
            dry_run=dry_run,
            remember=self._memories.keep_all,
            learn=self._knowledge.keep_all,
            free=self._trashed_ids.free,
            detected=detected,
            places=places,
        )

    async def _recognised(self, path: Path) -> Sequence[str]:
        try:
            return await asyncio.to_thread(self._files.recognised, path)
        except ValueError as exc:
            raise _unreadable_path(path, str(exc)) from None
        except OSError as exc:
            raise _unreadable_path(path, f"it cannot be read ({exc.strerror})") from None

    async def places(self, folder: Path | None) -> list[Place]:
        """Where other programs keep sessions on this machine and in a project's folder."""
        return await asyncio.to_thread(self._files.places, folder)

    async def store(self, parcel: Parcel) -> bool:
        """Store a session with its attachments and its state; False when its ID is taken, and nothing was stored."""
        return await stored(self._conversations, parcel)

    async def _chosen(self, project_id: str, session_ids: Sequence[str] | None) -> list[Session]:
        if session_ids is None:
            return await self._sessions.all(project_id)
        return [await self._sessions.get(project_id, session_id) for session_id in dict.fromkeys(session_ids)]

    async def _parcel(self, session: Session) -> Parcel:
        io, store = self._conversations.io, self._conversations.store
        key = (session.project_id, session.session_id)
        messages = (await self._stored(session)).all()
        return Parcel(
            session=session,
            messages=messages,
            state=await io(store.state, *key),
            summaries=await io(store.summaries, *key),
            attachments=await io(attached, store, session, messages),
            memories=await self._memories.of_session(*key),
            knowledge=await self._knowledge.of_session(*key),
        )

    async def _stored(self, session: Session) -> MessageTree:
        """The messages as they are on disk, where secrets are masked; those in memory may hold them still."""
        messages = await self._conversations.io(
            self._conversations.store.messages, session.project_id, session.session_id
        )
        return MessageTree(messages)

    def _from_text(self, project: Project, content: str) -> Found:
        value = self._value(content)
        return decoded(value, project) if is_ours(value) else _foreign(lambda: read_sessions(value))

    def _from_database(self, project: Project, content: str) -> Found:
        try:
            data = b64decode(content, validate=True)
        except (NotBase64, ValueError):
            raise unreadable("it is no base64") from None
        return _foreign(lambda: self._files.database(data))

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


def _foreign(read: Callable[[], list[ForeignSession]]) -> list[ForeignSession]:
    try:
        return read()
    except ValueError as exc:
        raise unreadable(str(exc)[:400]) from None


def _there(path: str) -> Path:
    place = Path(path)
    if not place.is_absolute():
        raise InvalidInput("path: it has to be absolute.", hint="Send the whole path.", key="path")
    if not os.path.exists(place):  # noqa: PTH110 - a name that is too long is not there, and no fault
        raise NotFound("file or folder", path, hint="Name one that is there.")
    return place


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise _unreadable_path(path, str(exc)) from None


def _anything(report: ImportReport, path: Path) -> ImportReport:
    """A report that says of something; InvalidInput when nothing could be read."""
    if report.problems and not report.arrivals:
        problem = report.problems[0]
        raise _unreadable_path(
            path, problem.reason if problem.place == path.name else f"{problem.place}: {problem.reason}"
        )
    return report


def _unknown(format: str | None, known: Iterable[str]) -> InvalidInput:
    listed = ", ".join(f"`{name}`" for name in known)
    return InvalidInput(
        f"format: {str(format)[:40]!r} is not known.", hint=f"Leave it out, or use one of {listed}.", key="format"
    )


def _unreadable_path(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"path: {path.name}: {why[:400]}.", hint="Name a file or folder that holds sessions.", key="path"
    )
