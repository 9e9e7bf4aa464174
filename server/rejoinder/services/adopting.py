"""Sessions of other programs made into ours, with the same IDs each time."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment, Message, Project, Session
from rejoinder.domain.foreign import (
    ForeignAttachment,
    ForeignMemory,
    ForeignMessage,
    ForeignSession,
    made_id,
    moment,
    span,
    storable,
)
from rejoinder.domain.memory import DEFAULT_QUALITY, Memory, MemoryKind, MemorySource
from rejoinder.domain.titles import dated_name, title_of
from rejoinder.services.parcels import Parcel
from rejoinder.services.world import World

_LONGEST_NAME, _LONGEST_DESCRIPTION, _MOST_METADATA = 200, 2000, 20_000
_ORIGIN = "import"
"""Of a session's metadata."""


@frozen
class Origin:
    """Where an imported session came from, as its metadata say: which program, and its ID there.

    Also its last message then, and until when what it remembers has come in.
    """

    format: str
    key: str
    end: str | None
    remembered: datetime | None

    @staticmethod
    def of(session: Session) -> "Origin | None":
        """Where a session came from, if it was imported."""
        said = session.metadata.get(_ORIGIN)
        if not isinstance(said, Mapping) or not all(isinstance(said.get(key), str) for key in ("from", "id")):
            return None
        end = said.get("end")
        return Origin(said["from"], said["id"], end if isinstance(end, str) else None, moment(said.get("remembered")))


def adopted(foreign: ForeignSession, project: Project, world: World, *, origin: str) -> Parcel:
    """A session of another program as one of ours, with the same IDs each time."""
    session_id = foreign.session_id or made_id("content", *(f"{m.role}:{m.content}" for m in foreign.messages))
    created = foreign.created_at or span(foreign.messages)[0] or foreign.updated_at or world.now()
    messages = _chained(foreign, session_id, created)
    first = next((each.content for each in foreign.messages if each.role == "user"), "")
    end = messages[-1].message_id if messages else None
    memories = [_memory(each, session_id, created) for each in foreign.memories]
    about = _origin(origin, session_id, end, max((each.created_at for each in memories), default=None))
    metadata: dict[str, Any] = {**_bounded(foreign.metadata), _ORIGIN: about}
    if foreign.model is not None:
        # what answers here is chosen here
        metadata["model"] = foreign.model
    session = Session(
        session_id=session_id,
        project_id=project.project_id,
        name=_name(foreign) or title_of(first) or dated_name(created),
        titled=True,
        label=foreign.label and foreign.label[:_LONGEST_NAME],
        description=foreign.description and foreign.description[:_LONGEST_DESCRIPTION],
        scope="workspace",
        created_at=created,
        updated_at=max(filter(None, (foreign.updated_at, span(foreign.messages)[1], created))),
        head=end,
        message_count=len(messages),
        system=foreign.system,
        metadata=metadata,
    )
    contents = [item.data for each in foreign.messages for item in each.attachments if item.data is not None]
    return Parcel(
        session=session,
        messages=messages,
        state=storable(foreign.state),
        attachments={_digest(data): data for data in contents},
        memories=memories,
    )


def _origin(origin: str, session_id: str, end: str | None, remembered: datetime | None) -> dict[str, str]:
    """What `Origin.of` reads; only what there is."""
    said = {"end": end, "remembered": remembered.isoformat() if remembered else None}
    return {"from": origin, "id": session_id, **{key: value for key, value in said.items() if value is not None}}


def _name(foreign: ForeignSession) -> str | None:
    """What the session is called there; without a question in it, its ID."""
    is_asked = any(each.role == "user" and each.content for each in foreign.messages)
    name = foreign.name or (None if is_asked else foreign.session_id)
    return name and " ".join(name.split())[:_LONGEST_NAME]


def _bounded(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata, unless it is more than one would look at in a list."""
    kept: dict[str, Any] = storable(metadata)
    return kept if len(repr(kept)) <= _MOST_METADATA else {}


def _memory(each: ForeignMemory, session_id: str, time: datetime) -> Memory:
    kind: MemoryKind = "long" if each.is_long else "short"
    created = each.created_at or time
    quality = DEFAULT_QUALITY[kind] if each.quality is None else min(1.0, max(0.0, each.quality))
    return Memory(
        memory_id=made_id(session_id, kind, each.key, each.text),
        text=each.text,
        kind=kind,
        created_at=created,
        updated_at=created,
        quality=quality,
        metadata=dict(each.metadata),
        source=MemorySource(session_id=session_id),
    )


def _chained(foreign: ForeignSession, session_id: str, time: datetime) -> list[Message]:
    """The messages, each below the one before. An ID says what stands up to it: what is the same has the same."""
    messages: list[Message] = []
    turn_id = ""
    for each in foreign.messages:
        parent = messages[-1].message_id if messages else None
        message_id = made_id(session_id, parent or "", _said(each))
        turn_id = message_id if each.role == "user" or not turn_id else turn_id
        time = each.created_at or time
        messages.append(
            Message(
                message_id=message_id,
                parent_id=parent,
                turn_id=turn_id,
                role=each.role,
                source=each.source,
                content=each.content,
                created_at=time,
                attachments=tuple(map(_attached, each.attachments)),
                citations=each.citations,
                tool_calls=each.tool_calls,
                model=each.model,
                usage=each.usage,
            )
        )
    return messages


def _said(each: ForeignMessage) -> str:
    """All that a message says, as one text."""
    calls = [[call.name, repr(call.args), call.output] for call in each.tool_calls]
    attached = [[item.uri, item.text, _digest(item.data) if item.data else None] for item in each.attachments]
    return repr([each.role, each.key, each.content, calls, attached])


def _attached(item: ForeignAttachment) -> Attachment:
    digest = None if item.data is None else _digest(item.data)
    return Attachment(item.uri, text=item.text, mime_type=item.mime_type, digest=digest)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
