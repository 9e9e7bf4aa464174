"""A session put in the place of the one of its ID that is here, unless that has been used meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import SessionNotFound, StorageError
from rejoinder.domain.knowledge import KnowledgeItem
from rejoinder.domain.memory import Memory
from rejoinder.services.conversations import Conversations
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.parcel_storing import belongings_stored
from rejoinder.services.parcels import Parcel
from rejoinder.services.running import RunningTurns
from rejoinder.services.sessions import Sessions
from rejoinder.services.store_ports import HistoryStore


@frozen
class AsItIs:
    """A session, wherever it is, and what may change of it while its own fields stay."""

    session: Session
    state: Mapping[str, Any]
    memories: Sequence[Memory]
    knowledge: Sequence[KnowledgeItem]


class Replacing:
    """Replaces sessions as they were when somebody kept a copy of them."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        running: RunningTurns,
        memories: Memories,
        knowledge: Knowledge,
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._running = running
        self._memories = memories
        self._knowledge = knowledge

    async def as_it_is(self, project_id: str, session_id: str) -> AsItIs | None:
        """A session by its exact ID; None when there is none, also in the trash."""
        key, store = (project_id, session_id), self._conversations.store
        found = await self._conversations.io(_found, store, *key)
        if found is None:
            return None
        own = [item for item in await self._knowledge.items(*key) if item.session_id == session_id]
        return AsItIs(*found, await self._memories.of_session(*key), own)

    async def replace(self, was: AsItIs, parcel: Parcel, deleted_at: datetime | None) -> bool:
        """Put a session in the place of another one, into the trash if it was deleted; whether that was done.

        It is not when a turn runs in the one that is here, or when that is not as it was. What was begun goes to its
        end, also when the caller is cancelled.
        """
        return await self._conversations.unbroken(self._replace(was, parcel, deleted_at))

    async def _replace(self, was: AsItIs, parcel: Parcel, deleted_at: datetime | None) -> bool:
        store, io = self._conversations.store, self._conversations.io
        key = (parcel.session.project_id, parcel.session.session_id)
        async with self._conversations.lock(*key):
            if await self.as_it_is(*key) != was or self._running.of(*key) is not None:
                return False
            try:
                await io(_swap, store, parcel)
            except StorageError:
                if await self.as_it_is(*key) is None:
                    await self._gone(was.session)
                    await self._sessions.move_current(was.session)
                raise
            await self._gone(was.session)
            await belongings_stored(self._conversations, parcel)
            if deleted_at is None:
                self._conversations.announce(parcel.session, "created")
            else:
                await io(store.trash, attrs.evolve(parcel.session, deleted_at=deleted_at))
                await self._sessions.move_current(was.session)
        return True

    async def _gone(self, session: Session) -> None:
        key = (session.project_id, session.session_id)
        await self._memories.session_gone(*key)
        await self._knowledge.session_gone(*key)
        await self._conversations.forget(*key)
        self._conversations.announce(session, "deleted")


def _found(store: HistoryStore, project_id: str, session_id: str) -> tuple[Session, Mapping[str, Any]] | None:
    try:
        return store.session(project_id, session_id), store.state(project_id, session_id)
    except SessionNotFound:
        # the state of what lies in the trash does not change
        return next(((one, {}) for one in store.trashed(project_id) if one.session_id == session_id), None)


def _swap(store: HistoryStore, parcel: Parcel) -> None:
    """In one step of the store: whoever reads the session finds the one or the other."""
    store.purge(parcel.session.project_id, parcel.session.session_id)
    store.create(parcel.session, parcel.messages, summaries=parcel.summaries)
