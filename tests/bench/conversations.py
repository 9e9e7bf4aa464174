"""Conversations to measure with, as messages, and as the file that `session/import` takes."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import orjson

from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import encode_message, encode_session

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_ROOT = Path(__file__).resolve().parents[2]
_STRIDE = 7919
"""Characters between the beginnings of two messages in the text that they are taken from; a prime number."""


def messages(count: int, *, size: int, first: int = 0) -> list[Message]:
    """A path of messages from `first` on, of `size` characters each: questions and answers made of this project's text.

    So their words are as frequent as words are, which matters to a search over them.
    """
    return [_message(number, _passage(number, size)) for number in range(first, first + count)]


def session(session_id: str, path: list[Message], *, project_id: str = "any", age: int = 0) -> Session:
    """A session with these messages, last changed `age` minutes after a fixed time."""
    return Session(
        session_id=session_id,
        project_id=project_id,
        name=f"Session {session_id}",
        titled=True,
        scope="workspace",
        created_at=_BEGIN,
        updated_at=_BEGIN + timedelta(minutes=age),
        head=path[-1].message_id if path else None,
        message_count=len(path),
    )


def export_of(*sessions: tuple[Session, list[Message]]) -> str:
    """What `session/export` would have written."""
    parcels = [
        {"session": encode_session(session), "messages": [encode_message(message) for message in path], "state": {}}
        for session, path in sessions
    ]
    return orjson.dumps({"format": "rejoinder-sessions", "version": 1, "sessions": parcels}).decode()


def _passage(number: int, size: int) -> str:
    text = _text()
    start = number * _STRIDE % (len(text) - size)
    return f"{number} {text[start : start + size]}"[:size]


@cache
def _text() -> str:
    files = sorted((_ROOT / "server").rglob("*.py"))
    return "\n".join(file.read_text("utf-8") for file in files)


def _message(number: int, content: str) -> Message:
    return Message(
        message_id=f"message-{number}",
        parent_id=f"message-{number - 1}" if number else None,
        turn_id=f"turn-{number // 2}",
        role="assistant" if number % 2 else "user",
        source="chat",
        content=content,
        created_at=_BEGIN + timedelta(seconds=number),
    )
