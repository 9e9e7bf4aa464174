"""Sessions on their way in or out, in our own JSON form.

Our form is `{"format": "rejoinder-sessions", "version": 1, "sessions": [{"session", "messages", "state", "summaries"?,
"attachments"?, "memories"?, "knowledge"?}]}`, whose documents are those of the store; attachments are base64 by their
SHA-256. Memories, each with its `memoryId`, and knowledge, each with its `knowledgeId` and its passages as `contents`,
are what counts in the session alone.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.documents import (
    decode_message,
    decode_session,
    decode_summary,
    encode_message,
    encode_session,
    encode_summary,
)
from rejoinder.domain.errors import InvalidInput, TooLarge
from rejoinder.domain.foreign import OUR_FORMAT
from rejoinder.domain.identifiers import ID_PATTERN, check_id
from rejoinder.domain.knowledge import Document, KnowledgeItem, Passage
from rejoinder.domain.knowledge_records import decode_document, encode_document
from rejoinder.domain.memory import (
    Memory,
    MemorySource,
    check_metadata,
    check_quality,
    check_text,
    decode_memory,
    encode_memory,
)
from rejoinder.domain.summaries import Summary
from rejoinder.domain.tree import MessageTree
from rejoinder.domain.users import user_of
from rejoinder.services.fitting import misfits

VERSION = 1


@frozen(kw_only=True)
class Parcel:
    """A session with everything that belongs to it."""

    session: Session
    messages: Sequence[Message]
    state: dict[str, Any] = attrs.field(factory=dict)
    summaries: Sequence[Summary] = ()
    attachments: Mapping[str, bytes] = attrs.field(factory=dict)
    """Binary content by its SHA-256."""
    memories: Sequence[Memory] = ()
    """What counts in it alone, or what another program remembered with it."""
    knowledge: Sequence[Document] = ()
    """What counts in it alone."""


def encoded(parcels: Sequence[Parcel]) -> dict[str, Any]:
    """Parcels as one JSON value."""
    return {"format": OUR_FORMAT, "version": VERSION, "sessions": [_encoded(parcel) for parcel in parcels]}


def is_ours(value: Any) -> bool:
    """Whether a JSON value says that it is of our form, of whatever version."""
    return isinstance(value, dict) and value.get("format") == OUR_FORMAT


def decoded(value: dict[str, Any], project: Project) -> list[Parcel]:
    """The parcels of a JSON value of our form. Raises InvalidInput that says what is wrong with it."""
    if value.get("version") != VERSION:
        raise unreadable(f"its version is {value.get('version')!r} and this program knows {VERSION}")
    sessions = value.get("sessions")
    if not isinstance(sessions, list):
        raise unreadable("it has no list of sessions")
    return [_decoded(project, number, item) for number, item in enumerate(sessions)]


def unreadable(why: str) -> InvalidInput:
    """What is said of a file that is not as it should be."""
    return InvalidInput(f"content: {why}.", hint="Send a file that `session/export` wrote.", key="content")


def _encoded(parcel: Parcel) -> dict[str, Any]:
    item: dict[str, Any] = {
        "session": encode_session(parcel.session),
        "messages": [encode_message(message) for message in parcel.messages],
        "state": parcel.state,
    }
    if parcel.summaries:
        item["summaries"] = [encode_summary(summary) for summary in parcel.summaries]
    if parcel.memories:
        item["memories"] = [{"memoryId": one.memory_id, **encode_memory(one)} for one in parcel.memories]
    if parcel.knowledge:
        item["knowledge"] = [encode_document(one) for one in parcel.knowledge]
    if parcel.attachments:
        item["attachments"] = {name: b64encode(data).decode() for name, data in parcel.attachments.items()}
    return item


def _decoded(project: Project, number: int, item: Any) -> Parcel:
    def read() -> Parcel:
        session = attrs.evolve(decode_session(item["session"]), project_id=project.project_id, deleted_at=None)
        messages = [decode_message(message) for message in item["messages"]]
        summaries = [decode_summary(summary) for summary in item.get("summaries", ())]
        memories = [_memory(session, messages, memory) for memory in item.get("memories", ())]
        knowledge = [_document(session, document) for document in item.get("knowledge", ())]
        parts: list[tuple[Any, type]] = [(session, Session), *((message, Message) for message in messages)]
        parts += [*((summary, Summary) for summary in summaries), *((memory, Memory) for memory in memories)]
        parts += [(document.item, KnowledgeItem) for document in knowledge]
        parts += [(passage, Passage) for document in knowledge for passage in document.passages]
        for part, declared in parts:
            if (wrong := next(misfits(part, declared), None)) is not None:
                raise ValueError(f"{wrong} of a {declared.__name__.lower()}")
        if not ID_PATTERN.fullmatch(session.session_id):
            raise ValueError(f"{session.session_id[:40]!r} is no session ID")
        return Parcel(
            session=_at_its_end(session, MessageTree(messages)),
            messages=messages,
            state=dict(item.get("state") or {}),
            summaries=summaries,
            attachments={name: _content(name, data) for name, data in item.get("attachments", {}).items()},
            memories=[memory for memory in memories if memory.session_id is not None],
            knowledge=knowledge,
        )

    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, InvalidInput, TooLarge) as exc:
        what = f"session {number} is not as it should be ({type(exc).__name__}: {exc})"
        raise unreadable(what[:400]) from None


def _memory(session: Session, messages: Sequence[Message], item: Any) -> Memory:
    """An entry of the session, whatever the file says that it is of."""
    memory = decode_memory(check_id(item["memoryId"], "memoryId"), item)
    check_text(memory.text)
    check_quality(memory.quality)
    check_metadata(memory.metadata)
    user_of(memory.user_id)
    said = next((one.message_id for one in messages if one.message_id == memory.source.message_id), None)
    source = MemorySource(session.session_id, said, memory.source.uri)
    return attrs.evolve(memory, source=source, said_again=())


def _document(session: Session, item: Any) -> Document:
    """A document of the session, whatever the file says that it is of."""
    document = decode_document(item)
    return document.copy(document.item.knowledge_id, session.session_id)


def _content(digest: str, data: Any) -> bytes:
    content = b64decode(data, validate=True)
    if sha256(content).hexdigest() != digest:
        raise ValueError("an attachment is not what its name says")
    return content


def _at_its_end(session: Session, tree: MessageTree) -> Session:
    """The session with a head that is there and a count that is right, whatever the file says."""
    last = tree.all()[-1].message_id if len(tree) else None
    head = session.head if session.head is not None and session.head in tree else last
    # what somebody allowed elsewhere is not allowed here
    session = attrs.evolve(session, allowed_tools=(), waiting=None)
    return attrs.evolve(session, head=head, message_count=tree.depth(head))
