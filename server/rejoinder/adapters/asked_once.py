"""Answers that several may wait for, asked for once and kept for a while."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.define(eq=False)
class _Kept(Generic[T]):
    task: asyncio.Task[T]
    since: float
    waiting: int = 0


class AskedOnce(Generic[T]):
    """A question that nobody waits for any more is given up."""

    def __init__(self, seconds: Callable[[T], float]) -> None:
        """`seconds`: how long an answer is kept."""
        self._seconds = seconds
        self._kept: dict[Hashable, _Kept[T]] = {}

    async def of(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]], *, refresh: bool = False) -> T:
        """The answer to the question `key`, which `ask` finds out. `refresh`: one that is there does not count."""
        kept = self._kept.get(key)
        if kept is None or self._is_over(kept, refresh=refresh):
            kept = _Kept(asyncio.create_task(ask()), asyncio.get_running_loop().time())
            self._kept[key] = kept
        kept.waiting += 1
        try:
            return await asyncio.shield(kept.task)
        finally:
            kept.waiting -= 1
            if not kept.waiting and not kept.task.done():
                kept.task.cancel()
                self._kept.pop(key, None)

    def _is_over(self, kept: _Kept[T], *, refresh: bool) -> bool:
        if not kept.task.done():
            return False
        if refresh or kept.task.cancelled() or kept.task.exception() is not None:
            return True
        return asyncio.get_running_loop().time() - kept.since > self._seconds(kept.task.result())
