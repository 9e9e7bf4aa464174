"""What can be recalled besides the project's files: what was said, what was remembered, what was added as knowledge."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Place, Role
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit

RecallKind = Literal["message", "memory", "knowledge"]
SearchMode = Literal["words", "meaning", "both"]
KINDS: tuple[RecallKind, ...] = ("message", "memory", "knowledge")


@frozen(kw_only=True)
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
    files: tuple[str, ...] = ()
    """URIs of the files that a message is about."""


@frozen(kw_only=True)
class RecallQuery:
    """What to recall, and for whom."""

    text: str
    user_id: str
    kinds: frozenset[RecallKind] = frozenset(KINDS)
    session_id: str | None = None
    """Messages of this session only, and what else counts there; None: of all sessions, and what counts everywhere."""
    session_ids: frozenset[str] | None = None
    """The same of several sessions; both are to be met."""
    files: tuple[str, ...] = ()
    """Messages about one of these files only; without any, all."""
    since: datetime | None = None
    """What was said or made from then on."""
    until: datetime | None = None
    """What was said or made before."""
    mode: SearchMode | None = None
    """Whether words are meant as they are written, what counts, and whether the text has phrases and exclusions; None:
    it is a question, or a text of any kind."""
    role: Role | None = None
    """Passages of this role only; nothing but messages has one."""
    model: str | None = None
    """Messages of this model only."""
    scope: str | None = None
    """Passages of this scope only, such as memories of the kind `long`."""
    documents: frozenset[str] | None = None
    """Of knowledge only passages of these documents, by their IDs; None: of all."""
    without: frozenset[str] = frozenset()
    """IDs of messages that are known already."""
    limit: int = 5
    """Of each kind."""
    vector_store: str = "exact"
    """Where vectors are compared; `none`: words alone decide."""
    how: Mapping[RecallKind, RecallConfig] = attrs.field(factory=dict)
    """How each kind is configured; what is missing is found by the built-in index."""


@frozen(kw_only=True)
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


@frozen
class Growth:
    """Passages of a group. Not `whole`: those that came after the mark in question, when all before is as it was."""

    passages: Sequence[Recallable]
    mark: str
    whole: bool


@frozen
class GrownGroup:
    """What came of a group, and the version that it has then."""

    kind: RecallKind
    group: str
    growth: Growth
    version: str


@frozen
class KnownGroup:
    """A group as the index has it: its version and its mark."""

    version: str
    mark: str = ""


KnownGroups = Mapping[RecallKind, Mapping[str, KnownGroup]]


def may_be_seen(kind: RecallKind, group: str, one: Recallable, query: RecallQuery, now: datetime) -> bool:
    """Whether a passage of a group may be found by a query, whatever its words are."""
    return (
        kind in query.kinds
        and one.user_id in (None, query.user_id)
        and _counts_in(kind, one, query)
        and query.role in (None, one.role)
        and query.model in (None, one.model)
        and query.scope in (None, one.scope)
        and (kind != "knowledge" or query.documents is None or group in query.documents)
        and (not query.files or any(file in one.files for file in query.files))
        and (query.since is None or one.created_at >= query.since)
        and (query.until is None or one.created_at < query.until)
        and not (kind == "message" and one.message_id in query.without)
        and (one.expires_at is None or one.expires_at > now)
    )


def hit_of(kind: RecallKind, one: Recallable, score: float, project_id: str | None = None) -> Hit:
    """A passage as it is found; the project is told where several are looked through."""
    return Hit(
        uri=one.uri,
        place=one.place,
        text=one.text,
        score=score,
        source=kind,
        scope=one.scope,
        session_id=one.session_id,
        message_id=one.message_id,
        project_id=project_id,
        role=one.role,
        created_at=one.created_at if kind == "message" else None,
    )


def _counts_in(kind: RecallKind, one: Recallable, query: RecallQuery) -> bool:
    """Whether it was said in one of the sessions asked about, or counts there."""
    if query.session_id is None and query.session_ids is None:
        return kind == "message" or one.session_id is None
    here = query.session_id in (None, one.session_id) and (
        query.session_ids is None or one.session_id in query.session_ids
    )
    return here or (kind != "message" and one.session_id is None)
