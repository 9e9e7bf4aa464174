"""What can be recalled besides the project's files: what was said, what was remembered, what was added as knowledge."""

from datetime import datetime
from typing import Literal

import attrs

from rejoinder.domain.conversation import DEFAULT_USER, Place, Role

RecallKind = Literal["message", "memory", "knowledge"]


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
    kinds: frozenset[RecallKind] = frozenset(("message", "memory", "knowledge"))
    session_id: str | None = None
    """Messages of this session only, and what else counts there; None: of all sessions, and what counts everywhere."""
    role: Role | None = None
    """Messages of this role only."""
    scope: str | None = None
    """Passages of this scope only, such as memories of the kind `long`."""
    without: frozenset[str] = frozenset()
    """IDs of messages that are known already."""
    limit: int = 5
    """Of each kind."""
