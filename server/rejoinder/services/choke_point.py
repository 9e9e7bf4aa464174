"""The one place that sees every text on its way to a model or to disk, and masks secrets in it.

Placeholders are numbered within a session. The secrets behind them stay in memory alone.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import attrs

from rejoinder.domain.agents import masked as masked_agent
from rejoinder.domain.conversation import Attachment, Message, Project, Session
from rejoinder.domain.redaction import Redactor, highest_number
from rejoinder.domain.summaries import Summary
from rejoinder.services.store_ports import HistoryStore

_SESSIONS_KEPT = 256
_FIRST_OF_RECORDS = 1_000_000
"""Placeholders in a project's records are numbered from here on: what an edit puts back for a session's own
placeholder must never stand for that of a record, which came into the session as a passage."""


class ChokePoint:
    """Hands out each session's redactor."""

    def __init__(self) -> None:
        self._redactors: OrderedDict[tuple[str, str], Redactor] = OrderedDict()
        self._records: dict[str, Redactor] = {}
        self._lock = Lock()
        """Prompts are made on the loop's thread, and the store has its own."""

    def redactor(self, project_id: str, session_id: str, known: Iterable[str] = ()) -> Redactor:
        """The session's redactor; when it is new, its numbers begin above those in the `known` texts."""
        key = (project_id, session_id)
        with self._lock:
            redactor = self._redactors.get(key)
        if redactor is None:
            redactor = Redactor(first=1 + max(map(highest_number, known), default=0))
        with self._lock:
            redactor = self._redactors.setdefault(key, redactor)
            self._redactors.move_to_end(key)
            if len(self._redactors) > _SESSIONS_KEPT:
                self._redactors.popitem(last=False)
        return redactor

    def records_redactor(self, project_id: str) -> Redactor:
        """What masks the project's own records."""
        with self._lock:
            return self._records.setdefault(project_id, Redactor(first=_FIRST_OF_RECORDS))


class RedactingHistory:
    """A HistoryStore that masks whatever is written through it, and leaves reading as it is."""

    def __init__(self, inner: HistoryStore, choke_point: ChokePoint) -> None:
        self._inner = inner
        self._choke_point = choke_point
        self.projects = inner.projects
        self.sessions = inner.sessions
        self.session = inner.session
        self.latest = inner.latest
        self.state = inner.state
        self.attach = inner.attach
        self.attachment = inner.attachment
        self.trashed = inner.trashed
        self.purge = inner.purge
        self.size = inner.size
        self.summaries = inner.summaries
        self.record_kinds = inner.record_kinds
        self.records = inner.records
        self.drop_records = inner.drop_records
        self.faults = inner.faults
        self.close = inner.close

    def put_project(self, project: Project) -> None:
        """As the port says; a project holds no text of users."""
        self._inner.put_project(project)

    def create(self, session: Session, messages: Sequence[Message] = (), *, summaries: Sequence[Summary] = ()) -> None:
        """As the port says, masked."""
        redactor = self._choke_point.redactor(session.project_id, session.session_id, _texts(messages))
        self._inner.create(
            _masked_session(session, redactor),
            [_masked(m, redactor) for m in messages],
            summaries=[_masked_summary(summary, redactor) for summary in summaries],
        )

    def messages(self, project_id: str, session_id: str) -> Sequence[Message]:
        """As the port says. From now on new placeholders have numbers above those in these messages."""
        messages = self._inner.messages(project_id, session_id)
        self._choke_point.redactor(project_id, session_id, _texts(messages))
        return messages

    def put(self, session: Session, *, durable: bool = True) -> None:
        """As the port says, masked."""
        self._inner.put(_masked_session(session, self._redactor(session)), durable=durable)

    def append(self, session: Session, messages: Sequence[Message]) -> None:
        """As the port says, masked."""
        redactor = self._redactor(session)
        self._inner.append(_masked_session(session, redactor), [_masked(m, redactor) for m in messages])

    def replace(self, session: Session, messages: Sequence[Message]) -> None:
        """As the port says, masked."""
        redactor = self._redactor(session)
        self._inner.replace(_masked_session(session, redactor), [_masked(m, redactor) for m in messages])

    def put_summary(self, session: Session, summary: Summary) -> None:
        """As the port says, masked."""
        redactor = self._redactor(session)
        self._inner.put_summary(_masked_session(session, redactor), _masked_summary(summary, redactor))

    def put_state(self, project_id: str, session_id: str, state: Mapping[str, Any]) -> None:
        """As the port says, masked."""
        redactor = self._redactor(self._inner.session(project_id, session_id))
        self._inner.put_state(project_id, session_id, masked_value(state, redactor))

    def put_records(
        self, project_id: str, kind: str, records: Mapping[str, Mapping[str, Any]], *, erase: bool = False
    ) -> None:
        """As the port says, masked; IDs are not texts."""
        redactor = self._choke_point.records_redactor(project_id)
        masked = {key: masked_value(record, redactor) for key, record in records.items()}
        self._inner.put_records(project_id, kind, masked, erase=erase)

    def trash(self, session: Session) -> None:
        """As the port says, masked."""
        self._inner.trash(_masked_session(session, self._redactor(session)))

    def restore(self, session: Session) -> None:
        """As the port says, masked. Its messages cannot be read yet, and a redactor of this call alone does."""
        self._inner.restore(_masked_session(session, Redactor()))

    def _redactor(self, session: Session) -> Redactor:
        project_id, session_id = session.project_id, session.session_id
        return self._choke_point.redactor(project_id, session_id, self._stored_texts(project_id, session_id))

    def _stored_texts(self, project_id: str, session_id: str) -> Iterator[str]:
        """Read when it is asked for the first text: not for a session whose redactor is there."""
        yield from _texts(self._inner.messages(project_id, session_id))


def _texts(messages: Iterable[Message]) -> Iterator[str]:
    for message in messages:
        yield message.content
        yield from (attachment.text for attachment in message.attachments if attachment.text)


def masked_value(value: Any, redactor: Redactor) -> Any:
    """A JSON value with every text in it masked, those that are keys among them."""
    if isinstance(value, str):
        return redactor.mask(value)
    if isinstance(value, Mapping):
        return {redactor.mask(key): masked_value(item, redactor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(item, redactor) for item in value]
    return value


def _masked_session(session: Session, redactor: Redactor) -> Session:
    def mask(text: str | None) -> str | None:
        return None if text is None else redactor.mask(text)

    return attrs.evolve(
        session,
        name=redactor.mask(session.name),
        label=mask(session.label),
        description=mask(session.description),
        draft=mask(session.draft),
        system=mask(session.system),
        metadata=masked_value(session.metadata, redactor),
        waiting=masked_value(session.waiting, redactor),
        agents=tuple(masked_agent(agent, redactor.mask) for agent in session.agents),
    )


def _masked(message: Message, redactor: Redactor) -> Message:
    attachments = tuple(_masked_attachment(attachment, redactor) for attachment in message.attachments)
    calls = tuple(
        attrs.evolve(call, args=masked_value(call.args, redactor), output=masked_value(call.output, redactor))
        for call in message.tool_calls
    )
    return attrs.evolve(message, content=redactor.mask(message.content), attachments=attachments, tool_calls=calls)


def _masked_summary(summary: Summary, redactor: Redactor) -> Summary:
    return attrs.evolve(summary, text=redactor.mask(summary.text))


def _masked_attachment(attachment: Attachment, redactor: Redactor) -> Attachment:
    return attachment if attachment.text is None else attrs.evolve(attachment, text=redactor.mask(attachment.text))
