"""Sessions that come in, of this program or of another: new ones whole, of those that came before what is new."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.foreign import ForeignSession, Skipped
from rejoinder.domain.knowledge import Document
from rejoinder.domain.memory import Memory
from rejoinder.services.adopting import Origin, adopted
from rejoinder.services.conversations import Conversations
from rejoinder.services.import_places import ImportPlaces
from rejoinder.services.parcel_storing import stored
from rejoinder.services.parcels import Parcel

Outcome = Literal["new", "grown", "known", "kept"]
OnProgress = Callable[[str, int, int], None]
"""Told what came last, how many sessions have come, and of how many; 0: that is not known."""

Remember = Callable[[str, Sequence[Memory]], Awaitable[None]]
"""Keeps what came with a session in a project's memory."""
Learn = Callable[[str, Sequence[Document]], Awaitable[None]]
"""The same of its knowledge."""
Free = Callable[[str, str], Awaitable[object]]
"""Has a session in a project's trash leave its ID to another one."""

_NOWHERE = Origin("", "", None, None)
_TRASHED = "it is in the trash"
_NAMED = 1000
"""Sessions, and parts that could not be read, that a report names."""


@frozen(kw_only=True)
class Arrival:
    """What became of one session; `new` of its messages were not here, and so many of its memories."""

    session_id: str
    name: str
    outcome: Outcome
    messages: int
    new: int
    memories: int = 0
    created_at: datetime
    updated_at: datetime
    reason: str | None = None
    folder: str | None = None
    """That of the project it comes into, if that is not the current one."""


@attrs.define
class ImportReport:
    """What came in, or would; `skipped` sessions were there already."""

    sessions: int = 0
    messages: int = 0
    skipped: int = 0
    detected: str | None = attrs.field(default=None, eq=False)
    arrivals: list[Arrival] = attrs.field(factory=list, eq=False)
    problems: list[Skipped] = attrs.field(factory=list, eq=False)

    def add(self, arrival: Arrival) -> None:
        """One more session."""
        came = arrival.outcome in ("new", "grown")
        self.sessions += came
        self.skipped += not came
        self.messages += arrival.new
        if len(self.arrivals) < _NAMED:
            self.arrivals.append(arrival)

    def failed(self, problems: Sequence[Skipped]) -> None:
        """Some more that could not be read."""
        self.problems.extend(problems[: _NAMED - len(self.problems)])


class Importing:
    """One import into a project. With `dry_run` nothing is stored, and the report says what would be.

    With `places` a new session of another program comes into the project of the folder that it belonged to.
    """

    def __init__(
        self,
        conversations: Conversations,
        project: Project,
        *,
        dry_run: bool,
        remember: Remember,
        learn: Learn,
        free: Free,
        detected: str | None = None,
        places: ImportPlaces | None = None,
    ) -> None:
        self._conversations = conversations
        self._project = project
        self._dry_run = dry_run
        self._remember = remember
        self._learn = learn
        self._free = free
        self._places = places
        self._folders: dict[str, str | None] = {project.project_id: None}
        """What is told of the folders of the projects that something comes into."""
        self._trashed: dict[str, set[str]] = {}
        """The sessions in each project's trash."""
        self._planned: dict[tuple[str, str], set[str]] = {}
        """The messages that a dry run would have stored, by project and session."""
        self.report = ImportReport(detected=detected)

    async def foreign(
        self, items: Iterator[ForeignSession | Skipped], origin: str, on_progress: OnProgress | None = None
    ) -> None:
        """Bring in what another program keeps. When it is cancelled, what came in stays, and comes no second time."""
        async with contextlib.aclosing(_one_by_one(items)) as pulled:
            async for item in pulled:
                if isinstance(item, Skipped):
                    self.report.failed([item])
                    continue
                await self._adopt(item, origin)
                if on_progress is not None:
                    on_progress(item.name or "a session", self.report.sessions + self.report.skipped, 0)

    async def found(self, found: Sequence[Parcel] | Sequence[ForeignSession], origin: str) -> None:
        """Bring in what was read as a whole."""
        for item in found:
            if isinstance(item, Parcel):
                await self.take(item)
            else:
                await self._adopt(item, origin)

    async def take(self, parcel: Parcel, *, adopted: bool = False) -> None:
        """Bring one session in, if it is new or has grown. One that was adopted stays in the trash if it is there."""
        session = parcel.session
        key = (session.project_id, session.session_id)
        try:
            latest = session if key in self._planned else await self._conversations.session(*key)
        except SessionNotFound:
            await self._take_new(parcel, adopted=adopted)
        else:
            await self._take_more(parcel, latest)

    async def _adopt(self, item: ForeignSession, origin: str) -> None:
        self.report.failed(item.skipped)
        world = self._conversations.world
        parcel = await asyncio.to_thread(adopted, item, self._project, world, origin=origin)
        await self.take(await self._placed(parcel, item.folder), adopted=True)

    async def _placed(self, parcel: Parcel, folder: str | None) -> Parcel:
        """The parcel in the project that it belongs to; one that came into the current one before stays there."""
        if self._places is None or (project := await self._places.of(folder)).project_id == self._project.project_id:
            return parcel
        here = await self._conversations.io(self._conversations.store.sessions, self._project.project_id)
        if any(one.session_id == parcel.session.session_id for one in here):
            return parcel
        self._folders[project.project_id] = project.paths[0] if project.paths else None
        return attrs.evolve(parcel, session=attrs.evolve(parcel.session, project_id=project.project_id))

    async def _take_new(self, parcel: Parcel, *, adopted: bool) -> None:
        session = parcel.session
        project_id, session_id = session.project_id, session.session_id
        if project_id not in self._trashed:
            trashed = await self._conversations.io(self._conversations.store.trashed, project_id)
            self._trashed[project_id] = {one.session_id for one in trashed}
        is_trashed = session_id in self._trashed[project_id]
        if is_trashed and adopted:
            self._tell(parcel, "kept", 0, _TRASHED)
            return
        if self._dry_run:
            self._planned[project_id, session_id] = {message.message_id for message in parcel.messages}
        elif not await self._conversations.unbroken(self._bring_in(parcel, free=is_trashed)):
            await self._take_late(parcel)
            return
        self._tell(parcel, "new", len(parcel.messages), memories=len(parcel.memories))

    async def _bring_in(self, parcel: Parcel, *, free: bool) -> bool:
        """Store a session with everything that belongs to it; False when it is here by now."""
        project_id = parcel.session.project_id
        if free:
            await self._free(project_id, parcel.session.session_id)
        if not await stored(self._conversations, parcel):
            return False
        await self._remember(project_id, parcel.memories)
        await self._learn(project_id, parcel.knowledge)
        return True

    async def _take_late(self, parcel: Parcel) -> None:
        """Bring in what is new of a session that somebody else has brought in meanwhile."""
        try:
            latest = await self._conversations.session(parcel.session.project_id, parcel.session.session_id)
        except SessionNotFound:
            self._tell(parcel, "kept", 0, _TRASHED)
        else:
            await self._take_more(parcel, latest)

    async def _take_more(self, parcel: Parcel, latest: Session) -> None:
        """Bring in what is new of a session that is here, if it has the same origin."""
        session = parcel.session
        key = (session.project_id, session.session_id)
        reason = await self._reason_to_keep(latest, session)
        if reason is not None:
            self._tell(parcel, "kept", 0, reason)
            return
        known = self._planned[key] if key in self._planned else await self._conversations.tree(*key)
        new = [message for message in parcel.messages if message.message_id not in known]
        since = (Origin.of(latest) or _NOWHERE).remembered
        memories = [one for one in parcel.memories if since is None or one.created_at > since]
        if self._dry_run:
            self._planned[key] = {message.message_id for message in parcel.messages}
        elif new or memories:
            new = await self._conversations.unbroken(self._grow(parcel, new, memories))
        self._tell(parcel, "grown" if new or memories else "known", len(new), memories=len(memories))

    async def _reason_to_keep(self, latest: Session, session: Session) -> str | None:
        """Why a session that is here is left as it is."""
        mine, its = Origin.of(session), Origin.of(latest)
        if mine is None or its is None or (mine.format, mine.key) != (its.format, its.key):
            return "a session with this ID is here already"
        if latest is session or its.end is None:
            return None
        tree = await self._conversations.tree(latest.project_id, latest.session_id)
        return None if its.end in tree else "its messages were removed here"

    async def _grow(self, parcel: Parcel, new: Sequence[Message], memories: Sequence[Memory]) -> list[Message]:
        """Add what is new, and answer it. The session ends with it unless somebody has gone on here meanwhile."""
        session, conversations = parcel.session, self._conversations
        key = (session.project_id, session.session_id)
        for content in parcel.attachments.values():
            await conversations.io(conversations.store.attach, *key, content)
        known = await conversations.tree(*key)
        added: list[Message] = []

        def adding(_: Session) -> Sequence[Message]:
            # looked at once more: another import may have brought some of it meanwhile
            added.extend(message for message in new if message.message_id not in known)
            return added

        def step(latest: Session) -> Session:
            its = Origin.of(latest)
            metadata = {**latest.metadata, **session.metadata}
            if its is None or latest.head != its.end:
                return attrs.evolve(latest, metadata=metadata)
            return attrs.evolve(latest, metadata=metadata, head=session.head, message_count=len(parcel.messages))

        await conversations.change(*key, step, adding=adding, kind="message")
        await self._remember(session.project_id, memories)
        return added

    def _tell(
        self, parcel: Parcel, outcome: Outcome, new: int, reason: str | None = None, *, memories: int = 0
    ) -> None:
        session = parcel.session
        self.report.add(
            Arrival(
                session_id=session.session_id,
                name=session.name,
                outcome=outcome,
                messages=len(parcel.messages),
                new=new,
                memories=memories,
                created_at=session.created_at,
                updated_at=session.updated_at,
                reason=reason,
                folder=self._folders[session.project_id],
            )
        )


async def _one_by_one(items: Iterator[ForeignSession | Skipped]) -> AsyncGenerator[ForeignSession | Skipped, None]:
    """What an iterator that reads files gives, read in threads, and never by two at once."""
    try:
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(next, items, None))
            try:
                item = await asyncio.shield(reading)
            except asyncio.CancelledError:
                # the thread cannot be stopped, and the files must not be closed under it
                with contextlib.suppress(Exception):
                    await reading
                raise
            if item is None:
                return
            yield item
    finally:
        if (close := getattr(items, "close", None)) is not None:
            await asyncio.to_thread(close)
