"""Memory, knowledge, search, and the index behind them."""

from typing import Any, Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing, Token
from rejoinder.protocol.types import Hit, HitSource, Role

IndexState = Literal["starting", "indexing", "paused", "ready", "error"]
MemoryKind = Literal["short", "long"]
KnowledgeKind = Literal["file", "folder", "url", "text"]


@wire
class IndexFault:
    """A file that could not be indexed, and why."""

    uri: str
    reason: str


@wire
class IndexStatus:
    """How far the index of a project is; `bytes` on disk."""

    state: IndexState
    files: int
    chunks: int
    done: int
    total: int
    model: str
    dimension: int
    bytes: int
    errors: list[IndexFault]
    project_id: str | None = None
    seconds_left: float | None = None


@wire
class Origin:
    """What a memory entry came from."""

    session_id: str | None = None
    message_id: str | None = None
    uri: str | None = None


@wire
class MemoryEntry:
    """Something remembered for a project and a user. `quality` is 0 to 1."""

    memory_id: str
    text: str
    kind: MemoryKind
    quality: float
    metadata: dict[str, Any]
    created_at: str
    source: Origin | None = None
    user_id: str | None = None
    expires_at: str | None = None


@wire
class Knowledge:
    """A document or text that was added for retrieval."""

    knowledge_id: str
    source: str
    title: str
    kind: KnowledgeKind
    chunks: int
    bytes: int
    added_at: str
    updated_at: str
    error: str | None = None


@wire(kw_only=True)
class MemoryAddParams:
    """Something to remember."""

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
    """Which entries to list."""

    kind: MemoryKind | None = None
    user_id: str | None = None
    session_id: str | None = None
    project_id: str | None = None


@wire
class MemoryListResult:
    """Memory entries, newest first."""

    entries: list[MemoryEntry]


@wire(kw_only=True)
class MemorySearchParams:
    """A query over the memory. `session_id` adds what counts in that session only."""

    query: str
    kind: MemoryKind | None = None
    user_id: str | None = None
    session_id: str | None = None
    limit: int | None = None
    project_id: str | None = None


@wire
class HitsResult:
    """Passages, best first."""

    hits: list[Hit]


@wire(kw_only=True)
class MemoryUpdateParams:
    """The fields to correct."""

    memory_id: str
    text: str | None = None
    kind: MemoryKind | None = None
    quality: float | None = None
    metadata: dict[str, Any] | None = None
    expires_at: str | None = None
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
    """What to forget of a user: all of a kind, of one session if it is named."""

    kind: MemoryKind | Literal["all"]
    user_id: str | None = None
    session_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class KnowledgeAddParams:
    """A path, a URL, or a text with a title. Without `kind` it is found out which.

    With `session_id` it counts in that session only. `allow_private` lets a URL lead to an address of this network.
    """

    source: str
    session_id: str | None = None
    title: str | None = None
    work_done_token: Token | None = None
    kind: KnowledgeKind | None = None
    allow_private: bool | None = None
    project_id: str | None = None


@wire(kw_only=True)
class KnowledgeListParams:
    """Whose knowledge; with `session_id` what counts in that session too."""

    session_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class KnowledgeClearParams:
    """Whose knowledge to remove; with `session_id` only what was added for that session."""

    session_id: str | None = None
    project_id: str | None = None


@wire
class KnowledgeListResult:
    """What was added."""

    knowledge: list[Knowledge]


@wire(kw_only=True)
class KnowledgeSearchParams:
    """A query over the knowledge."""

    query: str
    limit: int | None = None
    session_id: str | None = None
    project_id: str | None = None


@wire(kw_only=True)
class KnowledgeRemoveParams:
    """What to remove."""

    knowledge_id: str
    project_id: str | None = None


@wire(kw_only=True)
class ContextParams:
    """A query over memory and knowledge."""

    query: str
    max_items: int | None = None
    session_id: str | None = None
    user_id: str | None = None
    project_id: str | None = None


@wire
class ContextResult:
    """One formatted text and its pieces."""

    text: str
    hits: list[Hit]


@wire(kw_only=True)
class SearchParams:
    """A query over files and conversations; `limit` is at most 200."""

    query: str
    project_id: str | None = None
    uri: str | None = None
    sources: list[HitSource] | None = None
    session_id: str | None = None
    role: Role | None = None
    user_id: str | None = None
    all_projects: bool | None = None
    limit: int | None = None


@wire(kw_only=True)
class IndexStatusParams:
    """Whose index."""

    project_id: str | None = None


@wire(kw_only=True)
class IndexRebuildParams:
    """What to index anew: one file or all."""

    uri: str | None = None
    work_done_token: Token | None = None


@wire(kw_only=True)
class IndexExplainParams:
    """The file in question."""

    uri: str


@wire
class IndexExplainResult:
    """Whether a file is indexed, and why or why not."""

    indexed: bool
    reason: str
    chunks: int


MEMORY_ADD = Method("memory/add", MemoryAddParams, MemoryEntry)
MEMORY_LIST = Method("memory/list", MemoryListParams, MemoryListResult)
MEMORY_SEARCH = Method("memory/search", MemorySearchParams, HitsResult)
MEMORY_UPDATE = Method("memory/update", MemoryUpdateParams, MemoryEntry)
MEMORY_DELETE = Method("memory/delete", MemoryDeleteParams, Nothing)
MEMORY_CLEAR = Method("memory/clear", MemoryClearParams, Nothing)
KNOWLEDGE_ADD = Method("knowledge/add", KnowledgeAddParams, Knowledge)
KNOWLEDGE_LIST = Method("knowledge/list", KnowledgeListParams, KnowledgeListResult)
KNOWLEDGE_SEARCH = Method("knowledge/search", KnowledgeSearchParams, HitsResult)
KNOWLEDGE_REMOVE = Method("knowledge/remove", KnowledgeRemoveParams, Nothing)
KNOWLEDGE_CLEAR = Method("knowledge/clear", KnowledgeClearParams, Nothing)
CONTEXT = Method("context", ContextParams, ContextResult)
SEARCH = Method("search", SearchParams, HitsResult)
INDEX_STATUS = Method("index/status", IndexStatusParams, IndexStatus)
INDEX_REBUILD = Method("index/rebuild", IndexRebuildParams, Nothing)
INDEX_EXPLAIN = Method("index/explain", IndexExplainParams, IndexExplainResult)
INDEX_PAUSE = Method("index/pause", Nothing, Nothing)
INDEX_RESUME = Method("index/resume", Nothing, Nothing)

INDEX_CHANGED = Method("index/changed", IndexStatus, Nothing)
"""A notification to clients."""
