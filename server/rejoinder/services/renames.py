"""Files that were renamed where no editor told of it: found again by version control, or by what is in them."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.file_uris import absolute, path_of
from rejoinder.services.ports import FileNames, Repository

_MOST_BYTES = 8 << 20
"""A larger file is not looked into."""


class Renames:
    """Tells which name a file had before."""

    def __init__(self, files: FileNames, repository: Repository) -> None:
        self._files = files
        self._repository = repository

    async def digest(self, uri: str) -> str | None:
        """The SHA-256 of a file's content on disk; None when there is none, or too much or nothing in it."""
        path = path_of(uri)
        return await asyncio.to_thread(_digest, path) if path is not None else None

    async def former_uri(self, project: Project, uri: str, sessions: Iterable[Session]) -> str | None:
        """The URI that a file's sessions still name; None when that cannot be told for certain.

        A file that is gone has become this one if the project's folder has moved and it lies at the same place in it;
        if version control says so; or if it held the same, and no other file of the project does.
        """
        path = path_of(uri)
        named = [session for session in sessions if session.scope == "file" and session.uri and session.uri != uri]
        folder = next((Path(one) for one in project.paths if path and path.is_relative_to(one)), None)
        if path is None or folder is None or not named:
            return None
        lost = await asyncio.to_thread(_lost, named)
        if not lost:
            return None
        inner = path.relative_to(folder)
        places = (absolute(other) for other in project.folders if Path(other) != folder)
        former = {(place / inner).as_uri() for place in places if place is not None}
        former.update((folder / name).as_uri() for name in await self._former_names(folder, inner))
        by_name = {session.uri for session in lost if session.uri in former}
        if by_name:
            return by_name.pop() if len(by_name) == 1 else None
        return await self._by_content(folder, path, lost)

    async def _former_names(self, folder: Path, inner: Path) -> Sequence[str]:
        return await asyncio.to_thread(self._repository.former_names, folder, inner.as_posix())

    async def _by_content(self, folder: Path, path: Path, lost: Sequence[Session]) -> str | None:
        digest = await asyncio.to_thread(_digest, path)
        same = {session.uri for session in lost if digest is not None and session.file_digest == digest}
        if digest is None or len(same) != 1:
            return None
        names = await self._files.paths(folder)
        others = [folder / name for name in names if folder / name != path]
        unique = not await asyncio.to_thread(_any_holds, others, path, digest)
        return same.pop() if unique else None


def _lost(sessions: Iterable[Session]) -> list[Session]:
    """Those whose file is gone."""
    paths = {session.session_id: path_of(session.uri or "") for session in sessions}
    return [one for one in sessions if (path := paths[one.session_id]) is not None and not path.exists()]


def _digest(path: Path) -> str | None:
    try:
        if not path.is_file() or not 0 < path.stat().st_size <= _MOST_BYTES:
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _any_holds(paths: Iterable[Path], like: Path, digest: str) -> bool:
    """Whether one of these files holds what `like` does."""
    try:
        size = like.stat().st_size
    except OSError:
        return True
    return any(_size(path) == size and _digest(path) == digest for path in paths)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
