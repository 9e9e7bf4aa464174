"""Everything that is kept written to one file while the engine runs, and such a file brought in, session by session."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import InvalidInput, SessionBusy
from rejoinder.domain.homes import Home, home_of
from rejoinder.services.conversations import Conversations
from rejoinder.services.file_ports import Archives
from rejoinder.services.history import History
from rejoinder.services.parcels import Parcel
from rejoinder.services.pictures import attached
from rejoinder.services.projects import Projects
from rejoinder.services.replacing import AsItIs
from rejoinder.services.restoring_records import RecordPlan, bring_in, plan_records
from rejoinder.services.running import RunningTurns
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.transfer import Transfer


@frozen
class Backup:
    """An archive that was written; `bytes` is its own size."""

    path: Path
    projects: int
    sessions: int
    bytes: int


@frozen
class Restored:
    """What came in. `skipped` were here, or were used while `kept` was written.

    `kept` is an archive of what there was before something was replaced.
    """

    projects: int
    sessions: int
    replaced: int
    skipped: int
    kept: Path | None


@frozen
class _Plan:
    """The sessions of an archive by what has to be done with them."""

    new: Sequence[Session]
    differing: Sequence[Session]
    same: int
    records: Sequence[RecordPlan]


class Backups:
    """Writes and restores archives."""

    def __init__(
        self,
        conversations: Conversations,
        projects: Projects,
        history: History,
        transfer: Transfer,
        running: RunningTurns,
        archives: Archives,
        *,
        records_changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`records_changed` is told of each project whose own records came in."""
        self._conversations = conversations
        self._projects = projects
        self._history = history
        self._transfer = transfer
        self._running = running
        self._archives = archives
        self._records_changed = records_changed

    async def create(self, path: str) -> Backup:
        """Write all projects and sessions, those in the trash among them, to a file that is not there yet.

        Sessions go on meanwhile; what they store from now on is not in it.
        """
        return await self._write(await asyncio.to_thread(_free, path))

    async def restore(self, path: str, *, replace: bool | None = None) -> Restored:
        """Bring in an archive's sessions with their projects.

        Sessions that are here and differ: replaced if `replace` is true, left alone if it is false, and refused as a
        whole by InvalidInput if it is None. A project's records come in beside those that are here; one that differs is
        replaced only if `replace` is true. What is replaced is written to an archive of its own before; a session that
        is used meanwhile is left alone, too.
        """
        source = await asyncio.to_thread(_file, path)
        with ExitStack() as stack:
            archive = await asyncio.to_thread(stack.enter_context, self._archives.opened(source))
            projects = await asyncio.to_thread(archive.projects)
            plan = await self._plan(archive, projects)
            if plan.differing and replace is None:
                raise _would_replace(len(plan.differing))
            replaceable = plan.differing if replace else ()
            self._refuse_running(replaceable)
            loses = replaceable or (replace and any(one.differing for one in plan.records))
            here = [(session, await self._as_it_is(session)) for session in replaceable]
            kept = (await self._write(self._archives.place_for_kept())).path if loses else None
            added = [project for project in projects if await self._projects.adopt(project)]
            replaced = sum([await self._replace(archive, session, was) for session, was in here])
            came = sum([await self._bring_in(archive, session) for session in plan.new])
            for records in plan.records:
                await self._bring_in_records(archive, records, replace=bool(replace))
        left = plan.same + len(plan.differing) - replaced + len(plan.new) - came
        return Restored(len(added), came, replaced, left, kept)

    async def _write(self, target: Path) -> Backup:
        io, store = self._conversations.io, self._conversations.store
        projects = await self._projects.all()
        sessions = 0
        for project in projects:
            sessions += len(await io(_all_sessions, store, project.project_id))
        stop = threading.Event()
        writing = asyncio.ensure_future(self._packed(target, stop.is_set))
        try:
            size = await asyncio.shield(writing)
        except asyncio.CancelledError:
            # the thread takes away what it has written
            stop.set()
            await asyncio.gather(writing, return_exceptions=True)
            raise
        return Backup(target, len(projects), sessions, size)

    async def _packed(self, target: Path, stopped: Callable[[], bool]) -> int:
        snapshot = await self._conversations.io(self._archives.snapshot)
        return await asyncio.to_thread(self._archives.write, snapshot, target, stopped)

    async def _plan(self, archive: HistoryStore, projects: Sequence[Project]) -> _Plan:
        io, store = self._conversations.io, self._conversations.store
        new, differing, same = [], [], 0
        records: list[RecordPlan] = []
        homes = {one.project_id: home_of(one) for one in await self._projects.all()}
        for project in projects:
            home = homes.get(project.project_id)
            here = {one.session_id: one for one in await io(_all_sessions, store, project.project_id)}
            for session in await asyncio.to_thread(_all_sessions, archive, project.project_id):
                if session.session_id not in here:
                    new.append(session)
                elif _as_stored(session, home) == _as_stored(here[session.session_id], home):
                    same += 1
                else:
                    differing.append(session)
            records += await io(plan_records, archive, store, project.project_id, home)
        return _Plan(new, differing, same, records)

    def _refuse_running(self, sessions: Sequence[Session]) -> None:
        for session in sessions:
            if (turn := self._running.of(session.project_id, session.session_id)) is not None:
                raise SessionBusy(turn.address.turn_id)

    async def _as_it_is(self, session: Session) -> AsItIs | None:
        return await self._history.replacing.as_it_is(session.project_id, session.session_id)

    async def _replace(self, archive: HistoryStore, session: Session, was: AsItIs | None) -> bool:
        """Put a session of the archive in the place of ours, unless that has been used since it was looked at."""
        parcel = await asyncio.to_thread(_parcel, archive, session)
        return was is not None and await self._history.replacing.replace(was, parcel, session.deleted_at)

    async def _bring_in(self, archive: HistoryStore, session: Session) -> bool:
        """Bring in a session that was not here, unless somebody has made one of its ID meanwhile."""
        parcel = await asyncio.to_thread(_parcel, archive, session)
        return await self._conversations.unbroken(self._store(parcel, session.deleted_at))

    async def _store(self, parcel: Parcel, deleted_at: datetime | None) -> bool:
        if not await self._transfer.store(parcel):
            return False
        if deleted_at is not None:
            trashed = attrs.evolve(parcel.session, deleted_at=deleted_at)
            await self._conversations.io(self._conversations.store.trash, trashed)
            self._conversations.announce(trashed, "deleted")
        return True

    async def _bring_in_records(self, archive: HistoryStore, plan: RecordPlan, *, replace: bool) -> None:
        io, store = self._conversations.io, self._conversations.store

        async def come() -> None:
            if await io(lambda: bring_in(archive, store, plan, replace=replace)):
                self._records_changed(plan.project_id)

        await self._conversations.unbroken(come())


def _all_sessions(store: HistoryStore, project_id: str) -> list[Session]:
    return [*store.sessions(project_id), *store.trashed(project_id)]


def _parcel(archive: HistoryStore, session: Session) -> Parcel:
    """A session of an archive with everything of it; one in the trash is taken out of it, to be read."""
    live = attrs.evolve(session, deleted_at=None)
    if session.deleted_at is not None:
        archive.restore(live)
    key = (session.project_id, session.session_id)
    messages = archive.messages(*key)
    return Parcel(
        session=live,
        messages=messages,
        state=archive.state(*key),
        summaries=archive.summaries(*key),
        attachments=attached(archive, live, messages),
    )


def _as_stored(session: Session, home: Home | None) -> Session:
    """A session without what is kept in the registry alone and may be lost.

    What is stored names a file as it was called then; where the folder has moved, it is compared as it is called now.
    """
    named = session if home is None else home.session(session)
    return attrs.evolve(named, draft=None, metadata={})


def _free(path: str) -> Path:
    target = _absolute(path)
    if not target.parent.is_dir():
        raise InvalidInput(f"path: there is no folder {str(target.parent)!r}.", hint="Make it first.", key="path")
    return target


def _file(path: str) -> Path:
    source = _absolute(path)
    if not source.is_file():
        raise InvalidInput(f"path: there is no file {str(source)!r}.", hint="Name an archive.", key="path")
    return source


def _absolute(path: str) -> Path:
    target = Path(path)
    if "\0" in path or len(path) > 4096 or not target.is_absolute():
        raise InvalidInput(f"path: {path[:200]!r} is not absolute.", hint="Name the whole path.", key="path")
    return target


def _would_replace(count: int) -> InvalidInput:
    sessions = "One session here is not as it is" if count == 1 else f"{count} sessions here are not as they are"
    return InvalidInput(
        f"{sessions} in the archive; nothing was restored.",
        hint="Send `replace: true` to put the archive's in their place (what is here is kept), `false` to leave them.",
        key="replace",
    )
