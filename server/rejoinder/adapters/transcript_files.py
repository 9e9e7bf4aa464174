"""Transcripts in the data folder: one Markdown file a session, named by a hash."""

import errno
import os
import re
import threading
from pathlib import Path

from rejoinder.domain.errors import StorageError, StorageFull
from rejoinder.platform import open_private, own_private_folder

_NAME = re.compile(r"chat-([0-9a-f]{16})\.md\Z")


class DiskTranscriptFiles:
    """The port `TranscriptFiles`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._writing = threading.Lock()
        """Held while one is written: two writers of the same one would take each other's new file away."""

    def path(self, name: str) -> Path:
        """As the port says. This alone, with `name_of`, says where transcripts are."""
        return self._folder / f"chat-{name}.md"

    def name_of(self, path: Path) -> str | None:
        """As the port says."""
        found = _NAME.match(path.name)
        return found[1] if found and path.parent == self._folder else None

    def is_folder(self, path: Path) -> bool:
        """As the port says."""
        return path == self._folder

    def read(self, path: Path) -> str | None:
        """As the port says."""
        try:
            with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
                return file.read().decode("utf-8", "replace")
        except OSError:
            return None

    def write(self, path: Path, text: str) -> None:
        """As the port says."""
        beside = path.with_suffix(".new")
        try:
            with self._writing:
                own_private_folder(path.parent)
                with os.fdopen(open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
                    file.write(text.encode("utf-8", "replace"))
                beside.replace(path)
        except OSError as exc:
            raise _failure(path, exc) from None

    def remove(self, path: Path) -> None:
        """As the port says."""
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise _failure(path, exc) from None


def _failure(path: Path, exc: OSError) -> StorageError:
    if exc.errno == errno.ENOSPC:
        return StorageFull(str(path))
    return StorageError(
        f"The transcript cannot be changed ({exc.strerror}).", hint=f"Look at the folder {path.parent}."
    )
