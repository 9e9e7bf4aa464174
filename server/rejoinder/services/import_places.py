"""Into which project what is imported comes: that of the folder it belonged to, or the current one."""

import asyncio
from pathlib import Path

import attrs

from rejoinder.domain.conversation import Project
from rejoinder.services.projects import Projects


class ImportPlaces:
    """Finds the projects of the folders that another program names.

    A folder that is a project's, or was, means that project; any other that is there, but for the user's own and the
    root, becomes one. With `dry_run` no project is made: what it would be is told.
    """

    def __init__(self, projects: Projects, current: Project, *, dry_run: bool) -> None:
        self._projects = projects
        self._current = current
        self._dry_run = dry_run
        self._found: dict[str, Project] = {}

    async def of(self, folder: str | None) -> Project:
        """The project of an absolute path; the current one where there is none to be found."""
        if folder is None:
            return self._current
        if folder not in self._found:
            self._found[folder] = await self._look(folder)
        return self._found[folder]

    async def _look(self, folder: str) -> Project:
        path, is_there = await asyncio.to_thread(_resolved, folder)
        known = next((one for one in await self._projects.all() if path is not None and str(path) in one.paths), None)
        if known is not None:
            return known
        if path is None or not is_there:
            return self._current
        if not self._dry_run:
            return await self._projects.of_folder(path)
        return attrs.evolve(self._current, project_id=f"new:{path}", name=path.name, paths=(str(path),))


def _resolved(folder: str) -> tuple[Path | None, bool]:
    """A path with its links resolved, and whether it is a folder that may be a project's. No path: it names none."""
    try:
        path = Path(folder)
        if not path.is_absolute():
            return None, False
        path = path.resolve()
        return path, path.is_dir() and path not in (Path.home().resolve(), Path(path.anchor))
    except (OSError, RuntimeError, ValueError):  # a name that is too long, links in a circle
        return None, False
