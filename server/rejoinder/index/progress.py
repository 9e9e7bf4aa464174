"""How far the work on an index is, and what went wrong on the way."""

import time
from collections.abc import Callable, Mapping

from rejoinder.domain.retrieval import IndexFault

_MOST_FAULTS = 20
_LEAST_SECONDS = 0.5
_BATCH = 200
_BATCH_SECONDS = 2.0


class Progress:
    """Counts files and bytes, and guesses from these how long the rest takes."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self._bytes_done = self._bytes_total = 0
        self._spent = 0.0
        self._since: float | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing is left."""
        return self.done >= self.total

    @property
    def seconds_left(self) -> float | None:
        """A guess, in whole seconds; None when there is nothing to go by."""
        spent = self._spent + (0.0 if self._since is None else time.monotonic() - self._since)
        if self.finished or not self._bytes_done or spent < _LEAST_SECONDS:
            return None
        return float(round(spent * (self._bytes_total - self._bytes_done) / self._bytes_done))

    def start(self, files: int, size: int) -> None:
        """So many files of so many bytes together are to be done."""
        self.done, self.total, self._bytes_done, self._bytes_total = 0, files, 0, size
        self._spent, self._since = 0.0, time.monotonic()

    def add(self, size: int) -> None:
        """One file is done."""
        self.done += 1
        self._bytes_done += size

    def stop_the_clock(self) -> None:
        """While nothing is done on purpose, no time passes."""
        if self._since is not None:
            self._spent += time.monotonic() - self._since
            self._since = None

    def start_the_clock(self) -> None:
        """Go on."""
        if self._since is None:
            self._since = time.monotonic()


class Batch:
    """Changes that are made durable together."""

    def __init__(self) -> None:
        self._count = 0
        self._begun = time.monotonic()

    def is_full(self) -> bool:
        """Count one change more; whether they are enough, or waited long enough."""
        self._count += 1
        return self._count >= _BATCH or time.monotonic() - self._begun >= _BATCH_SECONDS


class Faults:
    """What could not be indexed and why, by path: of files, and of what a look at the folder met."""

    def __init__(self, uri: Callable[[str], str]) -> None:
        self._uri = uri
        self._of_files: dict[str, str] = {}
        self._of_folders: Mapping[str, str] = {}

    def clear(self) -> None:
        """A look at the whole folder begins."""
        self._of_files.clear()
        self._of_folders = {}

    def add(self, path: str, reason: str) -> None:
        """A file could not be indexed."""
        self._of_files[path] = reason

    def drop(self, path: str) -> None:
        """A file could be, or is gone."""
        self._of_files.pop(path, None)

    def of_folders(self, faults: Mapping[str, str]) -> None:
        """What a look at the folder met."""
        self._of_folders = faults

    def reason(self, path: str) -> str | None:
        """Why a file could not be indexed."""
        return self._of_files.get(path)

    def listed(self, notes: Mapping[str, str]) -> tuple[IndexFault, ...]:
        """The first ones, a line each; `notes` is what is to be said of files that were read."""
        every = {**self._of_files, **notes, **self._of_folders, **self._of_files}
        shown = [IndexFault(self._uri(path), reason) for path, reason in every.items()][:_MOST_FAULTS]
        if len(every) > len(shown):
            shown[-1] = IndexFault(self._uri(""), f"{len(every) - len(shown) + 1} more that could not be read")
        return tuple(shown)
