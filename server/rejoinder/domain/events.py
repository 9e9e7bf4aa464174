"""What happens in a turn, in the order in which clients are told."""

from typing import Any

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Citation, Message, StopReason, Usage
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.retrieval import Hit


@frozen
class TurnStarted:
    """The turn has its session and its model, and the agent who answers if one was named."""

    model: str
    session_id: str
    agent: str | None = None


@frozen
class UserMessageTaken:
    """The user's message, as it will be stored."""

    message: Message
    siblings: tuple[str, ...] = ()


@frozen
class TextPart:
    """More of the answer."""

    text: str


@frozen
class ThoughtPart:
    """More of the model's reasoning."""

    text: str


@frozen
class StatusChanged:
    """What is going on, for people."""

    message: str


@frozen
class ContextFound:
    """The passages that go into the prompt."""

    hits: tuple[Hit, ...]


@frozen
class CitationAdded:
    """A place that the answer refers to."""

    citation: Citation


@frozen
class ToolCalled:
    """The model calls a tool; `needs_approval`: it waits for a yes."""

    call_id: str
    name: str
    args: dict[str, Any]
    needs_approval: bool


@frozen
class ToolProgress:
    """A call went on. `args` are there when the decision changed them."""

    call_id: str
    status: str
    output: str | None = None
    args: dict[str, Any] | None = None


@frozen
class ApprovalWanted:
    """The turn waits for a decision on this call."""

    call_id: str


@frozen
class UsageKnown:
    """What the turn has used."""

    usage: Usage


@frozen
class TurnEnded:
    """The turn is over; always the last event."""

    stop_reason: StopReason
    usage: Usage
    citations: tuple[Citation, ...] = ()
    message_id: str | None = None
    error: RejoinderError | None = None


TurnEvent = (
    TurnStarted
    | UserMessageTaken
    | TextPart
    | ThoughtPart
    | StatusChanged
    | ContextFound
    | CitationAdded
    | ToolCalled
    | ToolProgress
    | ApprovalWanted
    | UsageKnown
    | TurnEnded
)


@frozen(kw_only=True)
class TurnResult:
    """A finished turn, as its sender is told and as it is told again for the same turn ID."""

    session_id: str
    turn_id: str
    message_id: str | None
    text: str
    stop_reason: StopReason
    usage: Usage
    citations: tuple[Citation, ...]
    model: str
    json: Any = None
    agent: str | None = None

    @classmethod
    def of(cls, session_id: str, reply: Message) -> "TurnResult":
        """The result whose answer is this message."""
        return cls(
            session_id=session_id,
            turn_id=reply.turn_id,
            message_id=reply.message_id,
            text=reply.content,
            stop_reason=reply.stop_reason or "end_turn",
            usage=reply.usage or Usage(),
            citations=reply.citations,
            model=reply.model or "",
            agent=reply.agent,
        )

    @classmethod
    def unanswered(cls, session_id: str, turn_id: str, stop_reason: StopReason = "cancelled") -> "TurnResult":
        """The result of a turn that was cancelled before its model was asked, or that waits."""
        return cls(
            session_id=session_id,
            turn_id=turn_id,
            message_id=None,
            text="",
            stop_reason=stop_reason,
            usage=Usage(),
            citations=(),
            model="",
        )
