"""What happens in a turn, in the order in which clients are told."""

from typing import Any

import attrs

from rejoinder.domain.conversation import Citation, Message, StopReason, Usage
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.retrieval import Hit


@attrs.frozen
class TurnStarted:
    """The turn has its session and its model."""

    model: str
    session_id: str


@attrs.frozen
class UserMessageTaken:
    """The user's message, as it will be stored."""

    message: Message
    siblings: tuple[str, ...] = ()


@attrs.frozen
class TextPart:
    """More of the answer."""

    text: str


@attrs.frozen
class ThoughtPart:
    """More of the model's reasoning."""

    text: str


@attrs.frozen
class StatusChanged:
    """What is going on, for people."""

    message: str


@attrs.frozen
class ContextFound:
    """The passages that go into the prompt."""

    hits: tuple[Hit, ...]


@attrs.frozen
class CitationAdded:
    """A place that the answer refers to."""

    citation: Citation


@attrs.frozen
class UsageKnown:
    """What the turn has used."""

    usage: Usage


@attrs.frozen
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
    | UsageKnown
    | TurnEnded
)


@attrs.frozen(kw_only=True)
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
        )

    @classmethod
    def unanswered(cls, session_id: str, turn_id: str) -> "TurnResult":
        """The result of a turn that was cancelled before its model was asked."""
        return cls(
            session_id=session_id,
            turn_id=turn_id,
            message_id=None,
            text="",
            stop_reason="cancelled",
            usage=Usage(),
            citations=(),
            model="",
        )
