"""What can be recalled besides the project's files: what was said, what was remembered, what was added as knowledge."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from rejoinder.domain.conversation import DEFAULT_USER, Place, Role
from rejoinder.domain.recall_config import RecallConfig

RecallKind = Literal["message", "memory", "knowledge"]
KINDS: tuple[RecallKind, ...] = ("message", "memory", "knowledge")


@attrs.frozen(kw_only=True)
class Recallable:
    """A passage that can be recalled, with its origin. It belongs to a group: a session, an entry, a document.

    `user_id` None: every user of the project may see it. `session_id` of a message is the session where it was said;
    of anything else it means that it counts in that session only.
    """

    passage_id: str
    """Unique within its group."""
    text: str
    uri: str
    place: Place
    created_at: datetime
    user_id: str | None = DEFAULT_USER
    session_id: str | None = None
    message_id: str | None = None
    role: Role | None = None
    model: str | None = None
    """Which model said it."""
    scope: str | None = None
    """Where it stands, for people: a page, a heading, a role."""
    quality: float = 0.5
    """0 to 1; raises a memory over others that fit as well."""
    expires_at: datetime | None = None
    """From then on it is not found any more."""


@attrs.frozen(kw_only=True)
class RecallQuery:
    """What to recall, and for whom."""

    text: str
    user_id: str
    kinds: frozenset[RecallKind] = frozenset(KINDS)
    session_id: str | None = None
    """Messages of this session only, and what else counts there; None: of all sessions, and what counts everywhere."""
    role: Role | None = None
    """Passages of this role only; nothing but messages has one."""
    model: str | None = None
    """Messages of this model only."""
    scope: str | None = None
    """Passages of this scope only, such as memories of the kind `long`."""
    without: frozenset[str] = frozenset()
    """IDs of messages that are known already."""
    limit: int = 5
    """Of each kind."""
    vector_store: str = "exact"
    """Where vectors are compared; `none`: words alone decide."""
    how: Mapping[RecallKind, RecallConfig] = attrs.field(factory=dict)
    """How each kind is configured; what is missing is found by the built-in index."""


@attrs.frozen(kw_only=True)
class RecallStatus:
    """What is known of a project's passages: how many there are, and how many have a vector of the model in use.

    `waiting` counts the groups that are still to be brought in; `size` in bytes on disk; `faults` are sentences.
    """

    passages: int = 0
    embedded: int = 0
    model: str = "none"
    dimension: int = 0
    waiting: int = 0
    size: int = 0
    memory: int = 0
    """Bytes of main memory that the index's process holds; 0 while there is none."""
    faults: tuple[str, ...] = ()


@attrs.frozen
class Growth:
    """Passages of a group. Not `whole`: those that came after the mark in question, when all before is as it was."""

    passages: Sequence[Recallable]
    mark: str
    whole: bool


@attrs.frozen
class GrownGroup:
    """What came of a group, and the version that it has then."""

    kind: RecallKind
    group: str
    growth: Growth
    version: str


@attrs.frozen
class KnownGroup:
    """A group as the index has it: its version and its mark."""

    version: str
    mark: str = ""


KnownGroups = Mapping[RecallKind, Mapping[str, KnownGroup]]
