"""An answer while it comes in."""

from collections.abc import Awaitable, Callable

import attrs

from rejoinder.domain.conversation import Citation, StopReason, ToolCall, Usage
from rejoinder.services.tool_approvals import Approvals


async def _nowhere() -> None:
    """Keeps nothing."""


async def _unkept(given: str) -> None:
    """Keeps nothing."""


@attrs.define
class Answer:
    """What there is of an answer. It is good at any moment: a cancelled turn stores it as it is."""

    model: str
    message_id: str
    question_id: str = ""
    """The message that is answered."""
    turn_id: str = ""
    text: str = ""
    citations: tuple[Citation, ...] = ()
    stop_reason: StopReason = "cancelled"
    usage: Usage = Usage()
    requests: int = 0
    """How often the model was asked."""
    calls: list[ToolCall] = attrs.field(factory=list)
    """The tools that were called, in their order."""
    approvals: Approvals = attrs.field(factory=Approvals)
    """Who waits for decisions about them."""
    permit: Callable[[str], Awaitable[None]] = _unkept
    """Keeps a lasting permission with the session."""
    keeper: Callable[[], Awaitable[None]] = _nowhere
    """Writes all of this down with the session, so that another engine can go on with it."""
    is_kept: bool = False
    """Whether that was done."""
    has_acted: bool = False
    """Whether a call that may have changed something was begun: then it stays, whatever becomes of the turn."""

    async def keep(self) -> None:
        """Write it down."""
        await self.keeper()
        self.is_kept = True
