"""What a program decides about a call that waits for a yes."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import attrs

from rejoinder.protocol.tools import ToolRespondParams
from rejoinder_client.threads import in_thread

_log = logging.getLogger(__name__)

NOBODY = "The program has nobody to ask: it gave no `on_approval`."


@attrs.frozen
class ApprovalRequest:
    """A call that waits: the tool's name, and the exact arguments that it would be called with."""

    name: str
    args: dict[str, Any]
    session_id: str
    turn_id: str
    call_id: str


@attrs.frozen(kw_only=True)
class Decision:
    """A yes, for this call or for all of this tool in the session, or a no with its reason.

    `args` take the place of what the model would have it called with.
    """

    allow: bool
    for_session: bool = False
    reason: str | None = None
    args: dict[str, Any] | None = None

    @property
    def verdict(self) -> Literal["allow", "allow_session", "deny"]:
        """The same as one word of the protocol."""
        if not self.allow:
            return "deny"
        return "allow_session" if self.for_session else "allow"


Decided = Decision | bool | str
"""A decision; in short `True`, `False`, or the reason for a no."""

OnApproval = Callable[[ApprovalRequest], Decided | Awaitable[Decided]] | Literal["wait"]
"""Decides on a call, as a function or a coroutine; `wait`: somebody else will, or the program itself, by `respond`."""


async def decide(on_approval: Callable[[ApprovalRequest], Any] | None, request: ApprovalRequest) -> Decision:
    """What the program says. Without anybody to ask, and when that fails, it is a no."""
    if on_approval is None:
        return Decision(allow=False, reason=NOBODY)
    try:
        if inspect.iscoroutinefunction(on_approval):
            decided = await on_approval(request)
        else:
            decided = await in_thread(lambda: on_approval(request))
            if inspect.isawaitable(decided):
                decided = await decided
        return _decision(decided)
    except Exception as error:
        _log.exception("`on_approval` failed")
        return Decision(allow=False, reason=f"The program could not decide: {type(error).__name__}.")


def response(
    decided: Decided,
    turn_id: str,
    call_id: str,
    *,
    session_id: str | None = None,
    project_id: str | None = None,
    user_id: str | None = None,
) -> ToolRespondParams:
    """The parameters that tell of a decision. Raises TypeError for anything that is none."""
    decision = _decision(decided)
    return ToolRespondParams(
        turn_id=turn_id,
        call_id=call_id,
        decision=decision.verdict,
        reason=decision.reason,
        args=decision.args,
        session_id=session_id,
        project_id=project_id,
        user_id=user_id,
    )


def _decision(decided: object) -> Decision:
    match decided:
        case Decision():
            return decided
        case bool():
            return Decision(allow=decided)
        case str():
            return Decision(allow=False, reason=decided)
    raise TypeError(f"a Decision, True, False or a reason is wanted, not {decided!r:.100}")
