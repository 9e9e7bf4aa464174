"""Decisions about calls that a turn waits for: each is taken once, by whoever follows the session."""

import asyncio
from collections.abc import Iterable

from rejoinder.domain.errors import NotFound
from rejoinder.domain.tools import Decision, ToolSpec


class TurnParked(Exception):
    """The engine goes while a turn waits: what there is of it is kept, and a later decision takes it up again."""


class Approvals:
    """What one turn waits for."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[ToolSpec, asyncio.Future[Decision]]] = {}
        self.parked = False
        """Whether decisions are not waited for any more."""
        self._moved = asyncio.Event()

    @property
    def pending(self) -> bool:
        """Whether a decision is waited for."""
        return bool(self._waiting)

    def ask(self, call_id: str, spec: ToolSpec) -> "asyncio.Future[Decision]":
        """Wait for a decision on this call, without a limit in time. Raises TurnParked when the engine goes."""
        future = asyncio.get_running_loop().create_future()
        if self.parked:
            future.set_exception(TurnParked())
        else:
            self._waiting[call_id] = (spec, future)
            future.add_done_callback(lambda done: self._over(call_id, done))
            self._moved.set()
        return future

    async def asked(self, call_id: str) -> None:
        """Return when this call waits."""
        while call_id not in self._waiting:
            self._moved.clear()
            await self._moved.wait()

    def spec(self, call_id: str) -> ToolSpec:
        """The tool of a call that waits. Raises NotFound for one that does not, which may have been decided on."""
        if call_id not in self._waiting or self._waiting[call_id][1].done():
            raise decided(call_id)
        return self._waiting[call_id][0]

    def respond(self, call_id: str, decision: Decision) -> None:
        """Decide on a call; for the session: on all that wait for the same tool. Raises NotFound as `spec` does."""
        spec = self.spec(call_id)
        self._settle([call_id], decision)
        if decision.verdict == "allow_session":
            same = [other for other, (of, _) in self._waiting.items() if of.key == spec.key]
            self._settle(same, Decision(verdict="allow_session"))

    def park(self) -> None:
        """End the waiting, for the engine goes."""
        self.parked = True
        for _, future in list(self._waiting.values()):
            if not future.done():
                future.set_exception(TurnParked())

    def _over(self, call_id: str, done: "asyncio.Future[Decision]") -> None:
        self._waiting.pop(call_id, None)
        if not done.cancelled():
            done.exception()  # seen, for where several waited and the first has told already

    def _settle(self, call_ids: Iterable[str], decision: Decision) -> None:
        for call_id in list(call_ids):
            _, future = self._waiting.pop(call_id)
            if not future.done():
                future.set_result(decision)


def decided(call_id: str) -> NotFound:
    """The error for a call that waits for nothing."""
    return NotFound(
        "waiting call",
        call_id,
        hint="It was answered before, or its turn is over: open the session to see what came of it.",
    )
