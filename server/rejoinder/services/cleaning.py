"""Cleaning up: empty sessions, those that nobody has used for long, and the oldest messages of long ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import encode_message
from rejoinder.domain.errors import InvalidInput, SessionNotFound
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.history import History
from rejoinder.services.projects import Projects
from rejoinder.services.running import RunningTurns
from rejoinder.services.sessions import Sessions

Reason = Literal["empty", "old", "long"]


@frozen(kw_only=True)
class CleaningRules:
    """What is to go; None and False: nothing of this kind. `older_than` in days since the last use."""

    empty: bool = False
    older_than: int | None = None
    keep_messages: int | None = None
    """Messages of the active path that a longer session keeps, besides its system messages."""


@frozen
class Candidate:
    """A session that goes, or loses some messages; how many, and how many bytes on disk that are."""

    session: Session
    reason: Reason
    messages: int
    bytes: int


class Cleaning:
    """Cleans up, only when asked to. Pinned sessions, and those with a running turn or a draft, are left alone."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        history: History,
        projects: Projects,
        running: RunningTurns,
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._history = history
        self._projects = projects
        self._running = running

    async def clean(self, project_id: str, rules: CleaningRules, *, dry_run: bool = True) -> list[Candidate]:
        """What goes by the rules, or would: whole sessions to the trash, oldest messages of long ones for good.

        Raises InvalidInput for rules that ask for nothing or for less than nothing.
        """
        _check(rules)
        now = self._conversations.world.now()
        found = []
        for session in await self._sessions.all(project_id):
            try:
                candidate = await self._candidate(session, rules, now)
                if candidate is not None and not dry_run:
                    candidate = await self._taken(candidate, rules, now)
            except SessionNotFound:
                continue  # somebody else removed it meanwhile
            if candidate is not None:
                found.append(candidate)
        return found

    async def retain(self, days: int | None) -> int:
        """Move what was not used for so many days to the trash, in all projects; how many sessions went."""
        if days is None:
            return 0
        removed = 0
        for project in await self._projects.all():
            removed += len(await self.clean(project.project_id, CleaningRules(older_than=days), dry_run=False))
        return removed

    async def _candidate(self, session: Session, rules: CleaningRules, now: datetime) -> Candidate | None:
        if self._is_left_alone(session):
            return None
        io, store = self._conversations.io, self._conversations.store
        reason = _reason(session, rules, now)
        if reason is not None:
            size = await io(store.size, session.project_id, session.session_id)
            return Candidate(session, reason, session.message_count, size)
        if rules.keep_messages is None or session.message_count <= rules.keep_messages:
            return None
        tree = await self._conversations.tree(session.project_id, session.session_id)
        return _shortened(session, tree, _newest(tree, session.head, rules.keep_messages))

    async def _taken(self, candidate: Candidate, rules: CleaningRules, now: datetime) -> Candidate | None:
        """Have it go, as it is by now: what was used, pinned or typed into since it was looked at stays."""
        session = candidate.session
        if candidate.reason == "long":
            return await self._shorten(session, rules)

        def goes(latest: Session) -> bool:
            return not latest.pinned and _reason(latest, rules, now) is not None

        return candidate if await self._history.trash.delete_if(session.project_id, session.session_id, goes) else None

    async def _shorten(self, session: Session, rules: CleaningRules) -> Candidate | None:
        most = rules.keep_messages or 0
        went: list[Candidate] = []

        def step(latest: Session, tree: MessageTree) -> tuple[Session, Sequence[Message]]:
            kept = _newest(tree, latest.head, most)
            shortened = None if latest.message_count <= most else _shortened(latest, tree, kept)
            if shortened is None or self._is_left_alone(latest):
                raise _Stays
            went.append(shortened)
            head = kept[-1].message_id if kept else None
            return attrs.evolve(latest, head=head, message_count=len(kept)), kept

        try:
            await self._conversations.rewrite(session.project_id, session.session_id, step)
        except _Stays:
            return None
        return went[0]

    def _is_left_alone(self, session: Session) -> bool:
        return session.pinned or self._running.of(session.project_id, session.session_id) is not None


class _Stays(Exception):
    """A session is not one that goes any more."""


def _check(rules: CleaningRules) -> None:
    if not rules.empty and rules.older_than is None and rules.keep_messages is None:
        raise InvalidInput("Nothing is said to go.", hint="Give `empty`, `olderThanDays` or `keepMessages`.")
    for key, value in (("olderThanDays", rules.older_than), ("keepMessages", rules.keep_messages)):
        if value is not None and not 1 <= value <= 1_000_000:
            raise InvalidInput(f"{key}: {value} is not within 1 and 1000000.", hint="Choose another number.", key=key)


def _reason(session: Session, rules: CleaningRules, now: datetime) -> Reason | None:
    """Why a session goes as a whole. What the user has typed and not sent yet keeps it."""
    if session.draft:
        return None
    if rules.empty and session.message_count == 0:
        return "empty"
    if rules.older_than is not None and now - session.updated_at > timedelta(days=rules.older_than):
        return "old"
    return None


def _shortened(session: Session, tree: MessageTree, kept: Sequence[Message]) -> Candidate | None:
    """What a session loses when these messages are kept; None when that is nothing."""
    ids = {message.message_id for message in kept}
    gone = [message for message in tree.all() if message.message_id not in ids]
    size = sum(len(orjson.dumps(encode_message(message))) for message in gone)
    return Candidate(session, "long", len(gone), size) if gone else None


def _newest(tree: MessageTree, head: str | None, most: int) -> list[Message]:
    """The last messages of a path from a user's one on, after all system messages before them, as a path of its own."""
    path = tree.path(head)
    first = max(len(path) - most, 0)
    while first < len(path) - 1 and path[first].role == "assistant":
        first += 1  # an answer without its question says little
    kept: list[Message] = []
    for message in [*(each for each in path[:first] if each.role == "system"), *path[first:]]:
        kept.append(attrs.evolve(message, parent_id=kept[-1].message_id if kept else None))
    return kept
