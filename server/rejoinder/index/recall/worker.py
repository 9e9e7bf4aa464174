"""The recall index's process: reads requests from standard input, answers on standard output, and embeds in between.

Started as `python -m rejoinder.index.recall.worker FOLDER`. It ends when its input does.
"""

import contextlib
import logging
import queue
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.word_query import understood
from rejoinder.index.database import is_damage
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.process import own_stdout, read_requests
from rejoinder.index.recall.best import best_of
from rejoinder.index.recall.messages import (
    Ask,
    Count,
    Counted,
    Done,
    Failed,
    Found,
    FromRecall,
    Groups,
    Known,
    Put,
    Remove,
    ToRecall,
    Use,
    decode_request,
    encode,
)
from rejoinder.index.recall.opened import OpenProjects
from rejoinder.index.recall.own_vectors import VectorStoreFault
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.showing import BrokenShelf, Shelf
from rejoinder.platform import lower_priority, make_private_folder, memory_in_use

_T = TypeVar("_T")

log = logging.getLogger("rejoinder.index")

_WAIT_SECONDS = 0.002
_WAIT_SECONDS_LONG = 0.05


@frozen
class _Waiting:
    """A question, and the vectors that it waits for."""

    ask: Ask
    vectors: dict[str, "Future[Vectors]"]
    deadline: float


class RecallWorker:
    """Answers requests between the steps of embedding; all of it in one thread."""

    def __init__(
        self,
        projects: OpenProjects,
        requests: "queue.SimpleQueue[ToRecall | None]",
        send: Callable[[FromRecall], None],
    ) -> None:
        self._projects = projects
        self._requests = requests
        self._send = send
        self._waiting: list[_Waiting] = []

    def run(self) -> None:
        """Work until the requests end."""
        while True:
            try:
                request = self._requests.get(timeout=self._patience())
            except queue.Empty:
                self._answer_due()
                continue
            if request is None:
                return
            self._take(request)
            self._answer_due()

    def _patience(self) -> float | None:
        """How long to wait for a request; works a step first, unless one is there."""
        if not self._requests.empty():
            return 0.0
        for recall in self._projects.all():
            with self._mending(recall, 0):
                if recall.embed():
                    return 0.0
        if self._waiting:
            return _WAIT_SECONDS
        return _WAIT_SECONDS_LONG if any(recall.embedding.waiting for recall in self._projects.all()) else None

    def _take(self, request: ToRecall) -> None:
        if isinstance(request, Use):
            self._projects.use(request)
        elif isinstance(request, Ask):
            self._begin(request)
        elif (recall := self._opened(request.project, request.id)) is None:
            return
        else:
            with self._mending(recall, request.id):
                self._send(_done(request, recall))

    def _begin(self, ask: Ask) -> None:
        """Have the question's vectors made by every model that it needs."""
        vectors: dict[str, Future[Vectors]] = {}
        for project in ask.projects:
            recall = self._opened(project, ask.id)
            if recall is None:
                return
            model = recall.embedding.identity
            if model not in vectors and ask.query.vector_store != "none" and ask.query.mode != "words":
                text = ask.query.text if ask.query.mode is None else understood(ask.query.text).plain
                vectors[model] = recall.embedding.submit([text])
        self._waiting.append(_Waiting(ask, vectors, time.monotonic() + ask.wait))

    def _answer_due(self) -> None:
        now = time.monotonic()
        for each in list(self._waiting):
            if each.deadline <= now or self._is_ready(each):
                self._waiting.remove(each)
                self._answer(each)

    def _is_ready(self, waiting: _Waiting) -> bool:
        """Whether the question's vectors are there, and, where nothing but meaning counts, those of the passages."""
        if not all(vector.done() for vector in waiting.vectors.values()):
            return False
        asked = set(waiting.ask.projects) if waiting.ask.query.mode == "meaning" else ()
        return not any(recall.embedding.missing for recall in self._projects.of(asked))

    def _answer(self, waiting: _Waiting) -> None:
        ask, shelves = waiting.ask, list[Shelf]()
        for project in ask.projects:
            shelf = self._tried(project, ask.id, partial(_shelf, waiting))
            if shelf is None:
                return
            shelves.append(shelf)
        try:
            hits = best_of(shelves, ask.query)
        except BrokenShelf as broken:
            assert isinstance(broken.__cause__, sqlite3.Error)  # noqa: S101 - as it says
            self._mend(self._projects.get(ask.projects[broken.at]), broken.__cause__, ask.id)
            return
        if len(shelves) > 1:
            hits = [(at, attrs.evolve(hit, project_id=ask.projects[at])) for at, hit in hits]
        self._send(Found(ask.id, tuple(hit for _, hit in hits)))

    def _tried(self, project: str, id: int, what: Callable[[ProjectRecall], _T]) -> _T | None:
        """What a project answers; None when it cannot, which is told then."""
        recall = self._opened(project, id)
        if recall is None:
            return None
        try:
            return what(recall)
        except VectorStoreFault as fault:
            self._send(Failed(id, f"{fault}."))
        except sqlite3.Error as error:
            self._mend(recall, error, id)
        return None

    def _opened(self, project: str, id: int) -> ProjectRecall | None:
        """A project's passages; None when they cannot be opened, which is told then."""
        try:
            return self._projects.get(project)
        except (sqlite3.Error, OSError) as error:
            log.warning("what was said in a project cannot be opened: %s", error)
            self._send(Failed(id, f"What was said cannot be looked through: {error}."))
            return None

    @contextlib.contextmanager
    def _mending(self, recall: ProjectRecall, id: int) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._mend(recall, error, id)

    def _mend(self, recall: ProjectRecall, error: sqlite3.Error, id: int) -> None:
        """Tell what failed; a damaged index is replaced, which a full disk is no reason for."""
        anew = is_damage(error)
        if anew:
            recall.mend(error)
        reason = recall.faults[-1] if anew else f"The index of conversations and memory cannot be used: {error}."
        self._send(Failed(id, reason, anew=anew))


def _shelf(waiting: _Waiting, recall: ProjectRecall) -> Shelf:
    ask, vector = waiting.ask, _ready(waiting.vectors.get(recall.embedding.identity))
    return recall.shelf(ask.query, vector, ask.now)


def _done(request: Known | Put | Remove | Count, recall: ProjectRecall) -> FromRecall:
    """Do what is asked for, and what to say then."""
    match request:
        case Known(id):
            return Groups(id, tuple(recall.groups()))
        case Put(id):
            recall.put(*request.pieces)
            return Done(id)
        case Remove(id):
            recall.remove(request.kind, request.groups)
            return Done(id)
        case Count(id):
            return Counted(id, attrs.evolve(recall.status(), memory=memory_in_use()))


def _ready(vector: "Future[Vectors] | None") -> Vectors | None:
    """A question's vector, if it came in time."""
    if vector is None or not vector.done():
        return None
    try:
        made: Vectors = vector.result()[0]
    except Exception as error:  # an embedder may be anybody's
        log.warning("a question has no vector: %s", error)
        return None
    return made


def main(folder: Path) -> None:
    """Serve the projects' passages until standard input ends."""
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    lower_priority()
    out = own_stdout()

    def send(message: FromRecall) -> None:
        out.write(encode(message))
        out.flush()

    requests: queue.SimpleQueue[ToRecall | None] = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(sys.stdin.buffer, decode_request, requests), daemon=True).start()
    make_private_folder(folder)
    projects = OpenProjects(folder)
    with contextlib.suppress(BrokenPipeError):
        try:
            RecallWorker(projects, requests, send).run()
        finally:
            projects.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
