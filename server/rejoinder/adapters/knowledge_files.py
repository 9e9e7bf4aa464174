"""Files that are added as knowledge, with the ignore rules of the index for folders."""

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from rejoinder.adapters.documents.limits import LARGEST_DOCUMENT
from rejoinder.domain.errors import NotFound, NotTrusted, SourceUnreadable, TooLarge
from rejoinder.domain.knowledge import ReadFile
from rejoinder.index.rules import refused_name
from rejoinder.services.knowledge_ports import FileState

# a pipe would be waited for, and a link may lead anywhere: what is read was resolved before
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_SECRET = refused_name(".env")
"""What the rules say of a name that promises secrets."""


class DiskKnowledgeFiles:
    """The port `KnowledgeFiles`."""

    def listed(self, folder: Path, ignore: Sequence[str], project: Path | None) -> list[FileState]:
        """As the port says."""
        # Here and not above: what reads ignore files is not to hold up the engine's start.
        from rejoinder.adapters.documents.listing import Documents

        around = Documents(project or folder, ignore)
        inner = "" if project in (None, folder) else f"{folder.relative_to(around.folder).as_posix()}/"
        found = [
            FileState(one.path, one.size, one.modified)
            for one in Documents(folder, ignore).listing()
            if one is not None and not (inner and around.leaves_out(inner + one.path))
        ]
        return sorted(found, key=lambda state: state.path)

    def state(self, path: Path) -> FileState | None:
        """As the port says."""
        try:
            status = path.stat()
        except OSError:
            return None
        return FileState(path.name, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None

    def read(self, path: Path) -> tuple[bytes, ReadFile]:
        """As the port says."""
        if refused_name(path.name) == _SECRET:
            raise NotTrusted(
                f"{path.name} may hold secrets",
                hint="Add what may be known of it as text, or rename it if it is harmless.",
            )
        try:
            with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise SourceUnreadable(
                        f"{path.name} is no plain file.", reason="binary", hint="Name a file.", source=path.name
                    )
                # by what is there to be read, not by what the status says of a file that grows
                data = b"" if status.st_size > LARGEST_DOCUMENT else file.read(LARGEST_DOCUMENT + 1)
        except FileNotFoundError:
            raise NotFound("file", path.name[:200], hint="Check its path.") from None
        except OSError as error:
            raise SourceUnreadable(
                f"{path.name} cannot be read: {error.strerror or 'the system refuses'}.",
                reason="unreadable",
                hint="Look at its permissions.",
                source=path.name,
            ) from None
        if max(status.st_size, len(data)) > LARGEST_DOCUMENT:
            megabytes = LARGEST_DOCUMENT >> 20
            raise TooLarge(
                f"{path.name} is larger than {megabytes} MiB.",
                limit=LARGEST_DOCUMENT,
                hint="Add the parts that matter.",
            )
        digest = hashlib.sha256(data).hexdigest()
        return data, ReadFile(path=path.name, size=status.st_size, modified=status.st_mtime_ns, digest=digest)
