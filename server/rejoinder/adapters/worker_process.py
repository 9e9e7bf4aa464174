"""The process of an index worker: its command line, its start and its end."""

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence

from rejoinder.declared import frozen
from rejoinder.domain.retrieval import IndexOptions

_LONGEST_LINE = 1 << 28
_LEAVE_SECONDS = 1.0
_MOST_CRASHES, _CRASH_SECONDS = 3, 60.0
_FIRST_DELAY = 0.1
_TOLD_SECONDS = 600.0
# numpy's libraries would use every processor for a product of a millisecond, and wait for a busy one.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@frozen
class WorkerProcess:
    """A worker that runs, with both ends of the talk with it."""

    child: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    answers: asyncio.StreamReader


class Crashes:
    """The ends of workers that nobody asked for: how many of late, and the last one."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._reason = ""

    def add(self, reason: str) -> None:
        """One more."""
        now = time.monotonic()
        self._times = [*(each for each in self._times if now - each < _CRASH_SECONDS), now]
        self._reason = reason

    @property
    def too_many(self) -> bool:
        """Whether starting another one is of no use."""
        return len(self._times) > _MOST_CRASHES

    @property
    def long_ago(self) -> bool:
        """Whether the last one is so long ago that another start is worth trying."""
        return not self._times or time.monotonic() - self._times[-1] > _CRASH_SECONDS

    @property
    def delay(self) -> float:
        """Seconds to wait before the next one is started."""
        return _FIRST_DELAY * 2.0 ** len(self._times)

    @property
    def last(self) -> str | None:
        """How one ended, while that is worth to be told."""
        told = bool(self._times) and time.monotonic() - self._times[-1] < _TOLD_SECONDS
        return self._reason if told else None


def arguments_of(options: IndexOptions) -> list[str]:
    """The worker's options on its command line. A key is never among them: its variable is."""
    given = {"embedder": options.embedder, "base-url": options.base_url, "api-key-env": options.api_key_env}
    arguments = [f"--{name}={value}" for name, value in given.items() if value is not None]
    return arguments if options.history else [*arguments, "--no-history"]


async def start_worker(command: Sequence[str]) -> WorkerProcess:
    """Start a worker by its command line. Raises OSError."""
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, **_ONE_THREAD}
    child = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, limit=_LONGEST_LINE, env=environment
    )
    if child.stdin is None or child.stdout is None:
        raise OSError("it was started without its pipes")
    return WorkerProcess(child, child.stdin, child.stdout)


async def end_worker(process: WorkerProcess) -> None:
    """Close the worker's input, at which it ends; kill it when it takes long."""
    process.requests.close()
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await process.child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.child.kill()
        await process.child.wait()
