"""What other programs keep, in a form that a session here can be made of."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Citation, Role, Source, ToolCall, Usage
from rejoinder.domain.file_uris import path_of
from rejoinder.domain.identifiers import ID_PATTERN

ROLES: dict[str, Role] = {
    **{role: role for role in get_args(Role)},
    "agent": "assistant",
    "ai": "assistant",
    "llm": "assistant",
    "model": "assistant",
    "human": "user",
    "developer": "system",
    "function": "tool",
}
SOURCES: dict[str, Source] = {source: source for source in get_args(Source)}
OUR_FORMAT = "rejoinder-sessions"
"""What this program's own exports say that they are."""
LONGEST_TEXT = 4_000_000
"""Characters of a message; a longer one is no conversation."""

_LARGEST = 2**53
"""No number in JSON is exact beyond."""
_SECONDS_BELOW = 1e11
"""A number below is seconds since 1970, one above is milliseconds."""


@frozen(kw_only=True)
class ForeignAttachment:
    """What went along with a message: its text, or its bytes."""

    uri: str
    text: str | None = None
    mime_type: str | None = None
    data: bytes | None = attrs.field(default=None, repr=False)


@frozen
class ForeignMessage:
    """A message of another program. A time without a zone is taken for UTC."""

    role: Role
    content: str
    source: Source = "import"
    created_at: datetime | None = None
    key: str | None = None
    """What the other program calls it."""
    model: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    attachments: tuple[ForeignAttachment, ...] = ()
    citations: tuple[Citation, ...] = ()
    usage: Usage | None = None


@frozen(kw_only=True)
class ForeignMemory:
    """Something that another program remembers, of the session or for good."""

    key: str
    text: str
    is_long: bool
    quality: float | None = None
    created_at: datetime | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict)


@frozen
class Skipped:
    """A part that cannot be read, where it stands, and why."""

    place: str
    reason: str


@frozen
class Place:
    """Where a program keeps its sessions on this machine."""

    format: str
    title: str
    path: str


@frozen(kw_only=True)
class ForeignSession:
    """A session of another program; `session_id` is the ID that it has here, if it had one there."""

    messages: tuple[ForeignMessage, ...]
    session_id: str | None = None
    folder: str | None = None
    """The absolute path of the folder that it belonged to."""
    name: str | None = None
    label: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    system: str | None = None
    model: str | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    state: Mapping[str, Any] = attrs.field(factory=dict)
    memories: tuple[ForeignMemory, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def role_of(value: Any) -> Role:
    """The role that a name means; ValueError when it means none."""
    role = ROLES.get(value.lower()) if isinstance(value, str) else None
    if role is None:
        raise ValueError("the role is unknown")
    return role


def moment(value: Any) -> datetime | None:
    """A time from an ISO 8601 text, or from seconds or milliseconds since 1970; None when it is neither."""
    try:
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value if abs(value) < _SECONDS_BELOW else value / 1000, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def own_id(foreign: Any) -> str | None:
    """The ID that a session has here: its own if it may be one, else one that is always the same for it."""
    if not isinstance(foreign, str) or not foreign:
        return None
    return foreign if ID_PATTERN.fullmatch(foreign) else made_id(foreign)


def made_id(*parts: str) -> str:
    """An ID that is always the same for these texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def text_of(content: Any) -> str:
    """A text, or the texts of a list of parts. ValueError when it is neither."""
    if content is None:
        return ""
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, Mapping) else part for part in content]
        content = "\n\n".join(parts) if all(isinstance(part, str) for part in parts) else None
    if not isinstance(content, str):
        raise ValueError("the content is no text")
    if len(content) > LONGEST_TEXT:
        raise ValueError(f"the content has more than {LONGEST_TEXT:,} characters")
    return sound(content)


def sound(text: str) -> str:
    """A text without half a surrogate pair, which is no character, and which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def storable(value: Any) -> Any:
    """A JSON value as one that every store can hold: sound texts, numbers that are not too large."""
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, Mapping):
        return {sound(str(key)): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _LARGEST else str(value)
    return value if value is None or isinstance(value, bool) else sound(str(value))


def count(value: Any) -> int | None:
    """A number of tokens or the like, if it is one."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < _LARGEST else None


def folder_of(named: str | None) -> str | None:
    """The absolute path that a program names, as such or as a `file:` URI; None when it is neither."""
    path = None if named is None else path_of(named) if named.startswith("file:") else Path(named)
    return str(path) if path is not None and path.is_absolute() else None


def string(fields: Mapping[str, Any], *keys: str) -> str | None:
    """The first of these fields that is a text with something in it."""
    texts = (fields.get(key) for key in keys)
    found = next((text for text in texts if isinstance(text, str) and text), None)
    return None if found is None else sound(found)


def span(messages: Iterable[ForeignMessage]) -> tuple[datetime | None, datetime | None]:
    """When the first and the last of these messages were written, as far as that is known."""
    times = [each.created_at for each in messages if each.created_at]
    return min(times, default=None), max(times, default=None)
