"""What retrieval finds, and how far an index is."""

from datetime import datetime
from typing import Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place, Role
from rejoinder.domain.snippets import Snippet

HitSource = Literal["code", "knowledge", "memory", "message", "commit"]
IndexState = Literal["starting", "indexing", "paused", "ready", "error"]


@frozen(kw_only=True)
class Hit:
    """A passage. `parts` are the pieces of its score by name."""

    uri: str
    place: Place
    text: str
    score: float
    source: HitSource
    parts: dict[str, float] = attrs.field(factory=dict)
    scope: str | None = None
    session_id: str | None = None
    message_id: str | None = None
    project_id: str | None = None
    """Told where several projects were looked through."""
    role: Role | None = None
    created_at: datetime | None = None
    """When a message was written."""
    session_name: str | None = None
    archived: bool | None = None
    """Whether its session is; told with the session's name, by searches."""
    snippet: Snippet | None = None
    """Told by searches."""


@frozen
class IndexFault:
    """A file that could not be indexed, and why."""

    uri: str
    reason: str


@frozen(kw_only=True)
class IndexOptions:
    """How an index is made. `embedder` is the setting; the address and the variable of the key are for remote ones."""

    embedder: str = "builtin"
    base_url: str | None = None
    api_key_env: str | None = None
    history: bool = True


@frozen
class Explanation:
    """Why a file is in the index or not, and how many passages it has there."""

    indexed: bool
    reason: str
    chunks: int = 0
    known: bool = False
    """Whether the index holds it, be it still there or not."""


@frozen(kw_only=True)
class IndexStatus:
    """How far an index is; `size` in bytes on disk, `seconds_left` is a guess while it indexes."""

    state: IndexState
    files: int = 0
    chunks: int = 0
    done: int = 0
    total: int = 0
    model: str = "none"
    dimension: int = 0
    size: int = 0
    faults: tuple[IndexFault, ...] = ()
    seconds_left: float | None = None
