"""Knowledge, search, and the index behind them."""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing, Token
from rejoinder.protocol.types import Hit, HitSource, Role

IndexState = Literal["starting", "indexing", "paused", "ready", "error"]
KnowledgeKind = Literal["file", "folder", "url", "text"]
SearchMode = Literal["words", "meaning", "both"]


@wire
class IndexFault:
    """A file that could not be indexed, and why."""

    uri: str
    reason: str


@wire
class RecallStatus:
    """What can be recalled of a project besides its files: passages of messages, memory and knowledge.

    `embedded` of the passages have a vector of the model in use; `waiting` counts sessions, entries and documents that
    are still to be read. `bytes` are on disk, `memory` is what the process of this index holds for all projects.
    """

    passages: int
    embedded: int
    waiting: int
    model: str
    dimension: int
    bytes: int
    memory: int
    errors: list[str]


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
    recall: RecallStatus | None = None


@wire
class Knowledge:
    """A document or text that was added for retrieval. With a `session_id` it counts in that session only."""

    knowledge_id: str
    source: str
    title: str
    kind: KnowledgeKind
    chunks: int
    bytes: int
    added_at: str
    updated_at: str
    error: str | None = None
    session_id: str | None = None


@wire
class HitsResult:
    """Passages, best first.

    A search says whether it is `complete`: false while the index does not know everything that was said, or, by
    meaning, while not every passage has its vector; `waiting` counts sessions, entries and documents to be read yet.
    """

    hits: list[Hit]
    complete: bool | None = None
    waiting: int | None = None


@wire(kw_only=True)
class KnowledgeAddParams:
    """A path, a URL, or a text with a title. Without `kind` it is found out which.

    With `session_id` it counts in that session only. `allow_private` lets a URL lead to an address of this network;
    `allow_outside` lets a path lie outside of the project: the user has named it. The same source again is read anew.
    """

    source: str
    session_id: str | None = None
    title: str | None = None
    work_done_token: Token | None = None
    kind: KnowledgeKind | None = None
    allow_private: bool | None = None
    allow_outside: bool | None = None
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
class KnowledgeClearResult:
    """How much was removed."""

    removed: int


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
class SearchParams:
    """A query over files, conversations, memory and knowledge; `limit` is at most 200.

    With `role` or `model` only messages of that role, or that this model wrote, are found; with `file_uri` those
    whose attachments or citations name the file, the answers to them, and those of sessions that belong to it. `since`
    and `until` are RFC 3339 times, the second no longer counted. With any of these, or with sessions, a user or `mode`,
    no files and commits are found.

    Without `mode` the query is a question in any words. Else it may hold "a phrase", -excluded words and the
    beginnings of words (begin*), which count in each mode. `words`: every word as it is written, capitals aside, also
    as a part of an identifier. `meaning`: what is said in other words, too, and nothing because of its words. `both`:
    what fits by either. `wait_seconds`, 20 unless told, is how long what is not in the index yet is waited for.

    With `filters` the query itself may narrow the search down: `role:user`, `since:7d`, `until:2026-01-31`,
    `file:src/app.py`, `in:SESSION` (an ID or a name); they count before the params of the same meaning.
    """

    query: str
    project_id: str | None = None
    uri: str | None = None
    sources: list[HitSource] | None = None
    session_id: str | None = None
    role: Role | None = None
    model: str | None = None
    user_id: str | None = None
    all_projects: bool | None = None
    limit: int | None = None
    session_ids: list[str] | None = None
    file_uri: str | None = None
    since: str | None = None
    until: str | None = None
    mode: SearchMode | None = None
    wait_seconds: float | None = None
    filters: bool | None = None


@wire(kw_only=True)
class IndexStatusParams:
    """Whose index."""

    project_id: str | None = None


@wire(kw_only=True)
class IndexRebuildParams:
    """What to index anew: one file or all. A pause is over then.

    With a token the reply comes when it is done, or when somebody pauses the index; without one once it is begun. When
    it is cancelled the index rests, and `index/resume` has it go on.
    """

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


KNOWLEDGE_ADD = Method("knowledge/add", KnowledgeAddParams, Knowledge)
KNOWLEDGE_LIST = Method("knowledge/list", KnowledgeListParams, KnowledgeListResult)
KNOWLEDGE_SEARCH = Method("knowledge/search", KnowledgeSearchParams, HitsResult)
KNOWLEDGE_REMOVE = Method("knowledge/remove", KnowledgeRemoveParams, Nothing)
KNOWLEDGE_CLEAR = Method("knowledge/clear", KnowledgeClearParams, KnowledgeClearResult)
SEARCH = Method("search", SearchParams, HitsResult)
INDEX_STATUS = Method("index/status", IndexStatusParams, IndexStatus)
INDEX_REBUILD = Method("index/rebuild", IndexRebuildParams, Nothing)
INDEX_EXPLAIN = Method("index/explain", IndexExplainParams, IndexExplainResult)
INDEX_PAUSE = Method("index/pause", Nothing, Nothing)
INDEX_RESUME = Method("index/resume", Nothing, Nothing)

INDEX_CHANGED = Method("index/changed", IndexStatus, Nothing)
"""A notification to clients."""
