"""Sessions as other programs write them: JSON values read into what a session here is made of.

Known are a list of `{role, content}`; an object with such a list under `messages`, as `.toon` files hold it; and
`{"sessions": …, "messages": {ID: […]}}`, the content of a `sessions.json` and of the `messages.json` of each session.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import attrs

from rejoinder.domain.conversation import Role, Source
from rejoinder.domain.identifiers import ID_PATTERN

_ROLES: dict[str, Role] = {
    **{role: role for role in get_args(Role)},
    "agent": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "human": "user",
    "developer": "system",
    "function": "tool",
}
_SOURCES: dict[str, Source] = {source: source for source in get_args(Source)}
_TIMES = ("created_at", "createdAt", "timestamp", "time")


@attrs.frozen
class ForeignMessage:
    """A message of another program. A time without a zone is taken for UTC."""

    role: Role
    content: str
    source: Source = "import"
    created_at: datetime | None = None


@attrs.frozen(kw_only=True)
class ForeignSession:
    """A session of another program; `session_id` is the ID that it has here, if it had one there."""

    messages: tuple[ForeignMessage, ...]
    session_id: str | None = None
    name: str | None = None
    label: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


def read_sessions(value: Any) -> list[ForeignSession]:
    """All sessions of a JSON value. Raises ValueError that says what is not as it should be."""
    if isinstance(value, list):
        return [ForeignSession(messages=_messages(value))]
    if isinstance(value, Mapping) and "sessions" in value:
        return _session_folder(value)
    if isinstance(value, Mapping) and "messages" in value:
        return [_session(value, value["messages"])]
    raise ValueError("it is neither a list of messages nor an object with `messages`")


def message(*, role: Any, content: Any, source: Any = None, created_at: Any = None) -> ForeignMessage:
    """A message from its parts; ValueError when role or content make no sense."""
    if not isinstance(role, str) or role.lower() not in _ROLES:
        raise ValueError("the role is unknown")
    known = _SOURCES.get(source, "import") if isinstance(source, str) else "import"
    return ForeignMessage(_ROLES[role.lower()], _text(content), known, moment(created_at))


def moment(value: Any) -> datetime | None:
    """A time from an ISO 8601 text, or from seconds since 1970; None when it is neither."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def own_id(foreign: Any) -> str | None:
    """The ID that a session has here: its own if it may be one, else one that is always the same for it."""
    if not isinstance(foreign, str) or not foreign:
        return None
    return (
        foreign
        if ID_PATTERN.fullmatch(foreign)
        else hashlib.sha256(foreign.encode("utf-8", "replace")).hexdigest()[:16]
    )


def _session_folder(value: Mapping[str, Any]) -> list[ForeignSession]:
    listed = value["sessions"]
    listed = listed.get("sessions", listed) if isinstance(listed, Mapping) else listed
    said = value.get("messages", {})
    if not isinstance(listed, list) or not isinstance(said, Mapping):
        raise ValueError("`sessions` is no list, or `messages` is no object")
    known = [fields for fields in listed if isinstance(fields, Mapping)]
    if len(known) != len(listed):
        raise ValueError("a session is no object")
    ids = {fields.get("session_id") for fields in known if isinstance(fields.get("session_id"), str)}
    known += [{"session_id": session_id} for session_id in said if session_id not in ids]
    return [_session(fields, said.get(str(fields.get("session_id")), [])) for fields in known]


def _session(fields: Mapping[str, Any], messages: Any) -> ForeignSession:
    def text(key: str) -> str | None:
        return fields[key] if isinstance(fields.get(key), str) and fields[key] else None

    foreign = text("session_id") or text("id")
    session_id = own_id(foreign)
    times = [found for key in ("updated_at", "last_activity") if (found := moment(fields.get(key)))]
    return ForeignSession(
        session_id=session_id,
        name=text("name") or (foreign if foreign != session_id else None),
        label=text("label"),
        description=text("description"),
        created_at=moment(fields.get("created_at")),
        updated_at=max(times, default=None),
        messages=_messages(messages),
    )


def _messages(items: Any) -> tuple[ForeignMessage, ...]:
    """The messages with something in them; a call of a tool has no text of its own."""
    if not isinstance(items, list):
        raise ValueError("`messages` is no list")
    return tuple(found for found in _read(items) if found.content)


def _read(items: Iterable[Any]) -> Iterable[ForeignMessage]:
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise ValueError(f"message {number} is no object")
        if "content" not in item:
            raise ValueError(f"message {number} has no content")
        time = next((item[key] for key in _TIMES if key in item), None)
        try:
            yield message(role=item.get("role"), content=item["content"], source=item.get("source"), created_at=time)
        except ValueError as exc:
            raise ValueError(f"message {number}: {exc}") from None


def _text(content: Any) -> str:
    """A text, or the texts of a list of parts."""
    if content is None:
        return ""
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, Mapping) else part for part in content]
        content = "\n\n".join(parts) if all(isinstance(part, str) for part in parts) else None
    if not isinstance(content, str):
        raise ValueError("the content is no text")
    return content
