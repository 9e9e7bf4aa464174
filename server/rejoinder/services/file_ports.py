"""What the services need of files that hold sessions: archives of ours, and what other programs write."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from rejoinder.domain.foreign import ForeignSession, Place, Skipped
from rejoinder.services.store_ports import HistoryStore


class Archives(Protocol):
    """Everything that is kept as one file, and such a file read. Raises StorageError and StorageFull."""

    def snapshot(self) -> Path:
        """A folder with all files as they are now. Called where the store is used, and quick."""
        ...

    def write(self, snapshot: Path, target: Path, stopped: Callable[[], bool] = ...) -> int:
        """Write a snapshot to a file that is not there yet, and remove it; the file's size. InvalidInput if it is.

        Once it is `stopped` it raises something, and leaves no file.
        """
        ...

    def opened(self, path: Path) -> AbstractContextManager[HistoryStore]:
        """An archive as a store, whose changes are gone with it. Raises InvalidInput for what is no sound archive."""
        ...

    def place_for_kept(self) -> Path:
        """Where to write an archive of what is about to be replaced."""
        ...


class ForeignFiles(Protocol):
    """What other programs keep; it is only read."""

    def toon(self, text: str) -> Any:
        """The JSON value that a text in TOON says; ValueError when it is none."""
        ...

    def database(self, data: bytes) -> list[ForeignSession]:
        """The sessions in an SQLite database; ValueError when it is none, or has other tables."""
        ...

    def recognised(self, path: Path) -> Sequence[str]:
        """What a file or folder is, by what it holds; a folder may be of several programs. ValueError when of none."""
        ...

    def sessions(self, path: Path, format: str) -> Iterator[ForeignSession | Skipped]:
        """The sessions there, one by one, and what of it cannot be read. May be used by one thread after another."""
        ...

    def places(self, folder: Path | None) -> list[Place]:
        """Where other programs keep sessions on this machine and in a project's folder; nothing there is read."""
        ...
