"""Decisions of users about calls, for turns that run and for those that an engine has left waiting."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.tools import Decision
from rejoinder.domain.waiting import WaitingTurn, waiting_in
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurn, RunningTurns
from rejoinder.services.sessions import Sessions
from rejoinder.services.tool_approvals import decided
from rejoinder.services.tooling import Problems
from rejoinder.services.turns import Turns

AskAgain = Callable[[Session, WaitingTurn], Awaitable[TurnRequest]]
"""The request of a turn that waited, as the client that decides would send it."""


@frozen(kw_only=True)
class CallAddress:
    """Which call of which turn, and who decides about it. The session is looked at when it is named."""

    project_ids: Sequence[str]
    turn_id: str
    call_id: str
    session_id: str | None = None
    user_id: str = DEFAULT_USER


class Deciding:
    """Takes decisions to the turns that wait for them."""

    def __init__(self, turns: Turns, running: RunningTurns, sessions: Sessions, problems: Problems) -> None:
        self._turns = turns
        self._running = running
        self._sessions = sessions
        self._problems = problems

    async def respond(self, call: CallAddress, decision: Decision, ask_again: AskAgain) -> RunningTurn:
        """Decide about a call; answers its turn, which goes on.

        Raises NotFound for a call that waits for nothing, also because it was decided about before. Raises NotFound for
        a function whose program is not connected, and InvalidInput for arguments that do not fit; then the call goes
        on waiting.
        """
        turn = self._live(call) or await self._taken_up(call, ask_again)
        spec = turn.approvals.spec(call.call_id)
        if decision.args is not None:
            wrong = await asyncio.to_thread(self._problems, decision.args, spec.parameters)
            if wrong:
                raise InvalidInput(f"args: {'; '.join(wrong[:5])}.", hint="Send arguments that fit.", key="args")
        turn.approvals.respond(call.call_id, decision)
        return turn

    def _live(self, call: CallAddress) -> RunningTurn | None:
        for turn in self._running.all():
            address = turn.address
            here = address.turn_id == call.turn_id and address.project_id in call.project_ids
            if here and call.session_id in (None, address.session_id) and turn.user_id == call.user_id:
                return turn
        return None

    async def _taken_up(self, call: CallAddress, ask_again: AskAgain) -> RunningTurn:
        """The turn of the call, going on where an engine has left it."""
        session, waiting = await self._parked(call)
        turn = await self._turns.take_up(await ask_again(session, waiting), session, waiting)
        if turn is None:
            raise decided(call.call_id)
        await turn.waits_for(call.call_id)
        return turn

    async def _parked(self, call: CallAddress) -> tuple[Session, WaitingTurn]:
        for project_id in call.project_ids:
            for session in await self._sessions.all(project_id):
                waiting = waiting_in(session)
                if waiting is None or waiting.turn_id != call.turn_id:
                    continue
                if waiting.question.user_id == call.user_id and waiting.waits_for(call.call_id):
                    return session, waiting
        raise decided(call.call_id)
