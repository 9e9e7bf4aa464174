"""Decisions about calls that a turn waits for: each is taken once, by whoever follows the session."""

import asyncio
from collections.abc import Callable, Iterable

from rejoinder.declared import frozen
from rejoinder.domain.errors import NotFound
from rejoinder.domain.tools import Decision, ToolSpec


class TurnParked(Exception):
    """The engine goes while a turn waits: what there is of it is kept, and a later decision takes it up again."""


@frozen
class _Waiting:
    spec: ToolSpec
    is_there: Callable[[], bool]
    future: "asyncio.Future[Decision]"


class Approvals:
    """What one turn waits for."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self.parked = False
        """Whether decisions are not waited for any more."""
        self._moved = asyncio.Event()

    @property
    def pending(self) -> bool:
        """Whether a decision is waited for."""
        return bool(self._waiting)

    def ask(self, call_id: str, spec: ToolSpec, is_there: Callable[[], bool]) -> "asyncio.Future[Decision]":
        """Wait for a decision on this call, without a limit in time. Raises TurnParked when the engine goes.

        `is_there` tells whether the tool could be called just now.
        """
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        if self.parked:
            future.set_exception(TurnParked())
        else:
            self._waiting[call_id] = _Waiting(spec, is_there, future)
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
        if call_id not in self._waiting or self._waiting[call_id].future.done():
            raise decided(call_id)
        return self._waiting[call_id].spec

    def respond(self, call_id: str, decision: Decision) -> None:
        """Decide on a call; for the session: on all that wait for the same tool.

        Raises NotFound as `spec` does, and for a yes to a tool that is not there just now: then the call waits on.
        """
        spec = self.spec(call_id)
        if decision.allows and not self._waiting[call_id].is_there():
            raise NotFound(
                "connected program with the function",
                spec.name,
                hint="Start the program that sent the turn once more, then decide; the call waits for it.",
            )
        self._settle([call_id], decision)
        if decision.verdict == "allow_session":
            same = [other for other, waiting in self._waiting.items() if waiting.spec.key == spec.key]
            self._settle(same, Decision(verdict="allow_session"))

    def park(self) -> None:
        """End the waiting, for the engine goes."""
        self.parked = True
        for waiting in list(self._waiting.values()):
            if not waiting.future.done():
                waiting.future.set_exception(TurnParked())

    def _over(self, call_id: str, done: "asyncio.Future[Decision]") -> None:
        self._waiting.pop(call_id, None)
        if not done.cancelled():
            done.exception()  # seen, for where several waited and the first has told already

    def _settle(self, call_ids: Iterable[str], decision: Decision) -> None:
        for call_id in list(call_ids):
            future = self._waiting.pop(call_id).future
            if not future.done():
                future.set_result(decision)


def decided(call_id: str) -> NotFound:
    """The error for a call that waits for nothing."""
    return NotFound(
        "waiting call",
        call_id,
        hint="It was answered before, or its turn is over: open the session to see what came of it.",
    )
