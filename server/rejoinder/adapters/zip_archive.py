"""The port `Archives`: everything that is kept, as one ZIP file, and such a file opened as a store.

What deals with ZIP files is imported when there is one: it is not to hold up the engine's start.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rejoinder import platform
from rejoinder.adapters.journal import storage_error
from rejoinder.adapters.journal_tail import size_of_lines
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.errors import InvalidInput
from rejoinder.services.copying import copy_all
from rejoinder.services.store_ports import HistoryStore

FILES_ROOT = "projects"
"""The folder, and the beginning of the names beside it, that hold everything."""
_JOURNALS = ".jsonl"
_LEFT_OUT = {"moving"}


class ZipArchives:
    """Archives of one data folder."""

    def __init__(
        self,
        data_dir: Path,
        *,
        program: str,
        sync: Callable[[int], None] = platform.sync_data,
        store: HistoryStore | None = None,
    ) -> None:
        """`program` is the version that is written into each archive; `store` what is kept elsewhere than in files."""
        self._data = data_dir
        self._program = program
        self._sync = sync
        self._store = store

    def snapshot(self) -> Path:
        """As the port says: hard links where the file system has them, which takes no time, else copies.

        Another store than the data folder's files is copied to such files, which takes as long as it is large.
        """
        if self._store is not None:
            return self._copied(self._store)
        return self._linked(self._data)

    def write(self, snapshot: Path, target: Path, stopped: Callable[[], bool] = lambda: False) -> int:
        """As the port says."""
        from rejoinder.adapters import zip_files

        made = False
        try:
            with os.fdopen(platform.open_private(target, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
                made = True
                zip_files.pack(file, snapshot, program=self._program, stopped=stopped)
                file.flush()
                self._sync(file.fileno())
                size = os.fstat(file.fileno()).st_size
            platform.sync_folder(target.parent)
        except BaseException as error:
            if made:
                with suppress(OSError):
                    target.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                raise taken(target) from None
            if isinstance(error, OSError):
                raise storage_error(error, target) from error
            raise
        finally:
            shutil.rmtree(snapshot, ignore_errors=True)
        return size

    def place_for_kept(self) -> Path:
        """As the port says."""
        folder = self._data / "backups"
        try:
            platform.make_private_folder(folder)
        except OSError as error:
            raise storage_error(error, folder) from error
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
        names = (f"before-restore-{stamp}{ending}.zip" for ending in ("", *(f"-{number}" for number in range(2, 100))))
        return next(folder / name for name in names if not (folder / name).exists())

    @contextmanager
    def opened(self, path: Path) -> Iterator[HistoryStore]:
        """As the port says."""
        folder = self._unpacked(path)
        try:
            store = TinyDbHistory(folder, sync=_no_sync)
            try:
                yield store
            finally:
                store.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Remove what an earlier process left of its work."""
        for pattern in ("snapshot-*", "unpacked-*"):
            for left in self._data.glob(pattern):
                shutil.rmtree(left, ignore_errors=True)

    def _copied(self, store: HistoryStore) -> Path:
        files = self._scratch("unpacked-")
        try:
            target = TinyDbHistory(files, sync=_no_sync)
            try:
                copy_all(store, target)
            finally:
                target.close()
            return self._linked(files)
        finally:
            shutil.rmtree(files, ignore_errors=True)

    def _linked(self, data: Path) -> Path:
        folder = self._scratch("snapshot-")
        try:
            for source in _kept(data):
                target = folder / source.relative_to(data)
                platform.make_private_folder(target.parent)
                _link(source, target.with_name(f"{target.name}.{_settled(source)}"))
        except OSError as error:
            raise storage_error(error, data) from error
        return folder

    def _scratch(self, prefix: str) -> Path:
        try:
            platform.make_private_folder(self._data)
            return Path(tempfile.mkdtemp(prefix=prefix, dir=self._data))
        except OSError as error:
            raise storage_error(error, self._data) from error

    def _unpacked(self, path: Path) -> Path:
        """The archive's files in a folder of their own, every one of them sound."""
        from rejoinder.adapters import zip_files

        folder = self._scratch("unpacked-")
        try:
            zip_files.unpack(path, folder)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise storage_error(error, path) from error
            raise
        return folder


def taken(target: Path) -> InvalidInput:
    """What is said when there is something where an archive was to be written."""
    return InvalidInput(f"path: there is something at {str(target)!r}.", hint="Choose another name.", key="path")


def _kept(data: Path) -> Iterator[Path]:
    """The files that an archive holds."""
    yield from sorted(data.glob(f"{FILES_ROOT}.*{_JOURNALS}"))
    for folder, inner, names in os.walk(data / FILES_ROOT):
        inner[:] = sorted(name for name in inner if name not in _LEFT_OUT)
        for name in sorted(names):
            if name.endswith(_JOURNALS) or (Path(folder).name == "attachments" and not name.endswith(".new")):
                yield Path(folder, name)


def _settled(file: Path) -> int:
    """The bytes at a file's beginning that stay what they are: a journal gets lines after those that it has."""
    return size_of_lines(file) if file.name.endswith(_JOURNALS) else file.stat().st_size


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _no_sync(_: int) -> None:
    """What is unpacked is read once and removed."""
