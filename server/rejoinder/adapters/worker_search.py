"""Search by an index worker, a process of its own for each project in use."""

import asyncio
import contextlib
import hashlib
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from rejoinder.adapters.worker_link import Manner, WorkerLink
from rejoinder.adapters.worker_process import arguments_of
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.retrieval import Explanation, Hit, IndexFault, IndexOptions, IndexStatus
from rejoinder.index.messages import (
    Buffer,
    Changed,
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
    Status,
    decode_reply,
    encode,
)

OnStatus = Callable[[str, IndexStatus], None]
_Request = Search | Names | Rebuild | Explain | Pause | Resume

_COMMAND = (sys.executable, "-P", "-m", "rejoinder.index.worker")
_MANNER = Manner(
    "index worker",
    hint="Go on without; `rejoinder doctor` tells more, and a rebuild starts it again.",
    tries_again=False,
)
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
        self._buffers: dict[str, str | None] = {}
        """The open buffers; None was dropped, and the worker may not know yet."""
        self._unsent: set[str] = set()
        """Buffers that the worker does not know in their newest state."""
        self._status = _UNKNOWN
        self._told: list[Callable[[IndexStatus], object]] = []
        """Who waits for a rebuild, and hears of its status."""
        self._link = WorkerLink[FromWorker](
            command,
            decode_reply,
            _MANNER,
            greeting=self._greeting,
            told=self._listen,
            ended=self._crashed,
        )
        self._link.start()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._link.closed

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
        return self._link.pid

    def status(self) -> IndexStatus:
        """What the worker said last, and that one before it ended if that is not long ago."""
        reason = self._link.last_crash
        if reason is None or self._status.state == "error":
            return self._status
        fault = IndexFault(self._folder.as_uri(), f"{reason} It was started again.")
        return attrs.evolve(self._status, faults=(fault, *self._status.faults))

    async def rebuild(self, path: Path | None = None, *, tell: Callable[[IndexStatus], object] | None = None) -> None:
        """Begin to index one file anew, or all; also after the worker was given up. Raises IndexUnavailable.

        With somebody to `tell` of its status meanwhile, it returns when that is done.
        """
        if not self.closed:
            self._link.start()
        request = Rebuild(next(self._ids), None if path is None else path.as_uri(), waits=tell is not None)
        if tell is None:
            await self._ask(request, timeout=_ANSWER_SECONDS)
            return
        self._told.append(tell)
        try:
            await self._ask(request, timeout=None)
        finally:
            self._told.remove(tell)

    async def explain(self, path: Path) -> Explanation:
        """Why a file is in the index or not. Raises IndexUnavailable."""
        answer = await self._ask(Explain(next(self._ids), path.as_uri()), timeout=_ANSWER_SECONDS)
        if not isinstance(answer, Explained):
            raise self._link.unavailable("The index worker answered something else.")
        return Explanation(answer.indexed, answer.reason, answer.chunks, answer.known)

    async def pause(self, *, keep: bool = False) -> None:
        """Index nothing until `resume`; questions are answered from what is there. Raises IndexUnavailable.

        With `keep` that holds for later workers too.
        """
        await self._ask(Pause(next(self._ids), keep), timeout=_ANSWER_SECONDS)

    async def resume(self) -> None:
        """Go on indexing. Raises IndexUnavailable."""
        await self._ask(Resume(next(self._ids)), timeout=_ANSWER_SECONDS)

    async def changed(self, paths: Sequence[Path]) -> None:
        """These files were made, changed or removed on disk. Without a worker the next one sees it for itself."""
        with contextlib.suppress(IndexUnavailable):
            await self._link.send(encode(Changed(tuple(path.as_uri() for path in paths))))

    async def buffer(self, uri: str, text: str | None) -> None:
        """What an open buffer holds now. It costs nothing until the next question, when the worker is told."""
        if text is None and uri not in self._buffers:
            return
        self._buffers[uri] = text
        self._unsent.add(uri)

    async def close(self) -> None:
        """End the worker, and the questions that wait for it."""
        await self._link.close()

    async def _ask(self, request: _Request, *, timeout: float | None) -> FromWorker:
        answer = await self._link.ask(request.id, encode(request), timeout=timeout)
        if isinstance(answer, Failed):
            raise self._link.unavailable(answer.reason)
        return answer

    async def _send_buffers(self) -> None:
        while self._unsent:
            uri = self._unsent.pop()
            text = self._buffers[uri]
            if text is None:
                del self._buffers[uri]
            try:
                await self._link.send(encode(Buffer(uri, None if text is None else _clean(text))))
            except BaseException:
                self._buffers.setdefault(uri, text)
                self._unsent.add(uri)
                raise

    def _greeting(self) -> tuple[bytes, ...]:
        """Nothing yet: a new worker is told of the buffers before its first question."""
        self._unsent.update(self._buffers)
        return ()

    def _listen(self, message: FromWorker) -> None:
        if isinstance(message, Status):
            self._set_status(message.status)

    def _crashed(self, reason: str, again: bool) -> None:
        fault = IndexFault(self._folder.as_uri(), reason)
        self._set_status(_UNKNOWN if again else IndexStatus(state="error", faults=(fault,)))

    def _set_status(self, status: IndexStatus) -> None:
        self._status = status
        self._on_status(self.status())
        for tell in list(self._told):
            tell(status)


def _clean(text: str) -> str:
    """Text without lone surrogates, which JSON cannot hold."""
    return text.encode("utf-8", "replace").decode()
