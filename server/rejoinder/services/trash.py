"""Sessions on their way out: to the trash and back from it, and away for good with all that belongs to them."""

from collections.abc import Callable
from datetime import timedelta

import attrs

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import InvalidInput, SessionNotFound
from rejoinder.domain.identifiers import check_id
from rejoinder.services.conversations import Conversations
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.projects import Projects
from rejoinder.services.running import RunningTurns
from rejoinder.services.sessions import Sessions


class Trash:
    """Moves sessions there and back, and removes them. What is begun with a session goes to its end."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        projects: Projects,
        running: RunningTurns,
        memories: Memories,
        knowledge: Knowledge,
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._projects = projects
        self._running = running
        self._memories = memories
        self._knowledge = knowledge

    async def delete(self, project_id: str, session_id: str, *, permanent: bool) -> None:
        """Move a session to the trash, or remove it for good. A turn that runs in it is stopped first."""
        check_id(session_id, "sessionId")
        await self._conversations.unbroken(self._delete(project_id, session_id, permanent=permanent))

    async def delete_if(self, project_id: str, session_id: str, goes: Callable[[Session], bool]) -> bool:
        """Move a session to the trash if no turn runs in it and `goes` is true of it as it is then; whether it went."""
        return await self._conversations.unbroken(self._delete_if(project_id, session_id, goes))

    async def restore(self, project_id: str, session_id: str) -> Session:
        """Bring a session back from the trash."""
        return await self._conversations.unbroken(self._restore(project_id, check_id(session_id, "sessionId")))

    async def empty(self, days: int) -> int:
        """Remove for good what has been in the trash for longer; answers how many sessions went."""
        store, io = self._conversations.store, self._conversations.io
        limit = self._conversations.world.now() - timedelta(days=days)
        removed = 0
        for project in await self._projects.all():
            for session in await io(store.trashed, project.project_id):
                if session.deleted_at is not None and session.deleted_at < limit:
                    await self._conversations.unbroken(self._purge(project.project_id, session.session_id))
                    removed += 1
        return removed

    async def _delete(self, project_id: str, session_id: str, *, permanent: bool) -> None:
        while (turn := self._running.of(project_id, session_id)) is not None:
            turn.cancel()
            await turn.stopped()
        async with self._conversations.lock(project_id, session_id):
            session = await self._find_anywhere(project_id, session_id, trashed=permanent)
            if permanent:
                await self._purge(project_id, session_id)
            else:
                await self._trash(session)
            await self._gone(session)

    async def _delete_if(self, project_id: str, session_id: str, goes: Callable[[Session], bool]) -> bool:
        async with self._conversations.lock(project_id, session_id):
            session = await self._conversations.session(project_id, session_id)
            if self._running.of(project_id, session_id) is not None or not goes(session):
                return False
            await self._trash(session)
            await self._gone(session)
        return True

    async def _trash(self, session: Session) -> None:
        deleted = attrs.evolve(session, deleted_at=self._conversations.world.now())
        await self._conversations.io(self._conversations.store.trash, deleted)

    async def _purge(self, project_id: str, session_id: str) -> None:
        await self._conversations.io(self._conversations.store.purge, project_id, session_id)
        await self._memories.session_gone(project_id, session_id)
        await self._knowledge.session_gone(project_id, session_id)

    async def _gone(self, session: Session) -> None:
        """Go on without a session. Its lock is held still: who begins one of the same ID anew is told of after this."""
        await self._conversations.forget(session.project_id, session.session_id)
        await self._sessions.move_current(session)
        self._conversations.announce(session, "deleted")

    async def _restore(self, project_id: str, session_id: str) -> Session:
        store, io = self._conversations.store, self._conversations.io
        async with self._conversations.lock(project_id, session_id):
            session = await self._find_anywhere(project_id, session_id, trashed=True)
            if session.deleted_at is None:
                raise InvalidInput(
                    f"sessionId: {session_id!r} is not in the trash.", hint="Nothing needs to be done.", key="sessionId"
                )
            session = attrs.evolve(session, deleted_at=None, revision=session.revision + 1)
            await io(store.restore, session)
            self._conversations.announce(session, "created")
        return session

    async def _find_anywhere(self, project_id: str, session_id: str, *, trashed: bool) -> Session:
        store, io = self._conversations.store, self._conversations.io
        try:
            return await io(store.session, project_id, session_id)
        except SessionNotFound:
            in_trash = await io(store.trashed, project_id) if trashed else []
            for session in in_trash:
                if session.session_id == session_id:
                    return session
            raise
