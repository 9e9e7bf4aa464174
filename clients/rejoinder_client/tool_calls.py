"""Calls of a program's own functions, and decisions on calls, as the server asks for them while a turn runs."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from rejoinder.protocol.tools import ToolCallParams, ToolCallResult, ToolRespondParams
from rejoinder.protocol.updates import Approval, ChatUpdateParams, ToolCallStarted, ToolUpdate
from rejoinder_client.approvals import ApprovalRequest, OnApproval, decide, response
from rejoinder_client.errors import InvalidParams, NotFound
from rejoinder_client.tools import Function

_log = logging.getLogger(__name__)


@attrs.frozen
class TurnTools:
    """What one turn has of the program: its functions by name, and who decides on calls."""

    functions: Mapping[str, Function] = MappingProxyType({})
    on_approval: OnApproval | None = None
    user_id: str | None = None


class ToolDesk:
    """Answers for all turns of a client."""

    def __init__(self, respond: Callable[[ToolRespondParams], Any]) -> None:
        """`respond` sends a decision, as a coroutine."""
        self._respond = respond
        self._turns: dict[str, TurnTools] = {}
        self._offered: dict[str, Mapping[str, Function]] = {}
        """The functions that are there for a session's turns that this client did not send."""
        self._calls: dict[str, dict[str, ToolCallStarted]] = {}
        self._deciding: dict[tuple[str, str], asyncio.Task[None]] = {}
        """Who is being asked, by turn and call."""
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.contextmanager
    def turn(self, turn_id: str | None, tools: TurnTools) -> Iterator[None]:
        """Answer for a turn, to the end of the block."""
        if turn_id is None:
            yield
            return
        self._turns[turn_id], self._calls[turn_id] = tools, {}
        try:
            yield
        finally:
            self._turns.pop(turn_id, None)
            self._calls.pop(turn_id, None)
            for (of, call_id), task in list(self._deciding.items()):
                if of == turn_id:
                    task.cancel()
                    del self._deciding[of, call_id]

    def offer(self, session_id: str, functions: Mapping[str, Function]) -> None:
        """Call these for turns of a session that an earlier program has sent."""
        self._offered[session_id] = functions

    async def call(self, params: ToolCallParams) -> ToolCallResult:
        """Call a function; whatever goes wrong is said in the result."""
        turn = self._turns.get(params.turn_id)
        functions = self._offered.get(params.session_id, {}) if turn is None else turn.functions
        function = functions.get(params.name)
        if function is None:
            return ToolCallResult(error=f"The program offers no function {params.name!r:.100} any more.")
        try:
            return ToolCallResult(output=_sendable(await function.call(params.args)))
        except Exception as error:
            _log.info("the function %s failed", params.name, exc_info=True)
            return ToolCallResult(error=_sendable(_problem(error)))

    def take(self, update: ChatUpdateParams) -> None:
        """An update of a turn: one that waits for a decision gets it."""
        turn = self._turns.get(update.turn_id)
        if turn is None or turn.on_approval == "wait":
            return
        calls, told = self._calls[update.turn_id], update.update
        if isinstance(told, ToolCallStarted):
            calls[told.call_id] = told
        elif isinstance(told, Approval) and (call := calls.get(told.call_id)) is not None:
            request = ApprovalRequest(call.name, call.args, update.session_id, update.turn_id, call.call_id)
            key = update.turn_id, call.call_id
            task = asyncio.get_running_loop().create_task(self._decide(turn, request))
            self._deciding[key] = task
            self._tasks.add(task)
            task.add_done_callback(self._decided)
        elif isinstance(told, ToolUpdate) and told.status != "waiting":
            deciding = self._deciding.pop((update.turn_id, told.call_id), None)
            if deciding is not None:
                # somebody else was faster
                deciding.cancel()

    async def _decide(self, turn: TurnTools, request: ApprovalRequest) -> None:
        decision = await decide(None if turn.on_approval == "wait" else turn.on_approval, request)
        # from here on nobody else can be faster: what comes of the call comes of this decision
        self._deciding.pop((request.turn_id, request.call_id), None)
        try:
            await self._respond(response(decision, request.turn_id, request.call_id, user_id=turn.user_id))
        except NotFound:
            _log.debug("the call %s was decided on meanwhile", request.call_id)

    def _decided(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.warning("the decision on a call was not taken: %s", failure)


def _problem(error: Exception) -> str:
    """What is said of a failure: no traceback, and no place in the program."""
    if isinstance(error, InvalidParams):
        return error.message
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _sendable(text: str) -> str:
    """The text without halves of characters, which JSON does not know."""
    return text.encode("utf-8", "replace").decode()
