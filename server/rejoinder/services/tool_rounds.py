"""The calls of one turn: shown, decided on, carried out, and kept as they go."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.events import ApprovalWanted, ToolCalled, ToolProgress, TurnEvent
from rejoinder.domain.prompt import ToolAsked
from rejoinder.domain.tools import (
    ALLOWED,
    DENIED,
    DONE,
    FAILED,
    INTERRUPTED,
    OVER,
    RUNNING,
    WAITING,
    Decision,
    permission,
)
from rejoinder.services.answer import Answer
from rejoinder.services.tool_ports import ToolFailed
from rejoinder.services.tooling import Toolbox

MOST_CALLS = 32
"""Calls that a model may make at once."""


class ToolRounds:
    """Takes the calls that a model asks for, and sees them through."""

    def __init__(self, tools: Toolbox, answer: Answer, emit: Callable[[TurnEvent], None]) -> None:
        self._tools = tools
        self._answer = answer
        self._emit = emit

    async def take(self, asked: Sequence[ToolAsked], new_id: Callable[[], str]) -> None:
        """Note the calls of a round and see them through. Raises TurnParked when the engine goes meanwhile."""
        number = 1 + max((call.round for call in self._answer.calls), default=-1)
        for position, one in enumerate(asked):
            taken = {call.call_id for call in self._answer.calls}
            call_id = one.call_id if one.call_id and one.call_id not in taken else new_id()
            call = ToolCall(call_id, one.name, {}, FAILED, None, number, len(self._answer.text), one.kept)
            try:
                if position >= MOST_CALLS:
                    raise ToolFailed(f"More than {MOST_CALLS} calls at once are not made.")
                args = await self._tools.args_of(one.name, one.args)
                status = WAITING if self._must_ask(one.name) else ALLOWED
                call = attrs.evolve(call, args=args, status=status)
            except ToolFailed as exc:
                call = attrs.evolve(call, output=str(exc))
            self._answer.calls.append(call)
            self._emit(ToolCalled(call_id, one.name, call.args, call.status == WAITING))
            if call.status == FAILED:
                self._emit(ToolProgress(call_id, FAILED, call.output))
        await self.settle(fresh=True)

    async def settle(self, *, fresh: bool = False) -> None:
        """See all calls through that are not over; those that ran when an engine ended are not made again.

        `fresh`: nobody was told yet that some of them wait.
        """
        for call in self._answer.calls:
            if call.status == RUNNING:
                self._put(call, INTERRUPTED)
        going = [call for call in self._answer.calls if call.status not in OVER]
        if any(call.status == WAITING for call in going):
            await self._answer.keep()
        # first of all the waiting: an answer may come as soon as somebody is told
        decisions = {call.call_id: self._asked(call) for call in going if call.status == WAITING}
        for call_id in decisions if fresh else ():
            self._emit(ApprovalWanted(call_id))
        try:
            async with asyncio.TaskGroup() as group:
                for call in going:
                    group.create_task(self._see_through(call, decisions.get(call.call_id)))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _see_through(self, call: ToolCall, deciding: "asyncio.Future[Decision] | None") -> None:
        decision = None if deciding is None else await self._decided(call, deciding)
        if decision is not None and not decision.allows:
            self._put(call, DENIED, decision.reason)
            await self._answer.keep()
            return
        args = None if decision is None else decision.args
        call = self._put(call if args is None else attrs.evolve(call, args=args), RUNNING, args=args)
        if decision is not None or self._may_change(call.name):
            # it is begun once only, whatever happens from here on, and it stays readable
            await self._answer.keep()
            self._answer.has_acted = True
        try:
            output = await self._tools.call(call.name, call.args, turn_id=self._answer.turn_id, call_id=call.call_id)
            self._put(call, DONE, output)
        except ToolFailed as exc:
            self._put(call, FAILED, str(exc))
        if self._answer.is_kept:
            await self._answer.keep()

    def _asked(self, call: ToolCall) -> "asyncio.Future[Decision]":
        if (spec := self._tools.spec(call.name)) is not None:
            return self._answer.approvals.ask(call.call_id, spec, lambda: self._tools.is_there(call.name))
        gone: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        gone.set_result(Decision(verdict="deny", reason="The tool is not there any more."))
        return gone

    async def _decided(self, call: ToolCall, deciding: "asyncio.Future[Decision]") -> Decision:
        decision, spec = await deciding, self._tools.spec(call.name)
        if decision.verdict == "allow_session" and spec is not None:
            given = permission(spec, self._tools.user_id)
            if given not in self._tools.allowed:
                self._tools.allowed.add(given)
                await self._answer.permit(given)
        return decision

    def _may_change(self, name: str) -> bool:
        spec = self._tools.spec(name)
        return spec is not None and spec.effect != "read"

    def _must_ask(self, name: str) -> bool:
        spec = self._tools.spec(name)
        return (
            spec is not None
            and spec.needs_approval
            and permission(spec, self._tools.user_id) not in self._tools.allowed
        )

    def _put(
        self, call: ToolCall, status: str, output: str | None = None, *, args: dict[str, Any] | None = None
    ) -> ToolCall:
        """The call as it is now, in the answer too; told to everybody."""
        now = attrs.evolve(call, status=status, output=output)
        calls = self._answer.calls
        calls[next(at for at, one in enumerate(calls) if one.call_id == call.call_id)] = now
        self._emit(ToolProgress(call.call_id, status, output, args))
        return now
