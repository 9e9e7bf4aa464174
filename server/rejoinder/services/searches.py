"""The searches of the projects in use: opened with the first client that has the folder before it."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import IndexUnavailable, NotFound
from rejoinder.domain.retrieval import Explanation, IndexOptions, IndexStatus
from rejoinder.services.ports import ProjectSearch, SearchProvider

_DEFAULTS = IndexOptions()


LINGER_SECONDS = 30.0
"""So long a search stays after its last user: who asks from a terminal comes back soon, and need not wait again."""


class Searches:
    """Counts who uses a project's search, and closes it some time after the last."""

    def __init__(self, provider: SearchProvider, *, linger: float = 0.0) -> None:
        """`linger` is that time in seconds."""
        self._provider = provider
        self._linger = linger
        self._open: dict[str, ProjectSearch] = {}
        self._options: dict[str, tuple[Path, tuple[str, ...], IndexOptions]] = {}
        self._users: dict[str, int] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        """Those without users, until they are closed."""
        self._closing: set[asyncio.Task[None]] = set()

    def use(
        self, project: Project, folder: Path, ignore: Sequence[str], options: IndexOptions = _DEFAULTS
    ) -> ProjectSearch:
        """The project's search; `leave` gives it back. What is open already keeps the options of its first user.

        Where the project's folder is now counts for all of them.
        """
        project_id, wanted = project.project_id, (folder, tuple(ignore), options)
        leaving = self._leaving.pop(project_id, None)
        if leaving is not None:
            leaving.cancel()
            if self._options[project_id] != wanted:
                self._close_soon(project_id)
        is_home = project.paths[:1] == (str(folder),)
        if project_id in self._open and is_home and self._options[project_id][0] != folder:
            self._close_soon(project_id)
        if project_id not in self._open:
            self._open[project_id] = self._provider.open(project_id, folder, ignore, options)
            self._options[project_id] = wanted
        self._users[project_id] = self._users.get(project_id, 0) + 1
        return self._open[project_id]

    async def leave(self, project_id: str) -> None:
        """One user less; without users the search is closed, soon. Nothing happens when all were closed already."""
        if project_id not in self._users:
            return
        self._users[project_id] -= 1
        if self._users[project_id] == 0:
            del self._users[project_id]
            if self._linger:
                self._leaving[project_id] = asyncio.create_task(self._close_later(project_id))
            else:
                await self._open.pop(project_id).close()

    def get(self, project_id: str) -> ProjectSearch | None:
        """The project's search, if somebody uses it."""
        return self._open.get(project_id)

    def status(self, project_id: str) -> IndexStatus:
        """How far the project's index is."""
        search = self._open.get(project_id)
        return search.status() if search else IndexStatus(state="starting")

    async def rebuild(
        self, project_id: str, path: Path | None, *, tell: Callable[[IndexStatus], object] | None = None
    ) -> None:
        """Begin to index one file of a project anew, or all; with somebody to `tell` how far it is, to the end.

        When that is cancelled the index rests until it is closed, and `resume` has it go on before. Raises
        IndexUnavailable, and NotFound for a file that is not there and that the index does not know either.
        """
        search = self.opened(project_id)
        if path is not None and not await _is_known(search, path):
            raise NotFound("file", path.name[:200], hint="Save the file, or check its path.")
        try:
            await search.rebuild(path, tell=tell)
        except asyncio.CancelledError:
            if path is None:
                with suppress(IndexUnavailable):
                    await search.pause()
            raise

    async def explain(self, project_id: str, path: Path) -> Explanation:
        """Why a file is in a project's index or not."""
        return await self.opened(project_id).explain(path)

    async def pause(self, project_id: str) -> None:
        """Index nothing of a project until `resume` or a rebuild, however often it is closed and opened meanwhile."""
        await self.opened(project_id).pause(keep=True)

    async def resume(self, project_id: str) -> None:
        """Go on indexing a project."""
        await self.opened(project_id).resume()

    async def close(self) -> None:
        """Close all."""
        searches = list(self._open.values())
        for leaving in self._leaving.values():
            leaving.cancel()
        self._open.clear()
        self._users.clear()
        self._leaving.clear()
        await asyncio.gather(*self._closing)
        for search in searches:
            await search.close()

    def opened(self, project_id: str) -> ProjectSearch:
        """The project's search. Raises IndexUnavailable when nobody uses it."""
        search = self._open.get(project_id)
        if search is None:
            raise IndexUnavailable("Nobody has this project open.", hint="Open its folder first.")
        return search

    async def _close_later(self, project_id: str) -> None:
        await asyncio.sleep(self._linger)
        del self._leaving[project_id]
        self._close_soon(project_id)

    def _close_soon(self, project_id: str) -> None:
        closing = asyncio.create_task(self._open.pop(project_id).close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _is_known(search: ProjectSearch, path: Path) -> bool:
    """Whether a file is there, or was when it was indexed."""
    return await asyncio.to_thread(os.path.lexists, path) or (await search.explain(path)).known
