"""Projects, sessions and messages. Frozen; a change makes a new value."""

from datetime import datetime
from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.agents import Agent
from rejoinder.domain.file_uris import folder_uri
from rejoinder.domain.recall_config import RecallConfig

Role = Literal["system", "user", "assistant", "tool"]
Source = Literal["chat", "ask", "image", "import", "manual"]
StopReason = Literal["end_turn", "cancelled", "max_tokens", "limit", "refusal", "approval"]
Scope = Literal["workspace", "file", "none"]

DEFAULT_USER = "default"


@frozen
class Place:
    """A span of a document: zero-based lines and characters in code points; the end is exclusive."""

    start_line: int
    start_character: int
    end_line: int
    end_character: int

    @property
    def last_line(self) -> int:
        """The last line in people's count; an end at the beginning of a line does not take that line in."""
        ends_before = self.end_character == 0 and self.end_line > self.start_line
        return self.end_line + (0 if ends_before else 1)


@frozen
class Usage:
    """Tokens, cost in US dollars, seconds of wall clock. Of the input tokens, `cached_tokens` were in a cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    cached_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def plus(self, other: "Usage") -> "Usage":
        """Both together; a cost that is known of one only is kept."""
        known = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            seconds=self.seconds + other.seconds,
            cost=sum(known) if known else None,
            cached_tokens=self.cached_tokens + other.cached_tokens,
        )


@frozen
class Attachment:
    """A file or a part of one, as it came with a text. `text` is what the buffer or the disk held then."""

    uri: str
    place: Place | None = None
    version: int | None = None
    text: str | None = None
    mime_type: str | None = None
    digest: str | None = None
    """SHA-256 of binary content, which lies beside the session by this name."""
    before: tuple[int, int] | None = None
    """What stands before the place on its first line, in UTF-8 bytes and UTF-16 units; None: characters all of one."""


@frozen
class Citation:
    """A place that an answer refers to."""

    uri: str
    place: Place
    label: str
    message_id: str | None = None


@frozen
class ToolCall:
    """A call that a model made, with what came of it. It was made after `at` characters of the answer's text.

    Calls of the same `round` were made together.
    """

    call_id: str
    name: str
    args: dict[str, Any]
    status: str
    output: str | None = None
    round: int = 0
    at: int = 0
    kept: Any = None
    """What the model's provider wants to have back with the call while the turn goes on; not for the history."""


@frozen(kw_only=True)
class Message:
    """One node of a session's tree. `parent_id` is None at the root."""

    message_id: str
    turn_id: str
    role: Role
    source: Source
    content: str
    created_at: datetime
    parent_id: str | None = None
    user_id: str = DEFAULT_USER
    attachments: tuple[Attachment, ...] = ()
    citations: tuple[Citation, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    model: str | None = None
    usage: Usage | None = None
    stop_reason: StopReason | None = None
    agent: str | None = None
    """The name of the agent that answered."""


@frozen
class ForkOrigin:
    """Where a fork was taken from."""

    session_id: str
    message_id: str | None = None


@frozen(kw_only=True)
class Session:
    """All of a session but its messages. `head` is the last message of the active path."""

    session_id: str
    project_id: str
    name: str
    scope: Scope
    created_at: datetime
    updated_at: datetime
    user_id: str = DEFAULT_USER
    label: str | None = None
    description: str | None = None
    uri: str | None = None
    pinned: bool = False
    archived: bool = False
    titled: bool = False
    """Whether the name was given by the user, or taken from the first question."""
    message_count: int = 0
    revision: int = 0
    head: str | None = None
    draft: str | None = None
    model: str | None = None
    system: str | None = None
    forked_from: ForkOrigin | None = None
    metadata: dict[str, Any] = attrs.field(factory=dict)
    usage: Usage = Usage()
    deleted_at: datetime | None = None
    file_digest: str | None = None
    """SHA-256 of what the file of a session of one file held when it was last used; finds it under another name."""
    memory: RecallConfig | None = None
    """What this session says of how memory is kept and found; None: as it is set."""
    knowledge: RecallConfig | None = None
    """The same of knowledge."""
    allowed_tools: tuple[str, ...] = ()
    """The tools that need not ask any more, each as `domain.tools.permission` writes it."""
    waiting: dict[str, Any] | None = None
    """A turn that waits for a decision about its calls, as `domain.waiting` writes it."""
    agents: tuple[Agent, ...] = ()
    """Those that are kept with this session."""


@frozen(kw_only=True)
class Project:
    """A workspace folder: where it was seen, newest first, and the fingerprint that finds it again."""

    project_id: str
    name: str
    paths: tuple[str, ...]
    created_at: datetime
    root_commit: str | None = None
    inner: str | None = None
    """The folder's path within its repository."""
    trusted: bool = False
    current: dict[str, str] = attrs.field(factory=dict)
    """The current session of each scope: `workspace`, `none`, or `file:` and a URI."""
    vacated: tuple[str, ...] = ()
    """Folders that it was in and that are other projects' now: what it says of files there is still of its own."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Where it is, first, and all places where it was; none of a project that has no folder."""
        return (*self.paths, *self.vacated) if self.paths else ()

    @property
    def folder_uri(self) -> str | None:
        """The folder that paths are shown within; None of a project that has none."""
        return folder_uri(self.paths[0]) if self.paths else None
