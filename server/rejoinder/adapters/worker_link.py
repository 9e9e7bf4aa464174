"""The engine's end of the talk with a worker: it starts one, and another after one that died, but not for ever."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from rejoinder.adapters.worker_process import Crashes, WorkerProcess, end_worker, start_worker
from rejoinder.declared import frozen
from rejoinder.domain.errors import IndexUnavailable

log = logging.getLogger(__name__)


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


Reply = TypeVar("Reply", bound=_Numbered)
"""What a worker says, by the number of its request; 0 when it was not asked."""


@frozen
class Manner:
    """What people read of a worker, and whether a request starts one that was given up a while ago."""

    name: str
    hint: str
    tries_again: bool


class WorkerLink(Generic[Reply]):
    """Requests and their answers. What is under way when a worker dies fails; nothing is asked for twice."""

    def __init__(
        self,
        command: Sequence[str],
        decode: Callable[[bytes], Reply],
        manner: Manner,
        *,
        greeting: Callable[[], Iterable[bytes]],
        told: Callable[[Reply], None],
        ended: Callable[[str, bool], None] = lambda _reason, _again: None,
    ) -> None:
        """`greeting` makes what each new worker is sent first; `told` sees every answer.

        `ended` hears of each end that nobody asked for: why, and whether another worker will be started.
        """
        self._command = command
        self._decode = decode
        self._name = manner.name
        self._manner = manner
        self._greeting = greeting
        self._told = told
        self._ended = ended
        self._answers: dict[int, asyncio.Future[Reply]] = {}
        self._process: WorkerProcess | None = None
        self._running: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        """Set while a worker runs, and when none will."""
        self._crashes = Crashes()
        self.closed = False
        self.lives = 0
        """How many workers there were."""

    @property
    def pid(self) -> int | None:
        """The worker's process ID while it runs."""
        return None if self._process is None else self._process.child.pid

    @property
    def last_crash(self) -> str | None:
        """How a worker ended, while that is worth to be told."""
        return self._crashes.last

    def start(self) -> None:
        """Start a worker unless one is kept running; also one that was given up. Called in the event loop."""
        if self._running is None or self._running.done():
            self._crashes = Crashes()
            self._begin()

    async def ask(self, id: int, line: bytes, *, timeout: float | None) -> Reply:
        """Send a request and wait for its answer, so many seconds at most. Raises IndexUnavailable."""
        await self._worker()
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[id] = future
        try:
            await self.send(line)
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise self.unavailable(f"The {self._name} does not answer.") from None
        finally:
            self._answers.pop(id, None)

    async def send(self, line: bytes) -> None:
        """Send what has no answer. Raises IndexUnavailable."""
        process = await self._worker()
        try:
            process.requests.write(line)
            await process.requests.drain()
        except ConnectionError:
            raise self.unavailable(f"The {self._name} has just ended.") from None

    def unavailable(self, reason: str) -> IndexUnavailable:
        """The error that tells why there is no answer."""
        return IndexUnavailable(reason, hint=self._manner.hint)

    async def stop(self) -> None:
        """End the worker, and the questions that wait for it; the next request starts another."""
        running = self._running
        if running is not None:
            if not running.cancelling():
                running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            # only now: another one that began meanwhile would be taken for this one, which is ending
            self._running = None if self._running is running else self._running
            self._up.set()
        self._fail_answers(f"The {self._name} was closed.")

    async def close(self) -> None:
        """End the worker for good."""
        self.closed = True
        await self.stop()

    async def _worker(self) -> WorkerProcess:
        if self.closed:
            raise self.unavailable(f"The {self._name} was closed.")
        if self._running is None or (self._running.done() and self._manner.tries_again and self._crashes.long_ago):
            self._begin()
        await self._up.wait()
        if self._process is None:
            raise self.unavailable(f"The {self._name} cannot be kept running.")
        return self._process

    def _begin(self) -> None:
        self._up.clear()
        self._running = asyncio.create_task(self._keep_running(), name=self._name)

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
            process = await start_worker(self._command)
        except OSError as error:
            return self._crashed(f"The {self._name} cannot be started: {error}")
        try:
            self.lives += 1
            process.requests.writelines(self._greeting())
            self._process = process
            self._up.set()
            try:
                await self._listen(process)
            except (ValueError, KeyError, TypeError) as error:
                return self._crashed(f"The {self._name} said what cannot be read: {error!r}")
            return self._crashed(f"The {self._name} ended with status {await process.child.wait()}.")
        finally:
            self._process = None
            await end_worker(process)

    async def _listen(self, process: WorkerProcess) -> None:
        async for line in process.answers:
            message = self._decode(line)
            self._told(message)
            if (future := self._answers.get(message.id)) is not None and not future.done():
                future.set_result(message)

    def _crashed(self, reason: str) -> bool:
        self._crashes.add(reason)
        log.warning("%s", reason)
        self._process = None
        self._fail_answers(reason)
        again = not self._crashes.too_many
        self._ended(reason, again)
        return again

    def _fail_answers(self, reason: str) -> None:
        for future in self._answers.values():
            if not future.done():
                future.set_exception(self.unavailable(reason))
        self._answers.clear()
