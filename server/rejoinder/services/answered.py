"""Where a turn's answer is: a turn ID counts once only in a project, whatever session is named with it."""

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.events import TurnResult
from rejoinder.domain.users import own_part
from rejoinder.services.conversations import Conversations
from rejoinder.services.sessions import Sessions

_SESSIONS = 8
_MESSAGES = 20
"""What is read of the time before this engine: so many messages of so many sessions, the latest."""


class AnsweredTurns:
    """The turns that were answered since this engine began, and those that were answered shortly before."""

    def __init__(self, conversations: Conversations, sessions: Sessions) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._places: dict[tuple[str, str], str] = {}
        """The session of each turn, by the IDs of project and turn."""
        self._read: set[str] = set()
        """The projects whose latest sessions were looked at."""

    def add(self, session: Session, turn_id: str) -> None:
        """A turn of this session has its answer."""
        self._places[session.project_id, turn_id] = session.session_id

    async def result(self, session: Session, turn_id: str, user_id: str) -> TurnResult | None:
        """The result that is stored for a user's turn, in this session or in another one of its project."""
        project_id = session.project_id
        await self._read_latest(project_id)
        for session_id in (session.session_id, self._places.get((project_id, turn_id))):
            if session_id is None:
                continue
            try:
                tree = await self._conversations.tree(project_id, session_id)
            except SessionNotFound:
                continue  # it is there for this turn only, or is there no more
            own = own_part(tree.turn(turn_id), user_id)
            answer = next((m for m in reversed(own) if m.role == "assistant"), None)
            if answer is not None:
                return TurnResult.of(session_id, answer)
        return None

    async def _read_latest(self, project_id: str) -> None:
        if project_id in self._read:
            return
        sessions = await self._sessions.all(project_id)
        latest = sorted(sessions, key=lambda session: session.updated_at, reverse=True)[:_SESSIONS]
        for session in latest:
            try:
                tree = await self._conversations.latest(session, _MESSAGES)
            except SessionNotFound:
                continue  # it was deleted meanwhile
            for message in tree.all():
                if message.role == "assistant":
                    self._places.setdefault((project_id, message.turn_id), session.session_id)
        self._read.add(project_id)
