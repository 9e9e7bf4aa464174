"""The process of an index worker: its command line, its start and its end."""

import asyncio
import contextlib
import os
from collections.abc import Sequence

import attrs

from rejoinder.domain.retrieval import IndexOptions

_LONGEST_LINE = 1 << 28
_LEAVE_SECONDS = 1.0
# numpy's libraries would use every processor for a product of a millisecond, and wait for a busy one.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@attrs.frozen
class WorkerProcess:
    """A worker that runs, with both ends of the talk with it."""

    child: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    answers: asyncio.StreamReader


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
