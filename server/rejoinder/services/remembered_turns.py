"""The turns that put an entry into the memory: what is left of them in the conversation when it is forgotten.

What such a turn said stays readable in its session until then. A confirmation names its entry by ID, so the turns are
found by it: in the sessions that the entry came from, and in forks, which hold copies.
"""

import contextlib
import re
from collections.abc import Collection, Sequence

import attrs

from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.memory import NO_MODEL, Memory
from rejoinder.domain.mentions import note_in
from rejoinder.domain.titles import dated_name, fork_name, title_of
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.copying import readable
from rejoinder.services.store_ports import HistoryStore

ASKED = "(What was to be remembered here has been forgotten or corrected since.)"
"""What stands in the place of the question. It is no command: answered anew, it remembers nothing."""
CONFIRMED = "It was remembered, and has been taken out of this conversation since."

_FORGETS = re.compile(r"`rejoinder memory forget (\S+)`")


def how_to_forget(memory_id: str) -> str:
    """The sentence that ends a confirmation, and by which its entry is known."""
    return f"`rejoinder memory forget {memory_id}` forgets it; so does the memory's list in an editor."


class RememberedTurns:
    """Takes out of the conversations what was said in order to be remembered."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def take_out(self, project_id: str, entries: Collection[Memory]) -> None:
        """Have nothing of these entries in the turns that remembered them; gone from the disk when this returns."""
        said_in = {session_id for entry in entries for session_id in entry.said_in}
        ids = {entry.memory_id for entry in entries}
        store, io = self._conversations.store, self._conversations.io
        if not said_in:
            return
        for session in await io(store.sessions, project_id):
            if session.session_id in said_in or session.forked_from is not None:
                await self._take_out(session, ids)
        for session in await io(store.trashed, project_id):
            if session.session_id in said_in or session.forked_from is not None:
                # one that has just been restored, or is gone for good, is not there
                with contextlib.suppress(SessionNotFound):
                    await io(_take_out_of_trash, store, session, ids)

    async def _take_out(self, session: Session, ids: Collection[str]) -> None:
        key = (session.project_id, session.session_id)
        try:
            if _without((await self._conversations.tree(*key)).all(), ids) is not None:
                await self._conversations.rewrite(*key, lambda latest, tree: _rewritten(latest, tree, ids))
        except SessionNotFound:
            return  # it was deleted meanwhile


def _take_out_of_trash(store: HistoryStore, session: Session, ids: Collection[str]) -> None:
    with readable(store, session) as live:
        tree = MessageTree(store.messages(session.project_id, session.session_id))
        if _without(tree.all(), ids) is not None:
            store.replace(*_rewritten(live, tree, ids))


def _rewritten(session: Session, tree: MessageTree, ids: Collection[str]) -> tuple[Session, list[Message]]:
    messages = tree.all()
    without = _without(messages, ids) or messages
    taken_out = (old for old, new in zip(messages, without, strict=True) if old is not new)
    titles = {title for old in taken_out if (title := title_of(old.content))}
    if session.name in {*titles, *map(fork_name, titles)}:
        session = attrs.evolve(session, name=dated_name(session.created_at), titled=False)
    return session, without


def _without(messages: Sequence[Message], ids: Collection[str]) -> list[Message] | None:
    """The messages without what these entries say; None when none of them says any of it."""
    confirmed = {one.message_id: one.parent_id for one in messages if one.model == NO_MODEL and _entry_of(one) in ids}
    if not confirmed:
        return None
    asked = set(confirmed.values())
    changed = []
    for message in messages:
        if message.message_id in confirmed:
            message = attrs.evolve(message, content=CONFIRMED)
        elif message.message_id in asked and note_in(message.content):
            message = attrs.evolve(message, content=ASKED)
        changed.append(message)
    return changed


def _entry_of(confirmation: Message) -> str | None:
    """The entry that a confirmation is of; what it quotes may name others before."""
    named = _FORGETS.findall(confirmation.content)
    return named[-1] if named else None
