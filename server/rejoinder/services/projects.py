"""Which project a folder is, and which session of it is the current one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import attrs

from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput, NotFound, StorageError
from rejoinder.domain.homes import home_of, named_now
from rejoinder.services.ports import Repository
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.world import World

NO_PROJECT = "default"
"""The ID of the project that holds conversations outside any workspace folder."""


class Projects:
    """Finds, remembers and changes projects."""

    def __init__(self, store: HistoryStore, io: StoreThread, repository: Repository, world: World) -> None:
        self._store = store
        self._io = io
        self._repository = repository
        self._world = world
        self._known: dict[str, Project] | None = None
        """All projects by ID, as they are stored; None until they were read."""
        self._opening = asyncio.Lock()
        """Held while a folder is looked up or comes from elsewhere, so that two clients make one project of it."""
        self._tell: list[Callable[[str], None]] = []

    def when_moved(self, *tell: Callable[[str], None]) -> None:
        """Call these with the ID of each project whose folder is another from now on."""
        self._tell.extend(tell)

    async def all(self) -> list[Project]:
        """Every known project, newest first."""
        known = await self._load()
        return sorted(known.values(), key=lambda project: project.created_at, reverse=True)

    async def get(self, project_id: str) -> Project:
        """A project by its ID; NotFound when there is none."""
        known = await self._load()
        if project_id not in known:
            raise NotFound("project", project_id, hint="List the projects, or open the folder to make it one.")
        return known[project_id]

    async def names(self, project_id: str, uri: str) -> tuple[str, ...]:
        """What a file is called, first, and all that it was called before the project's folder moved."""
        home = home_of(await self.get(project_id))
        return (uri,) if home is None else home.names(uri)

    async def of_folder(self, folder: Path | None) -> Project:
        """The project that a folder is, made when it is new; without a folder the project of no folder.

        A folder is taken for a known project when its path is known, or when exactly one project fits by
        fingerprint and that one's folders are all gone. Anything else is new: clones, copies, templates and work
        trees never mix by accident. So a folder that a project was in before, and that is there beside the one that
        it is in now, is a project of its own.
        """
        async with self._opening:
            return await self._find_or_make(folder)

    async def set_current(
        self, project_id: str, scope_key: str, session_id: str | None, *, instead_of: str | None = None
    ) -> None:
        """Make a session the current one of its scope, or leave the scope without one.

        With `instead_of` nothing changes unless that is the current one.
        """
        project = await self.get(project_id)
        before = project.current.get(scope_key)
        if before == session_id or instead_of not in (None, before):
            return
        current = {key: value for key, value in project.current.items() if key != scope_key}
        if session_id is not None:
            current[scope_key] = session_id
        await self._put(attrs.evolve(project, current=current))

    async def adopt(self, project: Project) -> bool:
        """Take over a project from elsewhere; whether it was new.

        Folders that are another project's here stay that one's, unless there is nothing in it: then it is one that was
        made because the folder was opened before. What is in a folder is not trusted by what another machine said.
        """
        async with self._opening:
            return await self._adopt(project)

    async def _adopt(self, project: Project) -> bool:
        known = await self._load()
        if project.project_id in known:
            return False
        trusted = False
        for other in list(known.values()):
            if set(other.paths).isdisjoint(project.paths) or not await self._io(self._is_empty, other.project_id):
                continue
            # as it is now: others may have changed it meanwhile
            other = known[other.project_id]
            trusted = trusted or other.trusted
            await self._put(attrs.evolve(other, paths=tuple(one for one in other.paths if one not in project.paths)))
        taken = {path for other in known.values() for path in other.paths}
        paths = tuple(path for path in project.paths if path not in taken)
        await self._put(attrs.evolve(project, paths=paths, trusted=trusted))
        return True

    async def relink(self, project_id: str, folder: Path, *, replace: bool = False) -> Project:
        """Say where a project's folder is now. The folder's own project, if it had become one, lets go of it.

        Raises InvalidInput when there is something in that one, unless `replace` is true.
        """
        await self.get(project_id)
        if project_id == NO_PROJECT:
            raise InvalidInput("The project of no folder has no folder.", hint="Name another project.")
        if not await asyncio.to_thread(_is_folder, folder):
            raise InvalidInput(
                f"{str(folder)[:200]!r} is no folder.", hint="Name the folder that it is in now.", key="path"
            )
        path = str(await asyncio.to_thread(folder.resolve))
        root_commit, inner = await asyncio.to_thread(self._repository.fingerprint, folder)
        async with self._opening:  # else the folder may become a project's of its own again meanwhile
            for other in await self.all():
                if path in other.paths and other.project_id != project_id:
                    await self._refuse_taking(other, path, replace)
                    await self._vacate(await self.get(other.project_id), path)
            project = await self.get(project_id)
            return await self._move(attrs.evolve(project, root_commit=root_commit, inner=inner), path)

    def _is_empty(self, project_id: str) -> bool:
        return not self._contents(project_id)

    def _contents(self, project_id: str) -> list[str]:
        """What a project holds of conversations, memory and knowledge, in words for people."""
        store = self._store
        memory, knowledge = (_entries(store.records(project_id, kind)) for kind in ("memory", "knowledge"))
        counts = (
            (len(store.sessions(project_id)), "session", "sessions"),
            (len(store.trashed(project_id)), "session in the trash", "sessions in the trash"),
            (len(memory), "entry of memory", "entries of memory"),
            (len(knowledge), "document of knowledge", "documents of knowledge"),
        )
        return [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]

    async def _refuse_taking(self, other: Project, path: str, replace: bool) -> None:
        if replace:
            return
        if contents := await self._io(self._contents, other.project_id):
            raise InvalidInput(
                f"{path[:200]!r} is the folder of the project {other.name!r} ({other.project_id}), which has "
                f"{', '.join(contents)}.",
                hint="Send `replace: true` if that project is to be without a folder.",
                key="path",
            )

    async def trust(self, project_id: str, *, trusted: bool) -> Project:
        """Whether the user trusts what is in the project's folder."""
        return await self._put(attrs.evolve(await self.get(project_id), trusted=trusted))

    async def _find_or_make(self, folder: Path | None) -> Project:
        known = await self._load()
        if folder is None:
            return known.get(NO_PROJECT) or await self._put(self._new(NO_PROJECT, "no project", ()))
        path = str(await asyncio.to_thread(folder.resolve))
        project = next((one for one in known.values() if path in one.paths), None)
        if project is not None and (path == project.paths[0] or not await asyncio.to_thread(_is_folder, folder)):
            return project
        # git may take its time: not on the store's thread
        root_commit, inner, moved = await asyncio.to_thread(self._same_repository, folder, list(known.values()))
        if project is not None:
            is_back = not await asyncio.to_thread(_is_folder, Path(project.paths[0]))
            # as it is now: others may have changed it meanwhile
            project = known[project.project_id]
            if is_back:
                return await self._back(project, path, root_commit, inner)
            await self._vacate(project, path)
        if len(moved) == 1:
            # its history may be that of another clone: what is in the folder now, nobody has looked at
            return await self._move(attrs.evolve(known[moved[0].project_id], trusted=False), path)
        project = self._new(self._world.new_id(), folder.name or path, (path,))
        return await self._put(attrs.evolve(project, root_commit=root_commit, inner=inner))

    async def _back(self, project: Project, path: str, root_commit: str | None, inner: str | None) -> Project:
        """Have a project be where it was before: it was moved away, and is back.

        What is not known to be the same repository may be anything: nobody has looked at it.
        """
        same = root_commit is not None and (root_commit, inner) == (project.root_commit, project.inner)
        trusted = project.trusted and same
        return await self._move(attrs.evolve(project, root_commit=root_commit, inner=inner, trusted=trusted), path)

    async def _move(self, project: Project, path: str) -> Project:
        """Have a folder be where the project is, and all others where it was."""
        paths = (path, *(old for old in project.paths if old != path))
        vacated = tuple(old for old in project.vacated if old != path)
        return await self._replace(named_now(attrs.evolve(project, paths=paths, vacated=vacated)))

    async def _vacate(self, project: Project, path: str) -> Project:
        """Have a folder be the project's no more, though what it says of files there stays about its own."""
        paths = tuple(old for old in project.paths if old != path)
        return await self._replace(attrs.evolve(project, paths=paths, vacated=(*project.vacated, path)))

    async def _replace(self, project: Project) -> Project:
        """Store a project whose folders are others now, and tell of it."""
        stored = await self._put(project)
        for tell in self._tell:
            tell(project.project_id)
        return stored

    def _same_repository(self, folder: Path, known: Sequence[Project]) -> tuple[str | None, str | None, list[Project]]:
        """The folder's fingerprint, and the projects with the same one whose folders are all gone."""
        root_commit, inner = self._repository.fingerprint(folder)
        moved = [
            project
            for project in known
            if root_commit is not None
            and project.paths
            and (project.root_commit, project.inner) == (root_commit, inner)
            and not any(Path(old).is_dir() for old in project.paths)
        ]
        return root_commit, inner, moved

    def _new(self, project_id: str, name: str, paths: Sequence[str]) -> Project:
        return Project(project_id=project_id, name=name, paths=tuple(paths), created_at=self._world.now())

    async def _load(self) -> dict[str, Project]:
        if self._known is None:
            stored = await self._io(self._store.projects)
            # another task may have read them in the meantime, and changed them since
            if self._known is None:
                self._known = {project.project_id: named_now(project) for project in stored}
        return self._known

    async def _put(self, project: Project) -> Project:
        known = await self._load()
        before = known.get(project.project_id)
        # at once, so that no other task changes the old value meanwhile
        known[project.project_id] = project
        try:
            await self._io(self._store.put_project, project)
        except StorageError:
            if known[project.project_id] is project:
                del known[project.project_id]
                known.update({before.project_id: before} if before else {})
            raise
        return project


def _entries(record_ids: Iterable[str]) -> set[str]:
    """The records that belong to no other one."""
    return {record_id.partition("/")[0] for record_id in record_ids}


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False
