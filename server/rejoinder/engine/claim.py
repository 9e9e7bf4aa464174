"""Who has a data folder, and where its engine listens: two small files in the folder.

`engine.lock` is locked by the one process that may open the folder, for as long as it lives; its text says which. The
system drops the lock when that process dies in whatever way, so the text counts only while the lock is held.

`engine.address` names the socket of the last engine, and is locked for the moments in which another takes its place. A
process may replace it only after it has failed, while it holds the lock, to connect to the one that stands there: so a
listening engine is never lost from sight. An address is never used twice, so an engine that leaves removes its socket
without looking, and the name that is left behind leads nowhere.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import IO, Literal, NamedTuple

from rejoinder import platform
from rejoinder.domain.errors import StorageError

Role = Literal["engine", "standalone server", "store command"]

_LOCK_NAME = "engine.lock"
_ADDRESS_NAME = "engine.address"


class Holder(NamedTuple):
    """The process that has, or last had, a data folder."""

    pid: int
    version: str
    role: Role
    leaving: bool = False

    def __str__(self) -> str:
        return f"the {self.role} of version {self.version} (process {self.pid})"


class Claim:
    """The lock of a data folder, held by this process."""

    def __init__(self, file: IO[str], holder: Holder) -> None:
        self._file = file
        self._holder = holder
        _rewrite(file, json.dumps(holder._asdict()))

    def note_leaving(self) -> None:
        """Say that the folder will be free in a moment, so that the next process waits for it."""
        self._holder = self._holder._replace(leaving=True)
        _rewrite(self._file, json.dumps(self._holder._asdict()))

    def release(self) -> None:
        """Let the next process have the folder."""
        self._file.close()


def try_claim(data_dir: Path, *, version: str, role: Role) -> Claim | None:
    """Lock a data folder; None when another process has it. Raises StorageError when the folder cannot be used."""
    file = _lock(data_dir, _LOCK_NAME)
    return None if file is None else Claim(file, Holder(pid=os.getpid(), version=version, role=role))


def read_holder(data_dir: Path) -> Holder | None:
    """What the lock's text says; None when there is none, or it is just being written."""
    try:
        fields = json.loads((data_dir / _LOCK_NAME).read_text("utf-8"))
        return Holder(**fields)
    except (OSError, ValueError, TypeError):
        return None


def read_address(data_dir: Path) -> str | None:
    """Where the engine listens, or listened."""
    try:
        return (data_dir / _ADDRESS_NAME).read_text("utf-8") or None
    except (OSError, ValueError):
        return None


class AddressFile:
    """The address of a data folder's engine, locked by this process until the end of a `with` block."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __enter__(self) -> "AddressFile":
        return self

    def __exit__(self, *_: object) -> None:
        # what could not be written was told when it was to be
        with contextlib.suppress(OSError):
            self._file.close()

    def replace(self, address: str) -> None:
        """Put up another address; the socket of the former one is removed."""
        self._file.seek(0)
        with contextlib.suppress(ValueError):
            platform.remove_address(self._file.read())
        _rewrite(self._file, address)


def try_address_file(data_dir: Path) -> AddressFile | None:
    """Lock the address; None when another process has it. Raises StorageError when the folder cannot be used."""
    file = _lock(data_dir, _ADDRESS_NAME)
    return None if file is None else AddressFile(file)


def _lock(data_dir: Path, name: str) -> IO[str] | None:
    try:
        platform.make_private_folder(data_dir)
        return platform.lock_file(data_dir / name)
    except OSError as error:
        raise StorageError(
            f"The data folder {str(data_dir)!r} cannot be used: {error.strerror or error}.",
            hint="Make it readable and writable for you, or choose another folder with `dataDir`.",
            path=str(data_dir),
        ) from error


def _rewrite(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
