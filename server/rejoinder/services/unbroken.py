"""What is stored in several steps that belong together."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Unbroken:
    """Sees such steps through. Who began them may be cancelled meanwhile: a window was closed, or a turn stopped."""

    def __init__(self) -> None:
        self._going: set[asyncio.Task[Any]] = set()

    async def __call__(self, steps: Coroutine[Any, Any, T]) -> T:
        """What the steps come to. Whoever is cancelled waits no longer, and they go on."""
        task = asyncio.ensure_future(steps)
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait until all are done; the store is still needed for that."""
        while self._going:
            await asyncio.wait(self._going)
