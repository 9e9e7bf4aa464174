"""How far a project is read, for those who wait for its passages."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rejoinder.services.ports import ProjectSearch

T = TypeVar("T")

LOOK_SECONDS = 2.0
MANY = 20
"""Files; so many that are not read yet are worth a word."""

_READING = ("starting", "indexing")


async def while_reading(
    search: ProjectSearch, found: Coroutine[Any, Any, T], tell: Callable[[str], None], *, every: float = LOOK_SECONDS
) -> T:
    """What is found; meanwhile tells every so many seconds how far the project is read."""
    task = asyncio.ensure_future(found)
    try:
        if search.status().state in _READING:
            tell("Reading the project…")
        while not (await asyncio.wait((task,), timeout=every))[0]:
            status = search.status()
            if status.state in _READING and status.total:
                tell(f"Reading the project, {status.done:,} of {status.total:,} files…")
        return task.result()
    finally:
        task.cancel()


def unread(search: ProjectSearch | None) -> str:
    """A sentence on how much of the project is not read yet; empty when that is next to nothing."""
    status = search.status() if search is not None else None
    if status is None or status.state not in _READING or status.total - status.done < MANY:
        return ""
    return f"Only {status.done:,} of {status.total:,} files are read so far: ask again in a moment."
