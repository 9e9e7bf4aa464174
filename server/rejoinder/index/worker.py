"""The index worker's process: reads requests from standard input, answers on standard output, and works in between.

Started as `python -m rejoinder.index.worker [OPTION …] FOLDER INDEX_FOLDER [IGNORE_PATTERN …]`. It ends when its input
does.
"""

import argparse
import contextlib
import logging
import os
import queue
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.domain.file_uris import path_of
from rejoinder.index.attempts import Attempts
from rejoinder.index.database import Database
from rejoinder.index.embedders import BUILTIN, BuiltinEmbedder, Embedder, chosen_embedder
from rejoinder.index.file_history import FileHistory
from rejoinder.index.git_history import GitHistory
from rejoinder.index.keeping_up import STALE_SECONDS, KeepingUp
from rejoinder.index.messages import (
    Buffer,
    Changed,
    Done,
    Explain,
    Explained,
    Failed,
    Found,
    FromWorker,
    Named,
    Names,
    Pause,
    Rebuild,
    Resume,
    Search,
    ToWorker,
    decode_request,
    encode,
)
from rejoinder.index.process import lock_folder, own_stdout, read_requests
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.resting import Rest
from rejoinder.index.telling import Telling
from rejoinder.index.walk import ProjectFiles
from rejoinder.index.watching import Watcher
from rejoinder.platform import lower_priority

log = logging.getLogger("rejoinder.index")

GRACE_SECONDS = 0.1
"""How long a question waits for changes to be taken in before it is answered from what is there."""

COMMITS_SECONDS = 3.0
"""How long a question that asks for past commits waits until they are read for the first time."""

_WAIT_SECONDS = 0.002
_WAIT_SECONDS_LONG = 0.05


@frozen
class _Waiting:
    request: Search
    deadline: float


class Worker:
    """Answers requests between the steps of the work on the index; all of it in one thread."""

    def __init__(
        self,
        index: ProjectIndex,
        upkeep: KeepingUp,
        requests: "queue.SimpleQueue[ToWorker | None]",
        send: Callable[[FromWorker], None],
    ) -> None:
        self._index = index
        self._upkeep = upkeep
        self._requests = requests
        self._send = send
        self._waiting: list[_Waiting] = []
        self._rebuilding: list[int] = []
        """The requests that are answered once the work is done."""
        self._telling = Telling(upkeep, send)

    def run(self) -> None:
        """Work until the requests end."""
        try:
            self._telling.tell()
            while True:
                busy = self._upkeep.step() or self._catch_up()
                self._telling.tell()
                self._answer_due()
                try:
                    request = self._requests.get(timeout=self._patience(busy))
                except queue.Empty:
                    continue
                if request is None:
                    return
                self._take(request)
        finally:
            self._upkeep.close()

    def _catch_up(self) -> bool:
        if self._upkeep.state == "paused":
            return False
        try:
            busy = self._index.catch_up()
            if not busy:
                self._index.commit()
            return busy
        except sqlite3.Error as error:
            self._upkeep.mend(error)
            return True

    def _patience(self, busy: bool) -> float | None:
        if busy:
            return 0.0
        if self._waiting or not self._upkeep.idle or not self._telling.is_whole:
            return _WAIT_SECONDS
        return _WAIT_SECONDS_LONG if self._index.waiting else None

    def _take(self, request: ToWorker) -> None:
        match request:
            case Search():
                self._upkeep.look_again(after=STALE_SECONDS)
                self._index.look_again()
                patience = GRACE_SECONDS if self._upkeep.complete else request.wait
                if request.commits and self._index.commits_to_come:
                    patience = max(patience, min(request.wait, COMMITS_SECONDS))
                self._waiting.append(_Waiting(request, time.monotonic() + patience))
                self._answer_due()
            case Names(id, typed, limit):
                self._send(Named(id, tuple(self._index.lexical.table.names().matching(typed, limit))))
            case Buffer(uri, text):
                path = self._path(uri)
                if path is not None:
                    self._index.set_buffer(path, text if self._index.files.accepts(path) else None)
            case Changed(uris):
                self._upkeep.mark([path for uri in uris if (path := self._path(uri)) is not None])
            case Explain(id, uri):
                self._send(self._explained(id, self._path(uri)))
            case Pause(id, keep):
                self._upkeep.pause(keep=keep)
                self._done(id)
            case Resume(id):
                self._upkeep.resume()
                self._done(id)
            case Rebuild(id, uri, waits):
                path = None if uri is None else self._path(uri)
                if uri is None or path is not None:
                    self._upkeep.rebuild(path)
                if waits:
                    self._rebuilding.append(id)
                else:
                    self._done(id)

    def _done(self, id: int) -> None:
        """Say that something was done; what it has made of the status first, for who asks next."""
        self._telling.tell(at_once=True)
        self._send(Done(id))

    def _path(self, uri: str) -> str | None:
        path = path_of(uri)
        return None if path is None else self._index.files.relative(path)

    def _explained(self, id: int, path: str | None) -> Explained:
        if path is None:
            return Explained(id, False, "not in this project's folder, or behind a link", 0, known=False)
        (indexed, reason), lexical = self._upkeep.explain(path), self._index.lexical
        return Explained(id, indexed, reason, lexical.chunks_of(path), known=path in lexical.table.files)

    def _answer_due(self) -> None:
        now = time.monotonic()
        due = [each for each in self._waiting if each.deadline <= now or self._is_ready_for(each.request)]
        self._waiting = [each for each in self._waiting if each not in due]
        for each in due:
            self._send(self._answer(each.request))
        # nobody waits for work that rests
        while self._rebuilding and self._upkeep.idle:
            broken, request_id = self._upkeep.broken, self._rebuilding.pop()
            if broken is None:
                self._done(request_id)
            else:
                self._send(Failed(request_id, broken))

    def _is_ready_for(self, request: Search) -> bool:
        return self._upkeep.idle and not (request.commits and self._index.commits_to_come)

    def _answer(self, request: Search) -> FromWorker:
        broken = self._upkeep.broken
        if broken is not None and not self._index.lexical.files:
            return Failed(request.id, broken)
        try:
            near = [path for uri in request.near if (path := self._path(uri)) is not None]
            hits = self._index.search(request.query, limit=request.limit, near=near, commits=request.commits)
            return Found(request.id, tuple(hits))
        except sqlite3.Error as error:
            log.warning("a question met a damaged index: %s", error)
            self._upkeep.mend(error)
            return Failed(request.id, "The index was damaged and is being made again.")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rejoinder.index.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("index_folder", type=Path)
    parser.add_argument("ignore", nargs="*")
    parser.add_argument("--embedder", default=BUILTIN, help="the setting `embedder`")
    parser.add_argument("--base-url", help="where the embedder is, if it is not the built-in one")
    parser.add_argument("--api-key-env", help="the variable that holds its key")
    parser.add_argument("--no-history", action="store_true", help="leave past commits alone")
    return parser.parse_args(arguments)


def _opened(options: argparse.Namespace, *, locked: bool) -> ProjectIndex:
    """The index, in memory where its folder cannot be written to."""
    try:
        return _index(options, options.index_folder if locked else None)
    except (OSError, sqlite3.OperationalError) as error:
        index = _index(options, None)
        index.misfit = f"The index cannot be kept in {options.index_folder}: {error}. It is made in memory meanwhile."
        return index


def _index(options: argparse.Namespace, kept: Path | None) -> ProjectIndex:
    builtin, misfit = BuiltinEmbedder(), None
    embedder: Embedder = builtin
    try:
        key = os.environ.get(options.api_key_env or "")
        embedder = chosen_embedder(options.embedder, builtin, base_url=options.base_url, api_key=key)
    except Exception as error:  # a package that offers an embedder may raise anything
        misfit = f"{error}; the built-in one is used"
    history = None
    if not options.no_history:
        history = FileHistory(GitHistory.open(options.folder, kept, builtin.table), builtin.table)
    index = ProjectIndex(ProjectFiles(options.folder, options.ignore), Database(kept), embedder, history)
    index.misfit = misfit
    return index


def main(arguments: Sequence[str]) -> None:
    """Serve one project's index until standard input ends."""
    options = _options(arguments)
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    lower_priority()
    out = own_stdout()

    def send(message: FromWorker) -> None:
        out.write(encode(message))
        out.flush()

    requests: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
    reading = (sys.stdin.buffer, decode_request, requests)
    threading.Thread(target=read_requests, args=reading, daemon=True).start()
    lock = None
    try:
        lock = lock_folder(options.index_folder)
    except OSError as error:
        log.warning("the index cannot be kept in %s: %s", options.index_folder, error)
    if lock is None:
        log.warning("another process has the index in %s: this one makes its own for a while", options.index_folder)
    with lock or contextlib.nullcontext(), contextlib.suppress(BrokenPipeError):
        index = _opened(options, locked=lock is not None)
        watcher = Watcher(options.folder, lambda paths: requests.put(Changed(tuple(path.as_uri() for path in paths))))
        try:
            tried = Attempts(options.index_folder if lock is not None else None)
            upkeep = KeepingUp(index, watcher, tried, Rest(options.index_folder))
            Worker(index, upkeep, requests, send).run()
        finally:
            watcher.close()


if __name__ == "__main__":
    main(sys.argv[1:])
