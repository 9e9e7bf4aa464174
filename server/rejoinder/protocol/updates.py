"""What `chat/update` tells of a running turn: one class for each `type`."""

from typing import Any, Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.types import Citation, Hit, Message, StopReason, Usage


@wire
class ErrorInfo:
    """An error as a turn's end carries it: the same code, message and data as the reply's."""

    code: int
    message: str
    data: dict[str, Any] | None = None


@wire
class Started:
    """The turn has begun. `agent` is the name of the one who answers, if one was named."""

    model: str
    session_id: str
    agent: str | None = None
    type: Literal["started"] = "started"


@wire
class UserMessage:
    """The user's message as it will be stored."""

    message: Message
    type: Literal["user_message"] = "user_message"


@wire
class Text:
    """More of the answer."""

    text: str
    type: Literal["text"] = "text"


@wire
class Thought:
    """More of the model's reasoning."""

    text: str
    type: Literal["thought"] = "thought"


@wire
class Status:
    """What is going on, in a few words for people."""

    message: str
    type: Literal["status"] = "status"


@wire
class Context:
    """The passages that were retrieved for this turn."""

    hits: list[Hit]
    type: Literal["context"] = "context"


@wire
class CitationFound:
    """A place that the answer refers to."""

    citation: Citation
    type: Literal["citation"] = "citation"


@wire
class ToolCallStarted:
    """The model calls a tool."""

    call_id: str
    name: str
    args: dict[str, Any]
    needs_approval: bool
    type: Literal["tool_call"] = "tool_call"


@wire
class ToolUpdate:
    """A tool call went on.

    `status` is `waiting` (for a decision), `running`, `done`, `failed`, `denied`, `cancelled` or `interrupted`. `args`
    are there when the decision changed them.
    """

    call_id: str
    status: str
    output: str | None = None
    args: dict[str, Any] | None = None
    type: Literal["tool_update"] = "tool_update"


@wire
class Approval:
    """The turn waits for a decision on this call."""

    call_id: str
    type: Literal["approval"] = "approval"


@wire
class UsageUpdate:
    """What the turn has used so far."""

    usage: Usage
    type: Literal["usage"] = "usage"


@wire
class End:
    """The turn is over; always the last update.

    `error` together with `message_id`: it failed, and what there is of it is stored all the same, because a call that
    may have changed something was begun.
    """

    stop_reason: StopReason
    usage: Usage
    citations: list[Citation]
    message_id: str | None = None
    error: ErrorInfo | None = None
    type: Literal["end"] = "end"


Update = (
    Started
    | UserMessage
    | Text
    | Thought
    | Status
    | Context
    | CitationFound
    | ToolCallStarted
    | ToolUpdate
    | Approval
    | UsageUpdate
    | End
)
UPDATE_TYPES: tuple[type, ...] = Update.__args__
"""Every update class; each carries its tag as the default of `type`."""


@wire
class ChatUpdateParams:
    """One update of a turn; `seq` counts from 0 without gaps."""

    session_id: str
    turn_id: str
    seq: int
    update: Update
