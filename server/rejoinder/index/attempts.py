"""Which file is being read: one that twice ends the process is set aside, and the rest goes on."""

import contextlib
import json
import mmap
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from rejoinder.index.walk import FoundFile
from rejoinder.platform import make_private_folder, open_private

MOST_DEATHS = 2
"""A process is killed for many reasons: once may be chance."""

LONGEST_SECONDS = 30.0
"""Of processor time for one file; more is an endless loop, and ends the process."""

SET_ASIDE = "the index worker died of it twice: it stays out until it changes"

_NOTE, _DEATHS = "reading", "deaths.json"
_NOTE_BYTES = 1 << 14
_Seen = tuple[int, int, int]


class Attempts:
    """What was being read when a process died, kept in the index's folder; without a folder nothing is remembered."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._deaths: dict[str, _Seen] = {}
        """Times, sizes and numbers of deaths by path."""
        self._note: mmap.mmap | None = None
        if folder is not None:
            with contextlib.suppress(OSError, ValueError, TypeError):
                self._open(folder)

    def refuses(self, found: FoundFile) -> bool:
        """Whether a file, as it is now, has ended the process too often."""
        modified, size, deaths = self._deaths.get(found.path, (0, 0, 0))
        return deaths >= MOST_DEATHS and (modified, size) == (found.modified, found.size)

    @contextlib.contextmanager
    def reading(self, found: FoundFile) -> Iterator[None]:
        """Note a file for as long as it is being read. Taking too long over it is a death too, where there is a way."""
        note = json.dumps([found.path, found.modified, found.size]).encode()
        self._write(note if len(note) < _NOTE_BYTES else b"")
        _limit(LONGEST_SECONDS)
        try:
            yield
        finally:
            _limit(0.0)
            self._write(b"")

    def close(self) -> None:
        """Let go of the note."""
        if self._note is not None:
            self._note.close()
            self._note = None

    def _open(self, folder: Path) -> None:
        make_private_folder(folder)
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError, AttributeError):
            known = json.loads((folder / _DEATHS).read_bytes())
            self._deaths = {
                str(path): (int(time), int(size), int(count)) for path, (time, size, count) in known.items()
            }
        descriptor = open_private(folder / _NOTE, os.O_RDWR | os.O_CREAT)
        try:
            if os.fstat(descriptor).st_size < _NOTE_BYTES:
                # written out rather than left empty: on a full disk this fails here, and not the memory later
                os.write(descriptor, bytes(_NOTE_BYTES))
            # a file that is written by memory alone costs nothing, and outlives the process as any other
            self._note = mmap.mmap(descriptor, _NOTE_BYTES)
        finally:
            os.close(descriptor)
        last = self._note[:].partition(b"\n")[0]
        self._write(b"")
        if last and not last.startswith(b"\0"):
            self._count(*json.loads(last))

    def _count(self, path: str, modified: int, size: int) -> None:
        *version, deaths = self._deaths.get(path, (modified, size, 0))
        again = version == [modified, size]
        self._deaths[path] = (modified, size, deaths + 1 if again else 1)
        if self._folder is not None:
            descriptor = open_private(self._folder / _DEATHS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._deaths, file)

    def _write(self, note: bytes) -> None:
        if self._note is not None:
            self._note[: len(note) + 1] = note + b"\n"


def _limit(seconds: float) -> None:
    """Have the system end this process after so much processor time; 0 takes that back."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
