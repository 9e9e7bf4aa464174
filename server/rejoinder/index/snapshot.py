"""What the memory holds of an index, kept in a file beside the database, so that a start need not make it again.

The database alone is the truth. A snapshot is worth something only while the database names it: its number is committed
after the file is whole on the disk, so after a crash the two are never out of step; without one, all is made from the
database's rows. What has changed since is found by comparing the files' contents.
"""

import logging
import os
import secrets
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from rejoinder.index.contents import Contents
from rejoinder.index.state import State
from rejoinder.platform import open_private

log = logging.getLogger(__name__)

_FILE = "memory.snapshot"
_FACT = "snapshot"
_FORMAT = 1
_HEAD = 24
_ALIGNMENT = 8
_NUMBER_BITS = 62


class Snapshots:
    """Reads and writes the snapshot of one index folder."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is kept."""
        self._folder = folder
        self._writing: threading.Thread | None = None
        self._written: int | None = None

    @property
    def writing(self) -> bool:
        """Whether one is being written, or written and not named yet."""
        return self._writing is not None

    def load(self, contents: Contents) -> State | None:
        """The snapshot that the database names; None when there is none, or when it is damaged."""
        number = contents.fact(_FACT)
        if self._folder is None or not number:
            return None
        try:
            return _unpacked(memoryview((self._folder / _FILE).read_bytes()), number)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the snapshot of the index cannot be used: %s", error)
            return None

    def begin(self, state: State) -> None:
        """Write a snapshot in a thread of its own."""
        if self._folder is None or self._writing is not None:
            return
        self._written = None
        path, number = self._folder / _FILE, secrets.randbits(_NUMBER_BITS) | 1

        def write() -> None:
            try:
                _write(path, number, state)
            except (OSError, TypeError) as error:
                # A full disk, or a name that is no text.
                log.warning("the snapshot of the index cannot be written: %s", error)
            else:
                self._written = number

        self._writing = threading.Thread(target=write, name="snapshot", daemon=True)
        self._writing.start()

    def finish(self, contents: Contents) -> None:
        """Have the database name what was written meanwhile. The caller begins and commits."""
        if self._writing is not None and not self._writing.is_alive():
            self._writing = None
            if self._written is not None:
                contents.set_fact(_FACT, self._written)
                self._written = None

    def give_up(self) -> None:
        """Nothing that is being written will be named."""
        if self._writing is not None:
            self._writing.join()
            self._writing = self._written = None


def _write(path: Path, number: int, state: State) -> None:
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    layout = {name: [array.dtype.str, array.shape] for name, array in arrays.items()}
    header = orjson.dumps({"facts": state.facts, "arrays": layout})
    header += b" " * (-len(header) % _ALIGNMENT)
    # Nothing is copied here: a large index would take half its memory again.
    parts = [memoryview(header), *(part for array in arrays.values() for part in _aligned(array))]
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    head = b"".join(value.to_bytes(8, "little") for value in (_FORMAT << 32 | checksum, number, len(header)))
    new = path.with_suffix(".new")
    with os.fdopen(open_private(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
        file.write(head)
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _unpacked(data: memoryview, number: int) -> State:
    first, named, length = (int.from_bytes(data[at : at + 8], "little") for at in range(0, _HEAD, 8))
    if first >> 32 != _FORMAT or named != number:
        raise ValueError("it is not the one that the database names")
    if zlib.crc32(data[_HEAD:]) != first & 0xFFFFFFFF:
        raise ValueError("it is damaged")
    header = orjson.loads(data[_HEAD : _HEAD + length])
    arrays, at = {}, _HEAD + length
    for name, (kind, shape) in header["arrays"].items():
        size = int(np.prod(shape))
        arrays[name] = np.frombuffer(data, kind, size, at).reshape(shape) if size else np.zeros(shape, kind)
        at += -(-arrays[name].nbytes // _ALIGNMENT) * _ALIGNMENT
    return State(header["facts"], arrays)


def _aligned(array: NDArray[Any]) -> Iterator[memoryview]:
    """An array's memory, and what is missing to the next multiple."""
    if array.size:
        yield array.data.cast("B")
    yield memoryview(bytes(-array.nbytes % _ALIGNMENT))
