"""What every worker's process does: requests from standard input, answers on standard output, a folder of its own."""

import logging
import os
import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, TypeVar

from rejoinder.platform import lock_file, make_private_folder

log = logging.getLogger("rejoinder.index")

_LOCK_SECONDS = 3.0
_Request = TypeVar("_Request")


def read_requests(
    source: IO[bytes], decode: Callable[[bytes], _Request], requests: "queue.SimpleQueue[_Request | None]"
) -> None:
    """Put every request into a queue, and None at their end."""
    try:
        for line in source:
            try:
                requests.put(decode(line))
            except (ValueError, KeyError, TypeError) as error:
                log.warning("a request that cannot be read: %r", error)
    finally:
        requests.put(None)


def own_stdout() -> BinaryIO:
    """Standard output for answers alone; whatever else is printed goes to standard error."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def lock_folder(folder: Path, *, seconds: float = _LOCK_SECONDS) -> IO[str] | None:
    """The folder's lock, waited for a moment: a worker whose engine just ended may still hold it."""
    make_private_folder(folder)
    deadline = time.monotonic() + seconds
    while (lock := lock_file(folder / "lock")) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return lock
