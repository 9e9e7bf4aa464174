"""The values that cross the wire. Names are snake_case here and camelCase there.

An attribute with a default of None is optional and left out when it is None. Times are RFC 3339 UTC strings.
Ranges count in the position encoding that the connection negotiated.
"""

from typing import Any, Literal

from rejoinder.protocol.declare import wire

Scope = Literal["workspace", "file", "none"]
Role = Literal["system", "user", "assistant", "tool"]
Source = Literal["chat", "ask", "image", "import", "manual"]
StopReason = Literal["end_turn", "cancelled", "max_tokens", "limit", "refusal", "approval"]
HitSource = Literal["code", "knowledge", "memory", "message", "commit"]


@wire
class Position:
    """A place in a document: zero-based line and character."""

    line: int
    character: int


@wire
class Range:
    """A half-open span of a document, from `start` up to but without `end`."""

    start: Position
    end: Position


@wire
class Usage:
    """What a turn or a session has used: tokens, cost in US dollars, seconds of wall clock.

    `cached_tokens` are those of the input that the provider had in its cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    cached_tokens: int | None = None


@wire
class Attachment:
    """A file, a part of one, or an image that comes with a text.

    `data` is base64; without `text` and `data` the open buffer or the file on disk is read. An image is PNG, JPEG,
    WebP or GIF. In a history it has a `hash`, the SHA-256 of its bytes, by which `session/attachment` gives them, and
    by which it may be sent once more in the same session.
    """

    uri: str
    range: Range | None = None
    version: int | None = None
    text: str | None = None
    mime_type: str | None = None
    data: str | None = None
    hash: str | None = None


@wire
class Citation:
    """A place that an answer refers to."""

    uri: str
    range: Range
    label: str
    message_id: str | None = None


@wire
class ToolCall:
    """A call that a model made in a turn, with what came of it."""

    call_id: str
    name: str
    args: dict[str, Any]
    status: str
    output: str | None = None


@wire
class Message:
    """One node of a session's message tree."""

    message_id: str
    turn_id: str
    role: Role
    source: Source
    content: str
    created_at: str
    parent_id: str | None = None
    attachments: list[Attachment] | None = None
    citations: list[Citation] | None = None
    tool_calls: list[ToolCall] | None = None
    model: str | None = None
    usage: Usage | None = None
    stop_reason: StopReason | None = None
    siblings: list[str] | None = None
    agent: str | None = None


@wire
class NewMessage:
    """A message given by hand, by import, or as the beginning of a session."""

    role: Role
    content: str
    source: Source | None = None
    created_at: str | None = None
    attachments: list[Attachment] | None = None


@wire
class ForkOrigin:
    """Where a fork was taken from."""

    session_id: str
    message_id: str | None = None


@wire(kw_only=True)
class MemoryConfig:
    """How a session's memory is kept and found. What is not said is as the settings `memory.…` say."""

    provider: str | None = None
    vector_store: str | None = None


@wire(kw_only=True)
class KnowledgeConfig:
    """How a session's knowledge is kept, cut and found. What is not said is as the settings `knowledge.…` say."""

    provider: str | None = None
    vector_store: str | None = None
    chunker: str | None = None
    chunk_size: int | None = None


@wire
class Session:
    """A conversation. `current`: the one that its scope uses when none is named. `head`: the path's last message."""

    session_id: str
    project_id: str
    name: str
    scope: Scope
    current: bool
    pinned: bool
    archived: bool
    created_at: str
    updated_at: str
    message_count: int
    revision: int
    metadata: dict[str, Any]
    usage: Usage
    label: str | None = None
    description: str | None = None
    uri: str | None = None
    draft: str | None = None
    model: str | None = None
    system: str | None = None
    forked_from: ForkOrigin | None = None
    user_id: str | None = None
    memory: MemoryConfig | None = None
    knowledge: KnowledgeConfig | None = None
    allowed_tools: list[str] | None = None
    head: str | None = None


@wire
class Mark:
    """A span of a text on one line, from `start` up to but without `end`, in the negotiated encoding's units."""

    start: int
    end: int


@wire
class Snippet:
    """One line of a passage for a list of hits: line ends are spaces, `…` stands for what is left out.

    The `marks` are the words that were found, in their order.
    """

    text: str
    marks: list[Mark]


@wire
class Hit:
    """A passage that retrieval found, with the parts of its score.

    A search tells the `snippet`; of what was said in a session also that session's name and whether it is archived,
    and of a message its role and when it was written. `range` has the lines of the message.
    """

    uri: str
    range: Range
    text: str
    score: float
    source: HitSource
    parts: dict[str, float]
    scope: str | None = None
    session_id: str | None = None
    message_id: str | None = None
    project_id: str | None = None
    session_name: str | None = None
    archived: bool | None = None
    role: Role | None = None
    created_at: str | None = None
    snippet: Snippet | None = None
