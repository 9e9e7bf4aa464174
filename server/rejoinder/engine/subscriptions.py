"""Who follows which session, and how they are told."""

from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from rejoinder.domain.conversation import Session
from rejoinder.domain.events import TurnEnded, TurnEvent
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.services.ports import TurnAddress

ChangeKind = Literal["created", "updated", "rewritten", "deleted", "message"]


class Follower(Protocol):
    """A connection, as far as news are concerned."""

    def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """An event of a turn in a session that the connection follows, or that it began itself."""
        ...

    def tell_changed(self, session: Session, kind: ChangeKind) -> None:
        """A session came, went, or has news."""
        ...

    def tell_index(self, project_id: str, status: IndexStatus) -> None:
        """A project's index went on."""
        ...


class Subscriptions:
    """Passes news on to every connection that follows. One that fails is left out and does not stop the rest."""

    def __init__(self, on_failure: Callable[[Exception], None]) -> None:
        self._on_failure = on_failure
        self._connections: dict[Follower, None] = {}
        self._sessions: dict[tuple[str, str], dict[Follower, None]] = {}
        self._turns: dict[TurnAddress, dict[Follower, None]] = {}

    def join(self, follower: Follower) -> None:
        """A connection that wants to know of changed sessions."""
        self._connections[follower] = None

    def leave(self, follower: Follower) -> None:
        """A connection that is gone."""
        self._connections.pop(follower, None)
        for followers in (*self._sessions.values(), *self._turns.values()):
            followers.pop(follower, None)

    def follow_session(self, project_id: str, session_id: str, follower: Follower) -> None:
        """From now on the connection is told of all turns of the session."""
        self._sessions.setdefault((project_id, session_id), {})[follower] = None

    def unfollow_session(self, project_id: str, session_id: str, follower: Follower) -> None:
        """The connection does not look at the session any more."""
        followers = self._sessions.get((project_id, session_id), {})
        followers.pop(follower, None)
        if not followers:
            self._sessions.pop((project_id, session_id), None)

    def follow_turn(self, turn: TurnAddress, follower: Follower) -> None:
        """The connection is told of this one turn to its end."""
        self._turns.setdefault(turn, {})[follower] = None

    def update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """Pass on an event: to each connection once, whichever way it follows."""
        followers = {
            **self._turns.get(turn, {}),
            **self._sessions.get((turn.project_id, turn.session_id), {}),
        }
        self._each(followers, lambda follower: follower.tell_update(turn, seq, event))
        if isinstance(event, TurnEnded):
            self._turns.pop(turn, None)

    def changed(self, session: Session, kind: ChangeKind) -> None:
        """Pass on that a session changed."""
        self._each(list(self._connections), lambda follower: follower.tell_changed(session, kind))

    def index_changed(self, project_id: str, status: IndexStatus) -> None:
        """Pass on how far a project's index is."""
        self._each(list(self._connections), lambda follower: follower.tell_index(project_id, status))

    def _each(self, followers: Iterable[Follower], tell: Callable[[Follower], None]) -> None:
        for follower in followers:
            try:
                tell(follower)
            except Exception as exc:
                self._on_failure(exc)
