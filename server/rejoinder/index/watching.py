"""Watches a project's folders for changes that no client tells of."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import watchfiles

log = logging.getLogger(__name__)

MOST_FOLDERS = 4000
"""A tree with more of them is not watched but looked at again: a watched folder costs memory of the system."""

_DEBOUNCE_MILLISECONDS = 200
# Each step wakes the worker, for as long as the project is in use.
_STEP_MILLISECONDS = 200
# macOS and Windows watch a whole tree at the price of one folder; Linux has to be told of each.
_WHOLE_TREE = sys.platform in ("darwin", "win32")


class Watcher:
    """Tells of files that change in the followed folders, from a thread of its own."""

    def __init__(self, folder: Path, changed: Callable[[Sequence[Path]], None]) -> None:
        """`changed` is called in the watcher's thread with absolute paths, some milliseconds after they changed."""
        self._folder = folder
        self._changed = changed
        self._folders: frozenset[str] = frozenset()
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._since: float | None = None

    @property
    def since(self) -> float | None:
        """When the watch that goes on began, as `time.monotonic` tells it; what changes after it is told of."""
        return self._since if self.watching else None

    @property
    def watching(self) -> bool:
        """Whether changes are told of now."""
        return self._thread is not None and self._thread.is_alive()

    def follow(self, folders: Collection[str]) -> None:
        """From now on watch these folders, relative with slashes and empty for the project's own, and no others."""
        wanted = frozenset([""] if _WHOLE_TREE else folders)
        if wanted == self._folders:
            return
        before = self._stop
        self._folders, self._stop, self._thread, self._since = wanted, None, None, None
        if wanted and len(wanted) <= MOST_FOLDERS:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._watch, args=(wanted, self._stop), daemon=True)
            self._thread.start()
        elif wanted:
            log.info("%d folders are too many to be watched", len(wanted))
        if before is not None:
            before.set()

    def close(self) -> None:
        """Stop watching, and wait until it has stopped."""
        thread = self._thread
        self.follow(())
        if self._stop is not None:
            self._stop.set()
        if thread is not None:
            thread.join()

    def _watch(self, folders: Collection[str], stop: threading.Event) -> None:
        paths = [path for name in sorted(folders) if (path := self._folder / name).is_dir()]
        try:
            changes = watchfiles.watch(
                *paths,
                watch_filter=None,
                debounce=_DEBOUNCE_MILLISECONDS,
                step=_STEP_MILLISECONDS,
                rust_timeout=2 * _STEP_MILLISECONDS,
                stop_event=stop,
                recursive=_WHOLE_TREE,
                ignore_permission_denied=True,
                raise_interrupt=False,
                # the first answer, an empty one if need be, tells that the watch has begun
                yield_on_timeout=True,
            )
            for found in changes:
                if self._since is None and stop is self._stop:
                    self._since = time.monotonic()
                if found:
                    self._changed(sorted({Path(path) for _, path in found}))
        except (OSError, RuntimeError) as error:
            # The system's limit is reached, or a folder is gone already: looking again has to do.
            log.warning("the folders are not watched: %s", error)
