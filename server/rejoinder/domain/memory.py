"""What is remembered for a user of a project: frozen values, and the rules of what may be one.

A long-term entry counts in the whole project. A short-term one belongs to the session that it came from, counts there
only, and goes with it; one that came from no session counts in the whole project for SHORT_DAYS, unless it says itself
until when.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any, Literal

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Place
from rejoinder.domain.errors import InvalidInput, TooLarge
from rejoinder.domain.lines import lines_of
from rejoinder.domain.recall import Recallable

MemoryKind = Literal["short", "long"]
_KINDS: dict[str, MemoryKind] = {"short": "short", "long": "long"}

SHORT_DAYS = 7
"""How long a short-term entry of no session counts."""

DEFAULT_QUALITY: dict[MemoryKind, float] = {"short": 0.5, "long": 0.7}
LONGEST_TEXT = 64 * 1024
"""Bytes of an entry's text in UTF-8."""

LARGEST_METADATA = 64 * 1024
"""Bytes of an entry's metadata as JSON."""

NO_MODEL = "memory"
"""What stands in the place of a model at an answer that only says what was remembered."""

URI = "rejoinder:/memory/"
"""What an entry's ID stands behind where a place is named by its URI."""


@frozen
class MemorySource:
    """What an entry came from: a message or a session, or a file."""

    session_id: str | None = None
    message_id: str | None = None
    uri: str | None = None


_UNKNOWN = MemorySource()


@frozen(kw_only=True)
class Memory:
    """Something remembered. `quality` is 0 to 1; from `expires_at` on it is not found any more."""

    memory_id: str
    text: str
    kind: MemoryKind
    created_at: datetime
    updated_at: datetime
    user_id: str = DEFAULT_USER
    quality: float = 0.5
    metadata: dict[str, Any] = attrs.field(factory=dict)
    source: MemorySource = _UNKNOWN
    expires_at: datetime | None = None
    said_again: tuple[str, ...] = ()
    """Other sessions in which somebody wanted the same to be remembered."""

    @property
    def said_in(self) -> tuple[str, ...]:
        """The sessions in which a message says it."""
        first = self.source.session_id if self.source.message_id is not None else None
        return self.said_again if first is None else (first, *self.said_again)

    @property
    def session_id(self) -> str | None:
        """The session that it counts in alone; None: in all of the project."""
        return self.source.session_id if self.kind == "short" else None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


def check_text(text: str) -> str:
    """The text itself. InvalidInput when there is nothing in it, TooLarge over LONGEST_TEXT."""
    if not text.strip():
        raise InvalidInput("text: there is nothing in it.", hint="Write what to remember.", key="text")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_TEXT:
        raise TooLarge(
            f"text: it has {size} bytes; an entry has at most {LONGEST_TEXT}.",
            limit=LONGEST_TEXT,
            hint="Remember the gist of it, or add it as knowledge.",
        )
    return text


def check_quality(quality: float) -> float:
    """The quality itself; InvalidInput when it is not from 0 to 1."""
    if not (math.isfinite(quality) and 0 <= quality <= 1):
        raise InvalidInput(f"quality: {quality!r} is not from 0 to 1.", hint="Send 0.5.", key="quality")
    return float(quality)


def check_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the metadata. InvalidInput when they are not JSON, TooLarge over LARGEST_METADATA."""
    try:
        written = json.dumps(metadata, allow_nan=False, ensure_ascii=False)
        copy: dict[str, Any] = json.loads(written)
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidInput(f"metadata: no JSON ({exc}).", hint="Send plain JSON values.", key="metadata") from None
    size = len(written.encode("utf-8", "surrogatepass"))
    if size > LARGEST_METADATA:
        raise TooLarge(
            f"metadata: they take {size} bytes; they may take {LARGEST_METADATA}.",
            limit=LARGEST_METADATA,
            hint="Keep large values elsewhere, and their place here.",
        )
    return copy


def check_expiry(expires_at: datetime, now: datetime) -> datetime:
    """The time itself; InvalidInput when it is over."""
    if expires_at <= now:
        raise InvalidInput(
            f"expiresAt: {expires_at.isoformat()} is over.", hint="Send a time that is to come.", key="expiresAt"
        )
    return expires_at


def default_expiry(kind: MemoryKind, source: MemorySource, now: datetime) -> datetime | None:
    """Until when an entry counts that does not say so itself."""
    passing = kind == "short" and source.session_id is None
    return now + timedelta(days=SHORT_DAYS) if passing else None


def encode_memory(memory: Memory) -> dict[str, Any]:
    """An entry as a JSON document, as stores keep it."""
    document: dict[str, Any] = {
        "text": memory.text,
        "kind": memory.kind,
        "userId": memory.user_id,
        "quality": memory.quality,
        "createdAt": _encode_time(memory.created_at),
        "updatedAt": _encode_time(memory.updated_at),
    }
    if memory.metadata:
        document["metadata"] = memory.metadata
    given = {"sessionId": memory.source.session_id, "messageId": memory.source.message_id, "uri": memory.source.uri}
    if source := {key: value for key, value in given.items() if value is not None}:
        document["source"] = source
    if memory.expires_at is not None:
        document["expiresAt"] = _encode_time(memory.expires_at)
    if memory.said_again:
        document["saidAgain"] = list(memory.said_again)
    return document


def decode_memory(memory_id: str, document: Mapping[str, Any]) -> Memory:
    """A JSON document as an entry. KeyError, TypeError or ValueError when it is none."""
    source, expires_at = document.get("source"), document.get("expiresAt")
    if not isinstance(document["text"], str):
        raise ValueError("it is no entry of the memory")
    created_at = datetime.fromisoformat(document["createdAt"])
    is_first = document["updatedAt"] == document["createdAt"]
    updated_at = created_at if is_first else datetime.fromisoformat(document["updatedAt"])
    return Memory(
        memory_id=memory_id,
        text=document["text"],
        kind=_KINDS[document["kind"]],
        created_at=created_at,
        updated_at=updated_at,
        user_id=intern(document["userId"]),
        quality=float(document["quality"]),
        metadata=dict(document.get("metadata", {})),
        source=_decode_source(source) if source else _UNKNOWN,
        expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
        said_again=tuple(document.get("saidAgain", ())),
    )


def recallable(memory: Memory) -> Recallable:
    """What is found of an entry: one passage, whose origin is the entry."""
    lines = lines_of(memory.text)
    return Recallable(
        passage_id=memory.memory_id,
        text=memory.text,
        uri=URI + memory.memory_id,
        place=Place(0, 0, len(lines) - 1, len(lines[-1])),
        created_at=memory.created_at,
        user_id=memory.user_id,
        session_id=memory.session_id,
        message_id=memory.source.message_id,
        scope=memory.kind,
        quality=memory.quality,
        expires_at=memory.expires_at,
    )


def _decode_source(source: Mapping[str, Any]) -> MemorySource:
    session_id = source.get("sessionId")
    return MemorySource(session_id and intern(session_id), source.get("messageId"), source.get("uri"))


def _encode_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
