"""Everything that one store holds copied to another, and both compared."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Session
from rejoinder.domain.documents import encode_message, encode_project, encode_session, encode_summary
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.domain.waiting import referred_to
from rejoinder.services.store_ports import HistoryStore

_RECORDS_TOGETHER = 1000


@frozen
class Totals:
    """What a store holds, or what was copied. A session counts wherever it is, also in the trash."""

    projects: int = 0
    sessions: int = 0
    messages: int = 0
    attachments: int = 0
    records: int = 0
    checksum: str = ""
    """SHA-256 over the checksums of all projects, sessions and records, which are those of their canonical JSON."""


@frozen
class Progress:
    """How far a copy is, in sessions and kinds of records."""

    done: int
    total: int
    what: str


Report = Callable[[Progress], None]
"""Called before each step. What it raises ends the copy between two sessions."""


def copy_all(
    source: HistoryStore, target: HistoryStore, *, replace: bool = False, report: Report = lambda _: None
) -> None:
    """Copy everything. The target has to be empty, unless `replace` has what is there under the same IDs give way.

    Raises InvalidInput for a target that is not empty; what was copied before an error stays there.
    """
    if not replace and any(_holds_something(target, project.project_id) for project in target.projects()):
        raise InvalidInput(
            "The store that is to be copied to is not empty; nothing was copied.",
            hint="Name another, or say that what has the same IDs there is to be replaced.",
            key="to",
        )
    steps = _steps(source)
    done = 0
    for project in source.projects():
        target.put_project(project)
    for project_id, sessions, kinds in steps:
        there = {one.session_id for one in _all_sessions(target, project_id)}
        for session in sessions:
            report(Progress(done, _count(steps), session.name))
            if session.session_id in there:
                target.purge(project_id, session.session_id)
            _copy_session(source, target, session)
            done += 1
        for kind in kinds:
            report(Progress(done, _count(steps), kind))
            _copy_records(source, target, project_id, kind)
            done += 1
    report(Progress(done, _count(steps), ""))


def totals(store: HistoryStore, *, like: HistoryStore | None = None, report: Report = lambda _: None) -> Totals:
    """Count and sum up what a store holds; `like` leaves out what that other store has not."""
    counts = dict.fromkeys(("sessions", "messages", "attachments", "records"), 0)
    sums: list[str] = []
    steps = _steps(store if like is None else like)
    done = 0
    projects = {project.project_id: project for project in store.projects()}
    for project_id, sessions, kinds in steps:
        sums.append(_checksum(encode_project(projects[project_id]) if project_id in projects else None))
        for session in sessions:
            report(Progress(done, _count(steps), session.name))
            counts["sessions"] += 1
            sums.append(_session_checksum(store, session, counts))
            done += 1
        for kind in kinds:
            report(Progress(done, _count(steps), kind))
            wanted = None if like is None else like.records(project_id, kind).keys()
            found = {
                key: one for key, one in store.records(project_id, kind).items() if wanted is None or key in wanted
            }
            counts["records"] += len(found)
            sums.append(_checksum([kind, sorted((key, dict(record)) for key, record in found.items())]))
            done += 1
    return Totals(projects=len(steps), checksum=_checksum(sorted(sums)), **counts)


def _session_checksum(store: HistoryStore, session: Session, counts: dict[str, int]) -> str:
    """A session's checksum as the store has it; what is not there sums up to something else."""
    project_id, session_id = session.project_id, session.session_id
    here = next((one for one in _all_sessions(store, project_id) if one.session_id == session_id), None)
    if here is None:
        return _checksum([session_id, "missing"])
    with readable(store, here):
        messages = store.messages(project_id, session_id)
        named = sorted(referred_to(here, messages))
        present = [digest for digest in named if _attachment(store, session, digest) is not None]
        counts["messages"] += len(messages)
        counts["attachments"] += len(present)
        return _checksum(
            [
                encode_session(here),
                [encode_message(message) for message in messages],
                [encode_summary(summary) for summary in store.summaries(project_id, session_id)],
                store.state(project_id, session_id),
                present,
            ]
        )


def _copy_session(source: HistoryStore, target: HistoryStore, session: Session) -> None:
    project_id, session_id = session.project_id, session.session_id
    live = attrs.evolve(session, deleted_at=None)
    with readable(source, session):
        messages = source.messages(project_id, session_id)
        target.create(live, messages, summaries=source.summaries(project_id, session_id))
        for digest in sorted(referred_to(session, messages)):
            if (data := _attachment(source, session, digest)) is not None:
                target.attach(project_id, session_id, data)
        if state := source.state(project_id, session_id):
            target.put_state(project_id, session_id, state)
    if session.deleted_at is not None:
        target.trash(session)


def _copy_records(source: HistoryStore, target: HistoryStore, project_id: str, kind: str) -> None:
    """Records in parts, so that none of the writes is larger than a store takes."""
    part: dict[str, Mapping[str, Any]] = {}
    for record_id, record in source.records(project_id, kind).items():
        part[record_id] = record
        if len(part) == _RECORDS_TOGETHER:
            target.put_records(project_id, kind, part)
            part = {}
    if part:
        target.put_records(project_id, kind, part)


@contextmanager
def readable(store: HistoryStore, session: Session) -> Iterator[Session]:
    """Take a session out of the trash for as long as it is read; gives it as it is meanwhile."""
    live = attrs.evolve(session, deleted_at=None)
    if session.deleted_at is None:
        yield live
        return
    store.restore(live)
    try:
        yield live
    finally:
        # as it is by now: it may have been rewritten meanwhile
        latest = store.session(session.project_id, session.session_id)
        store.trash(attrs.evolve(latest, deleted_at=session.deleted_at))


def _attachment(store: HistoryStore, session: Session, digest: str) -> bytes | None:
    """What a message refers to; None when it was lost before."""
    try:
        return store.attachment(session.project_id, session.session_id, digest)
    except NotFound:
        return None


def _steps(store: HistoryStore) -> list[tuple[str, list[Session], list[str]]]:
    """All projects with their sessions and kinds of records, in the store's own order, which a copy has then."""
    ids = [project.project_id for project in store.projects()]
    return [(each, _all_sessions(store, each), store.record_kinds(each)) for each in ids]


def _count(steps: list[tuple[str, list[Session], list[str]]]) -> int:
    return sum(len(sessions) + len(kinds) for _, sessions, kinds in steps)


def _holds_something(store: HistoryStore, project_id: str) -> bool:
    return bool(_all_sessions(store, project_id)) or any(
        store.records(project_id, kind) for kind in store.record_kinds(project_id)
    )


def _all_sessions(store: HistoryStore, project_id: str) -> list[Session]:
    return [*store.sessions(project_id), *store.trashed(project_id)]


def _checksum(value: Any) -> str:
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
