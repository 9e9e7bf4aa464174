"""Which rows hold what of a conversation."""

from collections.abc import Iterable
from typing import Any

from rejoinder.adapters.keyed_rows import Change, space_of
from rejoinder.adapters.strict_json import dump_and_read
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import encode_message, encode_session, encode_summary
from rejoinder.domain.summaries import Summary

PARTS = ("messages", "summaries", "state", "attachments")
"""The spaces of a session."""


def session_space(project_id: str, session_id: str, part: str) -> str:
    """The name of one of a session's spaces."""
    return space_of("session", project_id, session_id, part)


def row(space: str, key: str, document: dict[str, Any]) -> Change:
    """What puts a document. Raises InvalidInput for what JSON cannot hold."""
    return Change(space, key, dump_and_read(document)[0])


def session_row(session: Session) -> Change:
    """What puts a session's own fields."""
    return row(space_of("sessions", session.project_id), session.session_id, encode_session(session))


def message_rows(session: Session, first: int, messages: Iterable[Message]) -> list[Change]:
    """What puts messages, numbered from `first` on."""
    space = session_space(session.project_id, session.session_id, "messages")
    return [row(space, f"{number:09d}", encode_message(message)) for number, message in enumerate(messages, first)]


def summary_row(session: Session, summary: Summary) -> Change:
    """What puts a summary, in the place of one of the same messages."""
    space = session_space(session.project_id, session.session_id, "summaries")
    return row(space, summary.through, encode_summary(summary))
