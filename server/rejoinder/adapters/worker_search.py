"""Search by an index worker, a process of its own for each project in use."""

import asyncio
import contextlib
import hashlib
import itertools
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from rejoinder.adapters.worker_process import Crashes, WorkerProcess, arguments_of, end_worker, start_worker
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.retrieval import Explanation, Hit, IndexFault, IndexOptions, IndexStatus
from rejoinder.index.messages import (
    Buffer,
    Changed,
    Done,
    Explain,
    Explained,
    Failed,
    Found,
    Named,
    Names,
    Pause,
    Rebuild,
    Resume,
    Search,
    Status,
    ToWorker,
    decode_reply,
    encode,
)

log = logging.getLogger(__name__)

OnStatus = Callable[[str, IndexStatus], None]
_Answer = Found | Named | Explained | Done

_COMMAND = (sys.executable, "-P", "-m", "rejoinder.index.worker")
_ANSWER_SECONDS = 10.0
_UNKNOWN = IndexStatus(state="starting")
_DEFAULTS = IndexOptions()


class WorkerSearchProvider:
    """Opens searches, one for each project; opening one again alike answers the one that is there."""

    def __init__(
        self, cache_dir: Path, *, on_status: OnStatus | None = None, command: Sequence[str] = _COMMAND
    ) -> None:
        """`on_status` is called in the event loop with a project's ID and status, a few times a second at most."""
        self._cache_dir = cache_dir
        self._on_status = on_status
        self._command = command
        self._open: dict[str, WorkerSearch] = {}

    def open(
        self, project_id: str, folder: Path, ignore: Sequence[str], options: IndexOptions = _DEFAULTS
    ) -> "WorkerSearch":
        """The search over a folder. Called in the event loop, where its worker is started in the background.

        One that is there with other options is for the caller to close.
        """
        folder = folder.absolute()
        search = self._open.get(project_id)
        kept = str(self._index_folder(folder))
        command = [*self._command, *arguments_of(options), "--", str(folder), kept, *ignore]
        if search is None or search.closed or search.command != command:
            search = WorkerSearch(folder, command, on_status=lambda status: self._tell(project_id, status))
            self._open[project_id] = search
        return search

    async def close(self) -> None:
        """End all workers."""
        searches = list(self._open.values())
        self._open.clear()
        await asyncio.gather(*(search.close() for search in searches))

    def _index_folder(self, folder: Path) -> Path:
        # The name is of the folder's path, not of the project: an index is worth nothing elsewhere.
        name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
        return self._cache_dir / name

    def _tell(self, project_id: str, status: IndexStatus) -> None:
        if self._on_status is not None:
            self._on_status(project_id, status)


class WorkerSearch:
    """One project's search. A worker that dies is started again, but not for ever."""

    def __init__(self, folder: Path, command: Sequence[str], *, on_status: Callable[[IndexStatus], None]) -> None:
        self._folder = folder
        self.command = command
        self._on_status = on_status
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[_Answer | Failed]] = {}
        """What is still to be answered by the worker that runs."""
        self._buffers: dict[str, str | None] = {}
        """The open buffers; None was dropped, and the worker may not know yet."""
        self._unsent: set[str] = set()
        """Buffers that the worker does not know in their newest state."""
        self._status = _UNKNOWN
        self._process: WorkerProcess | None = None
        self._up = asyncio.Event()
        """Set while a worker runs, and when none will."""
        self._crashes = Crashes()
        self._running = asyncio.create_task(self._keep_running())
        self.closed = False

    async def search(
        self, query: str, *, limit: int, wait: float = 0.0, near: Sequence[str] = (), commits: bool = False
    ) -> list[Hit]:
        """The best passages, best first. Waits up to `wait` seconds for a first index. Raises IndexUnavailable."""
        await self._send_buffers()
        request = Search(next(self._ids), _clean(query), limit, wait, tuple(near), commits)
        answer = await self._ask(request, timeout=wait + _ANSWER_SECONDS)
        return list(answer.hits) if isinstance(answer, Found) else []

    async def names(self, typed: str, *, limit: int) -> list[str]:
        """The names defined in the files that hold what was typed, best first. Raises IndexUnavailable."""
        await self._send_buffers()
        answer = await self._ask(Names(next(self._ids), _clean(typed), limit), timeout=_ANSWER_SECONDS)
        return list(answer.names) if isinstance(answer, Named) else []

    @property
    def pid(self) -> int | None:
        """The worker's process ID while it runs."""
        return None if self._process is None else self._process.child.pid

    def status(self) -> IndexStatus:
        """What the worker said last, and that one before it ended if that is not long ago."""
        reason = self._crashes.last
        if reason is None or self._status.state == "error":
            return self._status
        fault = IndexFault(self._folder.as_uri(), f"{reason} It was started again.")
        return attrs.evolve(self._status, faults=(fault, *self._status.faults))

    async def rebuild(self, path: Path | None = None) -> None:
        """Begin to index one file anew, or all; also after the worker was given up. Raises IndexUnavailable."""
        if self._running.done() and not self.closed:
            self._crashes = Crashes()
            self._up.clear()
            self._running = asyncio.create_task(self._keep_running())
        await self._ask(Rebuild(next(self._ids), None if path is None else path.as_uri()), timeout=_ANSWER_SECONDS)

    async def explain(self, path: Path) -> Explanation:
        """Why a file is in the index or not. Raises IndexUnavailable."""
        answer = await self._ask(Explain(next(self._ids), path.as_uri()), timeout=_ANSWER_SECONDS)
        if not isinstance(answer, Explained):
            raise _unavailable("The index worker answered something else.")
        return Explanation(answer.indexed, answer.reason, answer.chunks)

    async def pause(self) -> None:
        """Index nothing until `resume`; questions are answered from what is there. Raises IndexUnavailable."""
        await self._ask(Pause(next(self._ids)), timeout=_ANSWER_SECONDS)

    async def resume(self) -> None:
        """Go on indexing. Raises IndexUnavailable."""
        await self._ask(Resume(next(self._ids)), timeout=_ANSWER_SECONDS)

    async def changed(self, paths: Sequence[Path]) -> None:
        """These files were made, changed or removed on disk. Without a worker the next one sees it for itself."""
        with contextlib.suppress(IndexUnavailable):
            await self._send(Changed(tuple(path.as_uri() for path in paths)))

    async def buffer(self, uri: str, text: str | None) -> None:
        """What an open buffer holds now. It costs nothing until the next question, when the worker is told."""
        if text is None and uri not in self._buffers:
            return
        self._buffers[uri] = text
        self._unsent.add(uri)

    async def close(self) -> None:
        """End the worker, and the questions that wait for it."""
        if self.closed:
            return
        self.closed = True
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        self._fail_answers("The search was closed.")

    async def _ask(self, request: Search | Names | Rebuild | Explain | Pause | Resume, *, timeout: float) -> _Answer:
        future: asyncio.Future[_Answer | Failed] = asyncio.get_running_loop().create_future()
        await self._worker()
        self._answers[request.id] = future
        try:
            await self._send(request)
            async with asyncio.timeout(timeout):
                answer = await future
        except TimeoutError:
            raise _unavailable("The index worker does not answer.") from None
        finally:
            self._answers.pop(request.id, None)
        if isinstance(answer, Failed):
            raise _unavailable(answer.reason)
        return answer

    async def _send_buffers(self) -> None:
        while self._unsent:
            uri = self._unsent.pop()
            text = self._buffers[uri]
            if text is None:
                del self._buffers[uri]
            try:
                await self._send(Buffer(uri, None if text is None else _clean(text)))
            except BaseException:
                self._buffers.setdefault(uri, text)
                self._unsent.add(uri)
                raise

    async def _send(self, message: ToWorker) -> None:
        process = await self._worker()
        try:
            process.requests.write(encode(message))
            await process.requests.drain()
        except ConnectionError:
            raise _unavailable("The index worker has just ended.") from None

    async def _worker(self) -> WorkerProcess:
        await self._up.wait()
        if self._process is None:
            raise _unavailable("The index worker cannot be kept running.")
        return self._process

    async def _keep_running(self) -> None:
        try:
            while await self._run_once():
                self._up.clear()
                await asyncio.sleep(self._crashes.delay)
        finally:
            self._process = None
            self._up.set()

    async def _run_once(self) -> bool:
        """Run a worker to its end; whether another one may be started."""
        try:
            process = await start_worker(self.command)
        except OSError as error:
            return self._crashed(f"The index worker cannot be started: {error}")
        try:
            self._unsent.update(self._buffers)
            self._process = process
            self._up.set()
            try:
                await self._listen(process)
            except (ValueError, KeyError, TypeError) as error:
                return self._crashed(f"The index worker said what cannot be read: {error!r}")
            return self._crashed(f"The index worker ended with status {await process.child.wait()}.")
        finally:
            self._process = None
            await end_worker(process)

    async def _listen(self, process: WorkerProcess) -> None:
        async for line in process.answers:
            message = decode_reply(line)
            if isinstance(message, Status):
                self._set_status(message.status)
            elif (future := self._answers.get(message.id)) is not None and not future.done():
                future.set_result(message)

    def _crashed(self, reason: str) -> bool:
        self._crashes.add(reason)
        log.warning("%s", reason)
        self._process = None
        self._fail_answers(reason)
        if not self._crashes.too_many:
            self._set_status(_UNKNOWN)
            return True
        self._set_status(IndexStatus(state="error", faults=(IndexFault(self._folder.as_uri(), reason),)))
        return False

    def _fail_answers(self, reason: str) -> None:
        for future in self._answers.values():
            if not future.done():
                future.set_exception(_unavailable(reason))
        self._answers.clear()

    def _set_status(self, status: IndexStatus) -> None:
        self._status = status
        self._on_status(self.status())


def _clean(text: str) -> str:
    """Text without lone surrogates, which JSON cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _unavailable(reason: str) -> IndexUnavailable:
    return IndexUnavailable(reason, hint="Go on without; `rejoinder doctor` tells more, and a rebuild starts it again.")
