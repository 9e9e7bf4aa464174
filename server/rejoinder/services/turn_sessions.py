"""The session of a turn, and its messages."""

from rejoinder.domain.conversation import Session
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.request import TurnRequest
from rejoinder.services.sessions import Sessions


class TurnSessions:
    """Finds what a request means."""

    def __init__(self, conversations: Conversations, sessions: Sessions) -> None:
        self._conversations = conversations
        self._sessions = sessions

    async def of(self, request: TurnRequest) -> Session:
        """The session that a request means, made when it is not there. An ephemeral turn makes none that lasts."""
        if request.remember:
            if request.session_id is not None:
                return await self._sessions.get_or_create(
                    request.project,
                    request.session_id,
                    scope=request.scope,
                    uri=request.uri,
                    user_id=request.user_id,
                )
            return await self._sessions.current_or_new(request.project, request.scope, request.uri, request.user_id)
        found = await self.existing(request)
        return found if found is not None else self.passing(request)

    async def existing(self, request: TurnRequest) -> Session | None:
        """The same if it is there."""
        if request.session_id is None:
            return await self._sessions.current(request.project, request.scope, request.uri, request.user_id)
        check_id(request.session_id, "sessionId")
        sessions = await self._sessions.all(request.project.project_id)
        return next((session for session in sessions if session.session_id == request.session_id), None)

    def passing(self, request: TurnRequest) -> Session:
        """A session that is there for one turn only."""
        now = self._conversations.world.now()
        return Session(
            session_id=request.session_id or self._conversations.world.new_id(),
            project_id=request.project.project_id,
            name="",
            scope="none",
            created_at=now,
            updated_at=now,
        )

    async def tree(self, session: Session | None) -> MessageTree:
        """The session's messages; none for one that is not stored."""
        if session is None:
            return MessageTree()
        return await self._conversations.tree(session.project_id, session.session_id)
