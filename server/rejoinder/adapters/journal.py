"""Append-only journals on disk, each replaced as a whole by its next generation.

Generation N of a journal lies in `NAME.N.jsonl`. It is written as `NAME.N.jsonl.new`, synced and renamed; only then is
the one before removed. So the newest complete one holds everything, whenever the process or the machine stops.

A file that is written to is longer than its lines: a sync that need not record a new size takes a third less time.
"""

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

from rejoinder import platform
from rejoinder.adapters.journal_format import BLANK, FORMAT, Contents, encode_line, read_contents, whole_file
from rejoinder.adapters.journal_tail import size_of_lines
from rejoinder.domain.errors import StorageError, StorageFull

_CHUNK = 1 << 20
_RESERVE = BLANK * (1 << 16)
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


def storage_error(error: OSError, path: Path) -> StorageError:
    """What a failed access to a file means for a user."""
    if error.errno in _FULL:
        return StorageFull(str(path))
    return StorageError(
        f"{str(path)!r} cannot be read or written: {error.strerror}.",
        hint="Check the disk, and that the data folder belongs to you.",
    )


def next_file(name: str) -> str:
    """The name of the generation after that of a file: `messages.3.jsonl` gives `messages.4.jsonl`."""
    stem, generation, ending = name.rsplit(".", 2)
    return f"{stem}.{int(generation) + 1}.{ending}"


class Journal:
    """One journal, open for writing. Not for several threads or processes at once.

    A failed read or write raises StorageFull or StorageError.
    """

    def __init__(self, path: Path, *, sync: Callable[[int], None] = platform.sync_data) -> None:
        self._path = path
        self._sync = sync
        self._descriptor = -1
        self._closed = False
        self.generation = 0
        """0 before anything was written."""
        self.file = self._file(0)
        """The current generation's file."""
        self.file_name = self.file.name
        self.size = 0
        """Bytes of the current file's lines."""
        self._reserved = 0
        """Bytes of the current file when room was made last; those after its lines are blanks."""
        self.sound = False
        """Whether lines may be appended; otherwise the next write has to be a new generation."""
        self.faults: list[str] = []
        """Sentences for people about files that were left aside."""

    def open(self) -> Contents:
        """Read the newest complete generation, or the newest when none is. Raises StorageCorrupt for a newer format."""
        try:
            contents = self._choose()
            current = contents.version == FORMAT
            if contents.complete and not contents.damaged and current and self.generation:
                self._go_on()
        except OSError as error:
            raise storage_error(error, self.file) from error
        return contents

    def append(self, payload: bytes, *, durable: bool = True) -> None:
        """Add a record. After a failure the file is as it was before."""
        line = encode_line(payload)
        size = self.size + len(line)
        try:
            _write(self._descriptor, line)
            if durable:
                if size > self._reserved:
                    self._reserve(size)
                self._sync(self._descriptor)
        except BaseException as error:
            self._take_back()
            if isinstance(error, OSError):
                raise storage_error(error, self.file) from error
            raise
        self.size = size

    def rewrite(self, payloads: Iterable[bytes] = (), *, lines: Iterable[bytes] = ()) -> None:
        """Put a new generation in the place of the current one, durably; `lines` are whole ones, as they were read."""
        if self._closed:
            raise ValueError(f"{self.file} is closed")
        target = self._file(self.generation + 1)
        draft = target.with_name(target.name + ".new")
        try:
            platform.make_private_folder(target.parent)
            size = self._write_generation(draft, whole_file(payloads, lines))
            draft.replace(target)
        except BaseException as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise storage_error(error, target) from error
            raise
        self._adopt(size)

    def set_aside(self, why: str = "damaged") -> Path:
        """Keep a copy of the current file as it is, for people to look into; `why` becomes a part of its name."""
        copy = self._unused_copy(self.file, why)
        try:
            target = platform.open_private(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(target, "wb") as output, self.file.open("rb") as source:
                shutil.copyfileobj(source, output, _CHUNK)
                output.flush()
                self._sync(output.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                copy.unlink(missing_ok=True)
            raise storage_error(error, copy) from error
        return copy

    def forget_copies(self) -> None:
        """Remove the copies of files that were set aside."""
        try:
            for copy in self._path.parent.glob(f"{self._path.name}.*.jsonl.*-*"):
                copy.unlink(missing_ok=True)
            platform.sync_folder(self._path.parent)
        except OSError as error:
            raise storage_error(error, self.file) from error

    def close(self) -> None:
        """Let go of the file, which ends with its last line then. Nothing can be written after it."""
        if self._reserved > self.size and self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
        self._release()
        self._closed = True

    def _name_file(self) -> None:
        self.file = self._file(self.generation)
        self.file_name = self.file.name

    def _file(self, generation: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{generation}.jsonl")

    def _choose(self) -> Contents:
        """Settle which generation counts, and clear away the others."""
        generations = self._generations()
        if not generations:
            return Contents([], 0, complete=True)
        read: dict[int, Contents] = {}
        for generation in generations:
            read[generation] = read_contents(self._file(generation))
            if read[generation].complete:
                break
        else:
            generation = generations[0]
        for other in generations:
            if other < generation:
                self._file(other).unlink()
            elif other > generation:
                copy = self._file(other).rename(self._unused_copy(self._file(other)))
                self.faults.append(
                    f"{self._file(other)} is not complete: it is kept as {copy}, the one before is used."
                )
        self.generation = generation
        self._name_file()
        self.size = size_of_lines(self.file)
        self._reserved = self.file.stat().st_size
        return read[generation]

    def _generations(self) -> list[int]:
        """The generations on disk, newest first; what was left of an unfinished one is removed."""
        if not self._path.parent.is_dir():
            return []
        pattern = re.compile(re.escape(self._path.name) + r"\.([0-9]+)\.jsonl(\.new)?")
        found = []
        for path in self._path.parent.iterdir():
            match = pattern.fullmatch(path.name)
            if match and match[2]:
                path.unlink()
            elif match:
                found.append(int(match[1]))
        return sorted(found, reverse=True)

    def _unused_copy(self, file: Path, why: str = "damaged") -> Path:
        copies = (file.with_name(f"{file.name}.{why}-{number}") for number in count(1))
        return next(copy for copy in copies if not copy.exists())

    def _write_generation(self, draft: Path, lines: Iterable[bytes]) -> int:
        """Write a whole file durably; its size."""
        size = 0
        descriptor = platform.open_private(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            for chunk in _chunks(lines):
                _write(descriptor, chunk)
                size += len(chunk)
            self._sync(descriptor)
        finally:
            os.close(descriptor)
        return size

    def _adopt(self, size: int) -> None:
        """Go on in the generation that has just got its name. From here on only this one counts, whatever fails."""
        old = self.file
        self._release()
        self.generation += 1
        self._name_file()
        self.size = self._reserved = size
        try:
            platform.sync_folder(self.file.parent)
            self._go_on()
            if self.generation > 1:
                old.unlink(missing_ok=True)
        except OSError as error:
            self._release()
            raise storage_error(error, self.file) from error

    def _go_on(self) -> None:
        """Open the current file for the next line."""
        self._descriptor = platform.open_private(self.file, os.O_WRONLY)
        os.lseek(self._descriptor, self.size, os.SEEK_SET)
        self.sound = True

    def _reserve(self, size: int) -> None:
        """Make room for lines after the one that ends at `size`; none where the disk has no room."""
        try:
            _write(self._descriptor, _RESERVE)
            self._reserved = size + len(_RESERVE)
        except OSError:
            os.ftruncate(self._descriptor, size)
        os.lseek(self._descriptor, size, os.SEEK_SET)

    def _take_back(self) -> None:
        """Remove what a failed write left. When that fails too, the next write gives the file up."""
        try:
            os.ftruncate(self._descriptor, self.size)
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
            self._reserved = self.size
            self._sync(self._descriptor)
        except OSError:
            self._release()

    def _release(self) -> None:
        self.sound = False
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines joined to pieces worth a write."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _write(descriptor: int, data: bytes) -> None:
    """Write all: a nearly full disk takes a part first and fails only then."""
    done = os.write(descriptor, data)
    while done < len(data):
        done += os.write(descriptor, memoryview(data)[done:])
