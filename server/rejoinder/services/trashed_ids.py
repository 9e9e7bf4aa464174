"""The IDs of sessions in the trash are free: a session there goes on lying there under another when one is wanted."""

from collections.abc import Sequence
from functools import partial

import attrs

from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.summaries import Summary
from rejoinder.services.conversations import Conversations
from rejoinder.services.copying import readable
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.pictures import attached
from rejoinder.services.store_ports import HistoryStore


class TrashedIds:
    """Frees them, one at a time, when a new session is to have the same."""

    def __init__(self, conversations: Conversations, memories: Memories, knowledge: Knowledge) -> None:
        self._conversations = conversations
        self._memories = memories
        self._knowledge = knowledge

    async def create(self, session: Session, messages: Sequence[Message], *, summaries: Sequence[Summary]) -> None:
        """A new session; ValueError when one that is not in the trash has its ID."""
        try:
            await self._conversations.create(session, messages, summaries=summaries)
        except ValueError:
            if not await self.free(session.project_id, session.session_id):
                raise
            await self._conversations.create(session, messages, summaries=summaries)

    async def free(self, project_id: str, session_id: str) -> bool:
        """Give the session of this ID in the trash another one, with all that belongs to it; whether there was one."""
        store, io = self._conversations.store, self._conversations.io
        async with self._conversations.lock(project_id, session_id):
            trashed = await io(store.trashed, project_id)
            old = next((session for session in trashed if session.session_id == session_id), None)
            if old is None:
                return False
            new = attrs.evolve(old, session_id=self._conversations.world.new_id())
            ids = await io(partial(_moved, store, old, new))
            await self._memories.fork(old, new, ids, ids)
            await self._memories.session_gone(project_id, session_id)
            await self._knowledge.fork(old, new)
            await self._knowledge.session_gone(project_id, session_id)
        return True


def _moved(store: HistoryStore, old: Session, new: Session) -> set[str]:
    """Put a session in the trash in the place of another one there; the IDs of its messages.

    Until the last step the former one is there, too: nothing is lost when the process stops in between.
    """
    key = (old.project_id, old.session_id)
    with readable(store, old):
        messages = store.messages(*key)
        store.create(attrs.evolve(new, deleted_at=None), messages, summaries=store.summaries(*key))
        for data in attached(store, old, messages).values():
            store.attach(new.project_id, new.session_id, data)
        if state := store.state(*key):
            store.put_state(new.project_id, new.session_id, state)
    store.trash(new)
    store.purge(*key)
    return {message.message_id for message in messages}
