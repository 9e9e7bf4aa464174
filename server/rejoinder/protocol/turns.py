"""Chat and ask, and what belongs to a turn."""

from typing import Any, Literal

import attrs

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing, Token
from rejoinder.protocol.tools import FunctionTool, ToolInfo
from rejoinder.protocol.types import Attachment, Citation, Hit, Range, Role, StopReason, ToolCall, Usage
from rejoinder.protocol.updates import ChatUpdateParams

AskAction = Literal["explain", "fix", "test", "document", "review", "commit"]


@wire
class TextEdit:
    """One replacement within a document."""

    range: Range
    new_text: str


@wire
class VersionedDocument:
    """A document as it was at `version`; None when it is not open."""

    uri: str
    version: int | None


@wire
class TextDocumentEdit:
    """All replacements within one document."""

    text_document: VersionedDocument
    edits: list[TextEdit]


@wire
class CreateFileOptions:
    """What becomes of a file that is there already."""

    ignore_if_exists: bool = True


@wire
class CreateFile:
    """A file that is made before its text is put in."""

    uri: str
    kind: Literal["create"] = "create"
    options: CreateFileOptions = attrs.field(factory=CreateFileOptions)


@wire
class WorkspaceEdit:
    """LSP's WorkspaceEdit in its versioned form."""

    document_changes: list[CreateFile | TextDocumentEdit]


@wire
class CompletionItem:
    """A proposal for an input that is no LSP document."""

    label: str
    insert_text: str
    kind: str
    detail: str


@wire
class PromptImage:
    """An image that goes along with a message: its type, the SHA-256 of its bytes, and how many these are."""

    mime_type: str
    hash: str
    bytes: int


@wire
class PromptMessage:
    """A message exactly as a model would get it."""

    role: Role
    content: str
    origin: Hit | None = None
    images: list[PromptImage] | None = None
    tool_calls: list[ToolCall] | None = None
    """The calls that it makes, or the one whose result it brings."""


@wire
class ModelSettings:
    """What may be set for one call. What a model does not know is left out of its request."""

    temperature: float | None = None
    max_tokens: int | None = None
    effort: Literal["minimal", "low", "medium", "high"] | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: list[str] | None = None


@wire(kw_only=True)
class TurnParams:
    """What chat, ask and preview have in common. `ephemeral`: the turn leaves no trace."""

    text: str
    session_id: str | None = None
    uri: str | None = None
    project_id: str | None = None
    user_id: str | None = None
    turn_id: str | None = None
    attachments: list[Attachment] | None = None
    model: str | None = None
    settings: ModelSettings | None = None
    system: str | None = None
    agent: str | None = None
    tools: list[str] | None = None
    functions: list[FunctionTool] | None = None
    retrieve: bool | None = None
    ephemeral: bool | None = None


@wire(kw_only=True)
class ChatParams(TurnParams):
    """One turn. `parent_id`: edit, resend or regenerate from there."""

    parent_id: str | None = None
    queue: bool | None = None
    ack: bool | None = None
    partial_result_token: Token | None = None
    work_done_token: Token | None = None


@wire(kw_only=True)
class AskParams(TurnParams):
    """One question over all sessions of the project; stored in the current one unless `remember` is false."""

    action: AskAction | None = None
    schema: dict[str, Any] | None = None
    remember: bool | None = None
    ack: bool | None = None
    partial_result_token: Token | None = None
    work_done_token: Token | None = None


@wire
class TurnResult:
    """A finished turn. With `ack` only `session_id` and `turn_id` are given."""

    session_id: str
    turn_id: str
    message_id: str | None = None
    text: str | None = None
    stop_reason: StopReason | None = None
    usage: Usage | None = None
    citations: list[Citation] | None = None
    model: str | None = None
    json: Any = None
    agent: str | None = None


@wire(kw_only=True)
class PreviewParams(TurnParams):
    """The parameters of a chat or an ask whose prompt is wanted and not sent."""

    of: Literal["chat", "ask"]
    parent_id: str | None = None
    action: AskAction | None = None
    schema: dict[str, Any] | None = None
    remember: bool | None = None


@wire
class PreviewResult:
    """The exact prompt, its estimated tokens, the budget, and how many secrets were masked."""

    messages: list[PromptMessage]
    tokens: int
    budget: int
    masked: int
    tools: list[ToolInfo] | None = None


@wire(kw_only=True)
class EditParams:
    """An instruction for a range, or a block of an answer that is to be applied.

    An empty range is the cursor. `block` counts the fenced code blocks of the message from 0; without it all those are
    meant that say what they change, as one edit of any number of files. `uri` is then the document that the client has
    before it; a block that names a file itself, or that answers a question about a selection, changes that one.
    """

    uri: str | None = None
    range: Range | None = None
    version: int | None = None
    instruction: str | None = None
    model: str | None = None
    message_id: str | None = None
    block: int | None = None
    session_id: str | None = None
    project_id: str | None = None


@wire
class EditResult:
    """A versioned edit, one replacement for each run of lines that differ, and what it does."""

    edit: WorkspaceEdit
    explanation: str


@wire(kw_only=True)
class CompleteParams:
    """An input and the cursor's offset in it, in the units of the negotiated position encoding."""

    text: str
    offset: int
    session_id: str | None = None
    uri: str | None = None


@wire
class CompleteResult:
    """Proposals for `/`, `@` and `#`. `start`: the offset of the text up to the cursor that they replace."""

    items: list[CompletionItem]
    start: int | None = None


@wire(kw_only=True)
class ChatCancelParams:
    """Which turn to stop: the one named, else the session's running one."""

    session_id: str
    turn_id: str | None = None
    project_id: str | None = None


CHAT = Method("chat", ChatParams, TurnResult)
ASK = Method("ask", AskParams, TurnResult)
PREVIEW = Method("preview", PreviewParams, PreviewResult)
EDIT = Method("edit", EditParams, EditResult)
COMPLETE = Method("complete", CompleteParams, CompleteResult)

CHAT_CANCEL = Method("chat/cancel", ChatCancelParams, Nothing)
"""A notification to the server, and a command."""

CHAT_UPDATE = Method("chat/update", ChatUpdateParams, Nothing)
"""A notification to clients."""
