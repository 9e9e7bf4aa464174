"""The memory, and the text that is made of memory and knowledge for a question."""

from typing import Any, Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing
from rejoinder.protocol.retrieval import HitsResult
from rejoinder.protocol.types import Hit

MemoryKind = Literal["short", "long"]
ContextSource = Literal["memory", "knowledge"]


@wire
class Origin:
    """What a memory entry came from."""

    session_id: str | None = None
    message_id: str | None = None
    uri: str | None = None


@wire
class MemoryEntry:
    """Something remembered for a project and a user. `quality` is 0 to 1; it is not found from `expires_at` on.

    A `long` one counts in the whole project. A `short` one counts in the session of its source alone, and goes with it;
    without a session it counts in the project for a week, unless it says itself until when.
    """

    memory_id: str
    text: str
    kind: MemoryKind
    quality: float
    metadata: dict[str, Any]
    created_at: str
    source: Origin | None = None
    user_id: str | None = None
    expires_at: str | None = None
    updated_at: str | None = None


@wire(kw_only=True)
class MemoryAddParams:
    """Something to remember, and the message, session or file of the project that it came from; `long` by default."""

    text: str
    kind: MemoryKind | None = None
    quality: float | None = None
    metadata: dict[str, Any] | None = None
    session_id: str | None = None
    message_id: str | None = None
    user_id: str | None = None
    uri: str | None = None
    expires_at: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class MemoryListParams:
    """Which entries to list: a user's, with `session_id` those that came from that session; `limit` at most 1000."""

    kind: MemoryKind | None = None
    user_id: str | None = None
    session_id: str | None = None
    project_id: str | None = None
    cursor: str | None = None
    limit: int | None = None


@wire
class MemoryListResult:
    """Memory entries, newest first; `next_cursor` leads to older ones."""

    entries: list[MemoryEntry]
    next_cursor: str | None = None


@wire(kw_only=True)
class MemorySearchParams:
    """A query over the memory. `session_id` adds what counts in that session only."""

    query: str
    kind: MemoryKind | None = None
    user_id: str | None = None
    session_id: str | None = None
    limit: int | None = None
    project_id: str | None = None


@wire(kw_only=True)
class MemoryUpdateParams:
    """The fields to correct. `metadata` take the place of those before; an empty `expires_at`: it does not expire."""

    memory_id: str
    text: str | None = None
    kind: MemoryKind | None = None
    quality: float | None = None
    metadata: dict[str, Any] | None = None
    expires_at: str | None = None
    user_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class MemoryGetParams:
    """The entry to show."""

    memory_id: str
    user_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class MemoryDeleteParams:
    """The entry to forget."""

    memory_id: str
    user_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class MemoryClearParams:
    """What to forget of a user: all of a kind; with `session_id` only what came from that session."""

    kind: Literal["short", "long", "all"]
    user_id: str | None = None
    session_id: str | None = None
    project_id: str | None = None


@wire
class MemoryClearResult:
    """How many entries were forgotten."""

    removed: int


@wire(kw_only=True)
class ContextParams:
    """A query over memory and knowledge, or one of them; `max_items` is 1 to 50, 5 by default."""

    query: str
    max_items: int | None = None
    sources: list[ContextSource] | None = None
    session_id: str | None = None
    user_id: str | None = None
    project_id: str | None = None


@wire
class ContextResult:
    """One formatted text, quoted as in prompts, and its pieces; the text is empty when nothing was found."""

    text: str
    hits: list[Hit]


MEMORY_ADD = Method("memory/add", MemoryAddParams, MemoryEntry)
MEMORY_GET = Method("memory/get", MemoryGetParams, MemoryEntry)
MEMORY_LIST = Method("memory/list", MemoryListParams, MemoryListResult)
MEMORY_SEARCH = Method("memory/search", MemorySearchParams, HitsResult)
MEMORY_UPDATE = Method("memory/update", MemoryUpdateParams, MemoryEntry)
MEMORY_DELETE = Method("memory/delete", MemoryDeleteParams, Nothing)
MEMORY_CLEAR = Method("memory/clear", MemoryClearParams, MemoryClearResult)
CONTEXT = Method("context", ContextParams, ContextResult)
