"""Keeps an index up with its folder, in steps so small that a question never waits long for one."""

import contextlib
import sqlite3
from collections.abc import Generator, Sequence
from pathlib import PurePosixPath

from rejoinder.domain.retrieval import IndexFault, IndexState, IndexStatus
from rejoinder.index import ignore_files
from rejoinder.index.attempts import Attempts
from rejoinder.index.database import is_damage
from rejoinder.index.explaining import explanation
from rejoinder.index.looking import LastLook, compare
from rejoinder.index.progress import Batch, Faults, Progress
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.resting import Rest
from rejoinder.index.rules import kind_of_path
from rejoinder.index.taking_in import VANISHED, TakingIn
from rejoinder.index.walk import FoundFile
from rejoinder.index.watching import Watcher

STALE_SECONDS = 2.0
"""A question that comes later than this after the last look at the folder starts another look."""

_MOST_MARKED = 200
_AHEAD = 16
_MOST_MENDED = 3


class KeepingUp:
    """The work that is to be done on an index. It looks at the whole folder first, then waits for changes."""

    def __init__(
        self,
        index: ProjectIndex,
        watcher: Watcher | None = None,
        tried: Attempts | None = None,
        rest: Rest | None = None,
    ) -> None:
        self._index, self._watcher = index, watcher
        self._rest = rest or Rest(None)
        self._taking = TakingIn(index, tried or Attempts(None))
        self._work: Generator[bool, None, None] | None = None
        self._marked: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        """What is removed once all that is marked is taken in: a file that moved is known then by its content."""
        self._scan_wanted = True
        self._last_look = LastLook(watcher)
        self._progress = Progress()
        self._faults = Faults(index.files.uri)
        self._batch, self._mended = Batch(), 0
        self.broken: str | None = None
        self.complete = index.lexical.complete

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do, or nothing shall be done."""
        return self._rest.going_on or not (self._work or self._scan_wanted or self._marked or self._gone)

    @property
    def state(self) -> IndexState:
        """How far it is, in a word."""
        if self.broken is not None:
            return "error"
        if self._rest.going_on:
            return "paused"
        return "ready" if self.complete and self._progress.finished else "indexing"

    def pause(self, *, keep: bool = False) -> None:
        """Keep what is done, and do nothing more until resumed; with `keep` no later process does either."""
        self._rest.begin(keep=keep)
        self._progress.stop_the_clock()
        try:
            self._index.commit()
        except sqlite3.Error as error:
            self.mend(error)

    def resume(self) -> None:
        """Go on where it was paused."""
        self._rest.end()
        self._progress.start_the_clock()

    def look_again(self, *, after: float = 0.0) -> None:
        """Compare the folder with the index, unless that was done less than `after` seconds ago, or need not be."""
        if self._work is None and (not after or self._last_look.is_stale(after)):
            self._scan_wanted = True

    def mark(self, paths: Sequence[str]) -> None:
        """These files may have changed. Very many, as after a checkout, are found faster by a look at the folder."""
        self._marked.update(dict.fromkeys(paths))
        rules_changed = any(PurePosixPath(path).name in ignore_files.NAMES for path in paths)
        if rules_changed or len(self._marked) > _MOST_MARKED:
            self._marked.clear()
            self._scan_wanted = True

    def rebuild(self, path: str | None) -> None:
        """Index one file anew, or all. What rests goes on."""
        self.resume()
        self.broken = None
        try:
            if path is None:
                self._abandon()
                self._start_over(damaged=False)
            else:
                self._index.begin()
                self._index.forget(path)
                self.mark([path])
        except sqlite3.Error as error:
            self.mend(error)

    def explain(self, path: str) -> tuple[bool, str]:
        """Whether a file is in the index, and why, or why not."""
        lexical, reason = self._index.lexical, None
        if lexical.digest(path) is None:
            unknown = "not found when the folder was looked at last" if self.state == "ready" else "not indexed yet"
            reason = self._faults.reason(path) or unknown
        return explanation(self._index.files, path, reason, note=lexical.notes().get(path, ""))

    def step(self) -> bool:
        """Do a little; False when there is nothing to do just now."""
        if self._rest.going_on:
            return False
        try:
            if self._marked or self._gone:
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
            self._start_over(damaged=True)
            return
        self._index.roll_back()
        self._last_look.end(failed=True)
        self.broken = f"The index cannot be written: {error}"

    def status(self) -> IndexStatus:
        """How far it is."""
        index, progress = self._index, self._progress
        whole = [reason for reason in (self.broken, index.database.damage, index.fault) if reason is not None]
        return IndexStatus(
            state=self.state,
            files=index.lexical.files,
            chunks=index.lexical.chunks,
            done=progress.done,
            total=progress.total,
            seconds_left=progress.seconds_left,
            model=index.model,
            dimension=index.dimension,
            size=index.database.size,
            faults=(
                *(IndexFault(index.files.folder.as_uri(), reason) for reason in whole),
                *self._faults.listed(index.lexical.notes()),
            ),
        )

    def close(self) -> None:
        """Keep what is done and let go."""
        if self._work is not None:
            self._work.close()
        with contextlib.suppress(sqlite3.Error):
            self._index.commit()
        self._taking.close()
        self._index.database.close()

    def _folder_is_there(self) -> bool:
        """Otherwise says so. It may be on a drive that is not there now, so what is known of it stays."""
        there = self._index.files.folder.is_dir()
        self.broken = None if there else "The folder is not there."
        return there

    def _scan(self) -> Generator[bool, None, None]:
        """Yields True after each piece of work."""
        if not self._folder_is_there():
            return
        self._last_look.begin()
        files = self._index.files
        look = yield from compare(files, self._index.lexical.known())
        self._faults.clear()
        self._faults.of_folders(files.faults)
        if self._watcher is not None:
            self._watcher.follow(look.folders)
        yield from self._take_all(look.changed)
        # last, so that a file that moved is known by its content and costs nothing
        for path in look.gone:
            if not self._folder_is_there():
                return
            self._remove(path)
            yield True
        if self._folder_is_there():
            self._finish()

    def _take_all(self, todo: list[FoundFile]) -> Generator[bool, None, None]:
        todo.sort(key=lambda found: kind_of_path(found.path))
        todo.reverse()
        self._progress.start(len(todo), sum(found.size for found in todo))
        try:
            while todo:
                ahead = todo[-1 : -_AHEAD - 1 : -1]
                self._index.prepare([found.path for found in ahead])
                # rather than waiting for one that is being prepared, another one goes first
                free = (at for at, found in enumerate(ahead) if not self._index.is_prepared_now(found.path))
                found = todo.pop(-1 - next(free, 0))
                self._take_in(found.path)
                self._progress.add(found.size)
                yield True
        finally:
            self._index.prepare(())

    def _finish(self) -> None:
        if not self.complete:
            self._index.begin()
            self._index.lexical.set_complete()
            self.complete = True
        self._commit_if_due(last=True)
        self._mended = 0
        self._last_look.end()

    def _start_over(self, *, damaged: bool) -> None:
        self._index.start_over(damaged=damaged)
        self.complete = False
        self._scan_wanted = True

    def _abandon(self) -> None:
        if self._work is not None:
            self._work.close()
            self._work = None
        self._progress.start(0, 0)
        self._marked.clear()
        self._gone.clear()

    def _take_marked(self) -> None:
        if self._marked:
            path = next(iter(self._marked))
            del self._marked[path]
            files = self._index.files
            accepted = files.accepts(path)
            if accepted and files.found(path) is not None:
                self._take_in(path)
            else:
                # One that is not known may be a folder that came or went, one that is too large is to be told of;
                # only a look at everything tells.
                large = accepted and files.too_large(path) is not None
                self._scan_wanted |= large or (accepted and self._index.lexical.digest(path) is None)
                self._gone[path] = None
        else:
            path = next(iter(self._gone))
            del self._gone[path]
            if self._folder_is_there():
                self._remove(path)
        if not (self._marked or self._gone or self._work):
            self._commit_if_due(last=True)

    def _remove(self, path: str) -> None:
        self._index.begin()
        self._index.lexical.remove(path)
        self._faults.drop(path)
        self._commit_if_due()

    def _take_in(self, path: str) -> None:
        found = self._index.files.found(path)
        if found is None:
            if self._folder_is_there():
                self._remove(path)
                self._faults.add(path, VANISHED)
            return
        self._index.begin()
        self._faults.drop(path)
        taken = self._taking.take(found)
        if not taken.inside:
            self._index.lexical.remove(path)
        if taken.fault is not None:
            self._faults.add(path, taken.fault)
        if taken.again:
            self.mark([path])
        self._commit_if_due()

    def _commit_if_due(self, *, last: bool = False) -> None:
        if self._batch.is_full() or last:
            self._index.commit()
            self._batch = Batch()
