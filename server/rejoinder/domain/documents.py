"""Sessions, messages and projects as JSON documents: what journals and exports hold.

Keys are camelCase. Times are RFC 3339 in UTC. A message leaves out what it does not have; a session and a project name
all their fields, so that a change of one field can be stored alone.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import compress
from operator import attrgetter, is_not
from typing import Any

import orjson

from rejoinder.domain.agents import decode_agents, encode_agents
from rejoinder.domain.conversation import (
    DEFAULT_USER,
    Attachment,
    Citation,
    ForkOrigin,
    Message,
    Place,
    Project,
    Session,
    ToolCall,
    Usage,
)
from rejoinder.domain.recall_config import decode_config, encode_config
from rejoinder.domain.summaries import Summary

Document = dict[str, Any]


def encode_message(message: Message) -> Document:
    """A message as a document."""
    document: Document = {
        "messageId": message.message_id,
        "turnId": message.turn_id,
        "userId": message.user_id,
        "role": message.role,
        "source": message.source,
        "content": message.content,
        "createdAt": _encode_time(message.created_at),
    }
    if message.parent_id is not None:
        document["parentId"] = message.parent_id
    if message.attachments:
        document["attachments"] = [_encode_attachment(attachment) for attachment in message.attachments]
    if message.citations:
        document["citations"] = [_encode_citation(citation) for citation in message.citations]
    if message.tool_calls:
        document["toolCalls"] = [_encode_call(call) for call in message.tool_calls]
    if message.model is not None:
        document["model"] = message.model
    if message.usage is not None:
        document["usage"] = _encode_usage(message.usage)
    if message.stop_reason is not None:
        document["stopReason"] = message.stop_reason
    if message.agent is not None:
        document["agent"] = message.agent
    return document


def decode_message(document: Mapping[str, Any]) -> Message:
    """A document as a message. KeyError, TypeError or ValueError when it is none."""
    get = document.get
    usage = get("usage")
    return Message(
        message_id=document["messageId"],
        turn_id=document["turnId"],
        role=document["role"],
        source=document["source"],
        content=document["content"],
        created_at=datetime.fromisoformat(document["createdAt"]),
        parent_id=get("parentId"),
        user_id=get("userId", DEFAULT_USER),
        attachments=tuple(map(_decode_attachment, document["attachments"])) if "attachments" in document else (),
        citations=tuple(map(_decode_citation, document["citations"])) if "citations" in document else (),
        tool_calls=tuple(map(_decode_call, document["toolCalls"])) if "toolCalls" in document else (),
        model=get("model"),
        usage=None if usage is None else Usage(*usage),
        stop_reason=get("stopReason"),
        agent=get("agent"),
    )


def encode_session(session: Session, *, since: Session | None = None) -> Document:
    """A session as a document with all its fields, or with those that are not as they were in `since`."""
    old = _NOTHINGS if since is None else _SESSION_VALUES(since)
    new = _SESSION_VALUES(session)
    document: Document = {}
    # a turn changes few fields, and stores them while somebody waits
    fields = zip(_SESSION_FIELDS, new, old, strict=True)
    for (_, key, encode), value, before in compress(fields, map(is_not, new, old)):
        if value != before:
            document[key] = value if encode is None or value is None else encode(value)
    return document


def decode_session(document: Mapping[str, Any]) -> Session:
    """A document as a session. KeyError, TypeError or ValueError when it is none."""
    origin, deleted = document["forkedFrom"], document["deletedAt"]
    return Session(
        session_id=document["sessionId"],
        project_id=document["projectId"],
        user_id=document["userId"],
        name=document["name"],
        titled=document["titled"],
        label=document["label"],
        description=document["description"],
        scope=document["scope"],
        uri=document["uri"],
        pinned=document["pinned"],
        archived=document["archived"],
        created_at=datetime.fromisoformat(document["createdAt"]),
        updated_at=datetime.fromisoformat(document["updatedAt"]),
        deleted_at=None if deleted is None else datetime.fromisoformat(deleted),
        message_count=document["messageCount"],
        revision=document["revision"],
        head=document["head"],
        draft=document["draft"],
        model=document["model"],
        system=document["system"],
        forked_from=None if origin is None else ForkOrigin(origin["sessionId"], origin["messageId"]),
        metadata=document["metadata"],
        usage=Usage(*document["usage"]),
        file_digest=document.get("fileDigest"),
        memory=decode_config(document.get("memory")),
        knowledge=decode_config(document.get("knowledge")),
        allowed_tools=tuple(document.get("allowedTools") or ()),
        waiting=document.get("waiting"),
        agents=decode_agents(document.get("agents")),
    )


def encode_summary(summary: Summary) -> Document:
    """A summary as a document."""
    return {
        "through": summary.through,
        "text": summary.text,
        "model": summary.model,
        "createdAt": _encode_time(summary.created_at),
    }


def decode_summary(document: Mapping[str, Any]) -> Summary:
    """A document as a summary. KeyError, TypeError or ValueError when it is none."""
    return Summary(
        through=document["through"],
        text=document["text"],
        model=document["model"],
        created_at=datetime.fromisoformat(document["createdAt"]),
    )


def encode_project(project: Project) -> Document:
    """A project as a document with all its fields."""
    return {
        "projectId": project.project_id,
        "userId": DEFAULT_USER,
        "name": project.name,
        "paths": list(project.paths),
        "createdAt": _encode_time(project.created_at),
        "rootCommit": project.root_commit,
        "inner": project.inner,
        "trusted": project.trusted,
        "current": project.current,
        "vacated": list(project.vacated),
    }


def decode_project(document: Mapping[str, Any]) -> Project:
    """A document as a project. KeyError, TypeError or ValueError when it is none."""
    return Project(
        project_id=document["projectId"],
        name=document["name"],
        paths=tuple(document["paths"]),
        created_at=datetime.fromisoformat(document["createdAt"]),
        root_commit=document["rootCommit"],
        inner=document["inner"],
        trusted=document["trusted"],
        current=dict(document["current"]),
        vacated=tuple(document.get("vacated") or ()),
    )


def digests(messages: Iterable[Message]) -> set[str]:
    """The names of all binary content that messages refer to."""
    return {part.digest for message in messages for part in message.attachments if part.digest is not None}


def _encode_time(moment: datetime) -> str:
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    # isoformat takes three times as long, and a turn is stored while somebody waits
    return orjson.dumps(utc, option=orjson.OPT_UTC_Z)[1:-1].decode()


def _encode_place(place: Place) -> list[int]:
    return [place.start_line, place.start_character, place.end_line, place.end_character]


def _encode_attachment(attachment: Attachment) -> Document:
    document = {
        "uri": attachment.uri,
        "place": attachment.place and _encode_place(attachment.place),
        "version": attachment.version,
        "text": attachment.text,
        "mimeType": attachment.mime_type,
        "digest": attachment.digest,
    }
    return document if attachment.before is None else {**document, "before": list(attachment.before)}


def _decode_attachment(document: Mapping[str, Any]) -> Attachment:
    before = document.get("before")
    return Attachment(
        uri=document["uri"],
        place=Place(*document["place"]) if document["place"] else None,
        version=document["version"],
        text=document["text"],
        mime_type=document["mimeType"],
        digest=document["digest"],
        before=(before[0], before[1]) if before else None,
    )


def _encode_citation(citation: Citation) -> Document:
    return {
        "uri": citation.uri,
        "place": _encode_place(citation.place),
        "label": citation.label,
        "messageId": citation.message_id,
    }


def _decode_citation(document: Mapping[str, Any]) -> Citation:
    return Citation(document["uri"], Place(*document["place"]), document["label"], document["messageId"])


def _encode_call(call: ToolCall) -> Document:
    return {
        "callId": call.call_id,
        "name": call.name,
        "args": call.args,
        "status": call.status,
        "output": call.output,
        **{key: value for key in ("round", "at", "kept") if (value := getattr(call, key))},
    }


def _decode_call(document: Mapping[str, Any]) -> ToolCall:
    more = {key: document[key] for key in ("round", "at", "kept") if key in document}
    of = map(document.__getitem__, ("callId", "name", "args", "status", "output"))
    return ToolCall(*of, **more)


def _encode_usage(usage: Usage) -> list[float | None]:
    cached = [usage.cached_tokens] if usage.cached_tokens else []
    return [usage.input_tokens, usage.output_tokens, usage.seconds, usage.cost, *cached]


def _encode_origin(origin: ForkOrigin) -> Document:
    return {"sessionId": origin.session_id, "messageId": origin.message_id}


_SESSION_FIELDS: tuple[tuple[str, str, Callable[[Any], Any] | None], ...] = (
    ("session_id", "sessionId", None),
    ("project_id", "projectId", None),
    ("user_id", "userId", None),
    ("name", "name", None),
    ("titled", "titled", None),
    ("label", "label", None),
    ("description", "description", None),
    ("scope", "scope", None),
    ("uri", "uri", None),
    ("pinned", "pinned", None),
    ("archived", "archived", None),
    ("created_at", "createdAt", _encode_time),
    ("updated_at", "updatedAt", _encode_time),
    ("deleted_at", "deletedAt", _encode_time),
    ("message_count", "messageCount", None),
    ("revision", "revision", None),
    ("head", "head", None),
    ("draft", "draft", None),
    ("model", "model", None),
    ("system", "system", None),
    ("forked_from", "forkedFrom", _encode_origin),
    ("metadata", "metadata", None),
    ("usage", "usage", _encode_usage),
    ("file_digest", "fileDigest", None),
    ("memory", "memory", encode_config),
    ("knowledge", "knowledge", encode_config),
    ("allowed_tools", "allowedTools", list),
    ("waiting", "waiting", None),
    ("agents", "agents", encode_agents),
)
_SESSION_VALUES = attrgetter(*(field for field, _, _ in _SESSION_FIELDS))
_NOTHINGS = (object(),) * len(_SESSION_FIELDS)
