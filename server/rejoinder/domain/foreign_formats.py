"""Sessions that other programs write as plain JSON.

Known are a list of `{role, content}`; an object with such a list under `messages`, as `.toon` files and saved session
objects hold it; and `{"sessions": …, "messages": {ID: […]}}`, the content of a `sessions.json` and of the
`messages.json` of each session.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from rejoinder.domain.conversation import Source
from rejoinder.domain.foreign import (
    SOURCES,
    ForeignMessage,
    ForeignSession,
    Skipped,
    made_id,
    moment,
    own_id,
    role_of,
    string,
    text_of,
)
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.foreign_calls import calls_of

_TIMES = ("created_at", "createdAt", "timestamp", "time")
_RESULTS = ("tool_call_id", "toolCallId")


def read_sessions(value: Any, place: str = "the file") -> list[ForeignSession]:
    """All sessions of a JSON value. Raises ValueError that says what is not as it should be."""
    if isinstance(value, list):
        return [_session({}, value, place)]
    if isinstance(value, Mapping) and "sessions" in value:
        return _session_folder(value)
    if isinstance(value, Mapping) and "messages" in value:
        return [_session(value, value["messages"], place)]
    raise ValueError("it is neither a list of messages nor an object with `messages`")


def message(*, role: Any, content: Any, source: Any = None, created_at: Any = None) -> ForeignMessage:
    """A message from its parts; ValueError when role or content make no sense."""
    return ForeignMessage(role_of(role), text_of(content), _source(source), moment(created_at))


def _session_folder(value: Mapping[str, Any]) -> list[ForeignSession]:
    listed = value["sessions"]
    listed = listed.get("sessions", listed) if isinstance(listed, Mapping) else listed
    said = value.get("messages", {})
    if not isinstance(listed, list) or not isinstance(said, Mapping):
        raise ValueError("`sessions` is no list, or `messages` is no object")
    known = [fields for fields in listed if isinstance(fields, Mapping)]
    if listed and not known and not said:
        raise ValueError("a session is no object")
    failed = [Skipped("the list of sessions", "an entry is no object")] if len(listed) > len(known) else []
    ids = {fields.get("session_id") for fields in known if isinstance(fields.get("session_id"), str)}
    known += [{"session_id": session_id} for session_id in said if session_id not in ids]
    sessions = []
    for fields in known:
        session_id = str(fields.get("session_id"))
        try:
            sessions.append(_session(fields, said.get(session_id, []), session_id))
        except ValueError as exc:
            failed.append(Skipped(session_id, str(exc)))
    if failed and not sessions:
        raise ValueError(f"{failed[0].place}: {failed[0].reason}")
    return [attrs.evolve(one, skipped=(*one.skipped, *failed)) if one is sessions[-1] else one for one in sessions]


def _session(fields: Mapping[str, Any], items: Any, place: str) -> ForeignSession:
    foreign = string(fields, "session_id", "sessionId", "id")
    session_id = own_id(foreign)
    said, skipped = _messages(items, place)
    if skipped and not said:
        raise ValueError(f"{skipped[0].place.rpartition(': ')[2]}: {skipped[0].reason}")
    times = [found for key in ("updated_at", "last_activity") if (found := moment(fields.get(key)))]
    metadata = fields.get("metadata")
    return ForeignSession(
        session_id=session_id,
        name=string(fields, "name") or (foreign if foreign != session_id else None),
        label=string(fields, "label"),
        description=string(fields, "description"),
        system=string(fields, "system", "system_prompt"),
        model=string(fields, "model"),
        created_at=moment(fields.get("created_at")),
        updated_at=max(times, default=None),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        messages=said,
        skipped=skipped,
    )


def _messages(items: Any, place: str) -> tuple[tuple[ForeignMessage, ...], tuple[Skipped, ...]]:
    """The messages with something in them, and what could not be read."""
    built = Building(place)

    def take(item: Mapping[str, Any]) -> None:
        # saved session objects call it `text`
        key = next((key for key in ("content", "text", "tool_calls") if key in item), None)
        if key is None:
            raise ValueError("it has no content")
        content = text_of(item[key]) if key != "tool_calls" else ""
        role = role_of(item.get("role"))
        if role == "tool" and (call_id := string(item, *_RESULTS)) is not None:
            built.result(call_id, content)
            return
        time = next((item[key] for key in _TIMES if key in item), None)
        built.say(
            role,
            content,
            source=_source(item.get("source")),
            created_at=moment(time),
            key=string(item, "id", "message_id", "messageId"),
            model=string(item, "model"),
            calls=calls_of(item.get("tool_calls")),
        )

    if not isinstance(items, list):
        raise ValueError("`messages` is no list")
    built.each(items, take)
    return tuple(built.messages), tuple(built.skipped)


def _source(value: Any) -> Source:
    return SOURCES.get(value, "import") if isinstance(value, str) else "import"


def list_id(messages: tuple[ForeignMessage, ...], place: str) -> str:
    """The ID of a list that has none: where it lies, and how it begins."""
    first = messages[0].content if messages else ""
    return made_id("list", place, first)
