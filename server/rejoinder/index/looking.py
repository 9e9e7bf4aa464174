"""A look at a whole folder: what is there that the index does not know, and the other way round."""

import time
from collections.abc import Collection, Generator, Mapping
from typing import Protocol

from rejoinder.declared import frozen
from rejoinder.index.walk import FoundFile, ProjectFiles
from rejoinder.index.watching import Watcher

WATCHED_SECONDS = 60.0
"""A watched folder is looked at this seldom: some file systems tell of nothing, and git's lists change unseen."""

_NEVER = float("-inf")


class Stored(Protocol):
    """What an index knows of a file; the time in nanoseconds."""

    @property
    def modified(self) -> int:
        """When it was written last."""

    @property
    def size(self) -> int:
        """In bytes."""


@frozen
class Look:
    """What differs, and every folder that holds files, with all around them."""

    changed: list[FoundFile]
    gone: list[str]
    folders: frozenset[str]


class LastLook:
    """When a folder was looked at last, and whether that is too long ago."""

    def __init__(self, watcher: Watcher | None) -> None:
        self._watcher = watcher
        self._begun = self._ended = _NEVER

    def begin(self) -> None:
        """A look at the whole folder begins."""
        self._begun = time.monotonic()

    def end(self, *, failed: bool = False) -> None:
        """It ends. After one that failed no watch counts."""
        self._ended = time.monotonic()
        if failed:
            self._begun = _NEVER

    def is_stale(self, after: float) -> bool:
        """Whether it ended so many seconds ago; where all changes since it began are told of, far more count."""
        since = None if self._watcher is None else self._watcher.since
        watched = since is not None and since <= self._begun
        return time.monotonic() - self._ended >= (max(after, WATCHED_SECONDS) if watched else after)


def compare(files: ProjectFiles, known: Mapping[str, Stored]) -> Generator[bool, None, Look]:
    """Yields True whenever the caller may do something else."""
    gone = dict.fromkeys(known)
    changed: list[FoundFile] = []
    folders = set()
    for found in files.listing():
        if found is None:
            yield True
            continue
        gone.pop(found.path, None)
        folders.add(found.path.rpartition("/")[0])
        stored = known.get(found.path)
        if stored is None or (stored.modified, stored.size) != (found.modified, found.size):
            changed.append(found)
    return Look(changed, list(gone), _with_parents(folders))


def _with_parents(folders: Collection[str]) -> frozenset[str]:
    every = {"", *folders}
    for folder in folders:
        while folder and (folder := folder.rpartition("/")[0]) not in every:
            every.add(folder)
    return frozenset(every)
