"""Tools: which there are, how a call is decided on, and calls that a client's own program answers."""

from typing import Any, Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing

ToolEffect = Literal["read", "write", "reach"]


@wire(kw_only=True)
class FunctionTool:
    """A function of the program that sends a turn. `parameters` is the JSON schema of its arguments.

    `asks`: a call waits for a yes.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    asks: bool | None = None


@wire(kw_only=True)
class ToolInfo:
    """A tool that models may be given. `source`: `built-in`, `functions`, or the server that has it.

    `asks`: a call waits for a yes. `enabled`: a turn that names no tools has it.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    effect: ToolEffect
    source: str
    asks: bool
    enabled: bool


@wire(kw_only=True)
class ToolListParams:
    """Whose tools: those of a project, by its ID or by a document in it."""

    project_id: str | None = None
    uri: str | None = None


@wire
class ToolListResult:
    """All tools that there are. `notes` say what could not be had, for people."""

    tools: list[ToolInfo]
    notes: list[str]


@wire(kw_only=True)
class ToolRespondParams:
    """The user's decision on a tool call. `args` take the place of the model's."""

    turn_id: str
    call_id: str
    decision: Literal["allow", "allow_session", "deny"]
    reason: str | None = None
    args: dict[str, Any] | None = None
    session_id: str | None = None
    project_id: str | None = None
    user_id: str | None = None


@wire(kw_only=True)
class ToolCallParams:
    """A call of a function that the client sent with its turn, or has offered."""

    session_id: str
    turn_id: str
    call_id: str
    name: str
    args: dict[str, Any]


@wire(kw_only=True)
class ToolOfferParams:
    """Functions of the client for turns of a session that another program has sent, and that wait or go on without it.

    They are called here from now on, until the connection ends or another one offers them.
    """

    session_id: str
    functions: list[FunctionTool]
    project_id: str | None = None
    user_id: str | None = None


@wire
class ToolCallResult:
    """What the function answered, or why it could not."""

    output: str | None = None
    error: str | None = None


TOOL_RESPOND = Method("tool/respond", ToolRespondParams, Nothing)
TOOL_LIST = Method("tool/list", ToolListParams, ToolListResult)

TOOL_OFFER = Method("tool/offer", ToolOfferParams, Nothing)

TOOL_CALL = Method("tool/call", ToolCallParams, ToolCallResult)
"""A request to the client that sent the turn, or that has offered the function."""
