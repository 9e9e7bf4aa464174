"""A store whose thread stands still at one step for as long as a test needs."""

import asyncio
import threading

from core import Core

_PATIENCE_SECONDS = 60.0
"""How long a step is held at most, and waited for: a test may have failed."""


class Held:
    """The store's thread before a step; `reached` says that it stands there."""

    def __init__(self, core: Core, method: str, *, passes: int = 0) -> None:
        """`passes`: how many calls of the method go through before one is held."""
        self.reached = asyncio.Event()
        self._store = core.store
        self._method = method
        self._passes = passes
        self._loop = asyncio.get_running_loop()
        self._let_on = threading.Event()
        self._store.before[method] = self._hold

    def let_on(self) -> None:
        """Have the step done."""
        self._let_on.set()

    def _hold(self) -> None:
        if self._passes:
            self._passes -= 1
            self._store.before[self._method] = self._hold
            return
        self._loop.call_soon_threadsafe(self.reached.set)
        self._let_on.wait(_PATIENCE_SECONDS)


async def cancelled_at(core: Core, method: str, task: "asyncio.Task[object]") -> None:
    """Have whoever asked go away in the middle of a step of the store, and wait until nothing is under way any more."""
    held = Held(core, method)
    await asyncio.wait_for(held.reached.wait(), _PATIENCE_SECONDS)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    held.let_on()
    await core.history.close()
    await core.io(int)
