"""The names of a folder's files, as the index would take them, kept for a moment."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

FRESH_SECONDS = 5.0
"""How old a listing may be before the next one is begun."""

_Asked = tuple[Path, tuple[str, ...]]


class ListedFileNames:
    """The port `FileNames`: a first listing is waited for, later ones are made beside the answers."""

    def __init__(self, *, fresh: float = FRESH_SECONDS) -> None:
        self._fresh = fresh
        self._listed: dict[_Asked, tuple[float, Sequence[str]]] = {}
        self._listing: dict[_Asked, asyncio.Task[Sequence[str]]] = {}

    async def paths(self, folder: Path, ignore: Sequence[str] = ()) -> Sequence[str]:
        """As the port says."""
        asked = (folder, tuple(ignore))
        known = self._listed.get(asked)
        if known is None or time.monotonic() - known[0] > self._fresh:
            task = self._listing.get(asked)
            if task is None:
                task = self._listing[asked] = asyncio.create_task(self._list(asked))
            if known is None:
                # whoever gives up waiting does not end it for the others
                return await asyncio.shield(task)
        return known[1]

    async def settled(self) -> None:
        """Wait for the listings that are under way."""
        await asyncio.gather(*self._listing.values())

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._listing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _list(self, asked: _Asked) -> Sequence[str]:
        try:
            paths = await asyncio.to_thread(_listed, *asked)
            self._listed[asked] = time.monotonic(), paths
            return paths
        finally:
            del self._listing[asked]


def _listed(folder: Path, ignore: Sequence[str]) -> Sequence[str]:
    # Here and not above: what reads ignore files is not to hold up the engine's start.
    from rejoinder.index.walk import ProjectFiles

    return tuple(found.path for found in ProjectFiles(folder, ignore).listing() if found is not None)
