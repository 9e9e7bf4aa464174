"""Keeps an index up with its folder, in steps so small that a question never waits long for one."""

import sqlite3
import time
from collections.abc import Generator, Sequence

from rejoinder.domain.retrieval import IndexFault, IndexState, IndexStatus
from rejoinder.index.database import is_damage
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.rules import kind_of_path

STALE_SECONDS = 2.0
"""A question that comes later than this after the last look at the folder starts another look."""

_BATCH = 200
_BATCH_SECONDS = 2.0
_MOST_MARKED = 200
_MOST_FAULTS = 20
_MOST_MENDED = 3
# A file that changes again within the same tick of the clock keeps its time: one so young is read once more.
_TICK_NANOSECONDS = 100_000_000
_NEVER = -1


class KeepingUp:
    """The work that is to be done on an index. It looks at the whole folder first, then waits for changes."""

    def __init__(self, index: ProjectIndex) -> None:
        self._index = index
        self._work: Generator[bool, None, None] | None = None
        self._marked: dict[str, None] = {}
        self._scan_wanted = True
        self._scanned = float("-inf")
        self._done = self._total = self._uncommitted = 0
        self._committed = time.monotonic()
        self._faults: dict[str, str] = {}
        self.broken: str | None = None
        self._mended = 0
        self.complete = index.lexical.complete

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return self._work is None and not self._scan_wanted and not self._marked

    @property
    def state(self) -> IndexState:
        """How far it is, in a word."""
        if self.broken is not None:
            return "error"
        return "ready" if self.complete and self._done >= self._total else "indexing"

    def look_again(self, *, after: float = 0.0) -> None:
        """Compare the folder with the index, unless that was done less than `after` seconds ago."""
        if self._work is None and time.monotonic() - self._scanned >= after:
            self._scan_wanted = True

    def mark(self, paths: Sequence[str]) -> None:
        """These files may have changed. Very many, as after a checkout, are found faster by a look at the folder."""
        self._marked.update(dict.fromkeys(paths))
        if len(self._marked) > _MOST_MARKED:
            self._marked.clear()
            self._scan_wanted = True

    def rebuild(self, path: str | None) -> None:
        """Index one file anew, or all."""
        self.broken = None
        try:
            if path is None:
                self._abandon()
                self._start_over()
            else:
                self._index.begin()
                self._index.lexical.remove(path)
                self.mark([path])
        except sqlite3.Error as error:
            self.mend(error)

    def step(self) -> bool:
        """Do a little; False when there is nothing to do just now."""
        try:
            if self._marked:
                self._take_marked()
                return True
            if self._work is None and self._scan_wanted:
                self._scan_wanted = False
                self._work = self._scan()
            if self._work is None:
                return False
            if not next(self._work, False):
                self._work = None
            return True
        except sqlite3.Error as error:
            self.mend(error)
            return True

    def mend(self, error: sqlite3.Error) -> None:
        """After an error of the database: begin anew when it is damaged, else say so and wait for the next look."""
        self._abandon()
        if is_damage(error) and self._mended < _MOST_MENDED:
            self._mended += 1
            self._start_over()
            return
        self._index.roll_back()
        self._scanned = time.monotonic()
        self.broken = f"The index cannot be written: {error}"

    def status(self) -> IndexStatus:
        """How far it is."""
        index = self._index.lexical
        faults = [IndexFault(self._index.files.uri(path), reason) for path, reason in self._faults.items()][
            :_MOST_FAULTS
        ]
        if self.broken is not None:
            faults.insert(0, IndexFault(self._index.files.folder.as_uri(), self.broken))
        return IndexStatus(
            state=self.state,
            files=index.files,
            chunks=index.chunks,
            done=self._done,
            total=self._total,
            size=self._index.database.size,
            faults=tuple(faults),
        )

    def close(self) -> None:
        """Keep what is done and let go."""
        if self._work is not None:
            self._work.close()
        try:
            self._index.commit()
        except sqlite3.Error:
            pass
        self._index.database.close()

    def _scan(self) -> Generator[bool, None, None]:
        """Yields True after each piece of work."""
        if not self._index.files.folder.is_dir():
            # A drive that is not there now: what is known of it stays.
            self.broken = "The folder is not there."
            return
        self.broken = None
        known = self._index.lexical.known()
        gone = set(known)
        todo: list[str] = []
        for found in self._index.files.listing():
            if found is None:
                yield True
                continue
            gone.discard(found.path)
            stored = known.get(found.path)
            if stored is None or (stored.modified, stored.size) != (found.modified, found.size):
                todo.append(found.path)
        todo.sort(key=kind_of_path)
        self._done, self._total = 0, len(todo)
        self._faults.clear()
        for path in gone:
            self._remove(path)
            yield True
        for path in todo:
            self._take_in(path)
            self._done += 1
            yield True
        self._finish()

    def _finish(self) -> None:
        if not self.complete:
            self._index.begin()
            self._index.lexical.set_complete()
            self.complete = True
        self._commit_if_due(last=True)
        self._mended = 0
        self._scanned = time.monotonic()

    def _start_over(self) -> None:
        self._index.start_over()
        self.complete = False
        self._scan_wanted = True

    def _abandon(self) -> None:
        if self._work is not None:
            self._work.close()
            self._work = None
        self._done = self._total = 0
        self._marked.clear()

    def _take_marked(self) -> None:
        path = next(iter(self._marked))
        del self._marked[path]
        files = self._index.files
        if not files.accepts(path) or files.found(path) is None:
            if self._index.lexical.digest(path) is None and files.accepts(path):
                # Perhaps a folder that came or went; only a look at everything tells.
                self._scan_wanted = True
            self._remove(path)
        else:
            self._take_in(path)
        if not self._marked and self._work is None:
            self._commit_if_due(last=True)

    def _remove(self, path: str) -> None:
        self._index.begin()
        self._index.lexical.remove(path)
        self._faults.pop(path, None)
        self._commit_if_due()

    def _take_in(self, path: str) -> None:
        found = self._index.files.found(path)
        if found is None:
            self._remove(path)
            return
        young = time.time_ns() - found.modified < _TICK_NANOSECONDS
        self._index.begin()
        try:
            self._index.take_in(found, modified=_NEVER if young else found.modified)
            self._faults.pop(path, None)
        except OSError as error:
            self._index.lexical.remove(path)
            self._faults[path] = error.strerror or type(error).__name__
        self._commit_if_due()

    def _commit_if_due(self, *, last: bool = False) -> None:
        self._uncommitted += 1
        now = time.monotonic()
        if last or self._uncommitted >= _BATCH or now - self._committed >= _BATCH_SECONDS:
            self._index.commit()
            self._uncommitted = 0
            self._committed = now
