"""A look at a whole folder: what is there that the index does not know, and the other way round."""

from collections.abc import Collection, Generator, Mapping
from typing import Protocol

import attrs

from rejoinder.index.walk import FoundFile, ProjectFiles


class Stored(Protocol):
    """What an index knows of a file; the time in nanoseconds."""

    @property
    def modified(self) -> int:
        """When it was written last."""

    @property
    def size(self) -> int:
        """In bytes."""


@attrs.frozen
class Look:
    """What differs, and every folder that holds files, with all around them."""

    changed: list[FoundFile]
    gone: list[str]
    folders: frozenset[str]


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
