"""The message trees of the sessions in use, and the one way in which a session changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Literal
from weakref import WeakValueDictionary

import attrs

from rejoinder.domain.conversation import Message, Session, Usage
from rejoinder.domain.summaries import Summary
from rejoinder.domain.tree import MessageTree
from rejoinder.services.ports import Publisher
from rejoinder.services.recalling import Recalling
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.unbroken import Unbroken
from rejoinder.services.world import World

_LONG = 500
"""Messages of a session whose end is worth reading alone."""
_MESSAGES_KEPT = 60_000
"""Trees with more messages than this together are let go of, the longest unused first."""


class Conversations:
    """Reads sessions with their trees, and changes them one step after another."""

    def __init__(
        self, store: HistoryStore, io: StoreThread, recalling: Recalling, publisher: Publisher, world: World
    ) -> None:
        self.store = store
        self.io = io
        self.world = world
        self._recalling = recalling
        self._publisher = publisher
        self.unbroken = Unbroken()
        """What several steps of the store make up is begun through it."""
        self._trees: OrderedDict[tuple[str, str], MessageTree] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def lock(self, project_id: str, session_id: str) -> asyncio.Lock:
        """Held by whoever changes the session."""
        return self._locks.setdefault((project_id, session_id), asyncio.Lock())

    async def session(self, project_id: str, session_id: str) -> Session:
        """A session as it is now; raises SessionNotFound."""
        return await self.io(self.store.session, project_id, session_id)

    async def tree(self, project_id: str, session_id: str) -> MessageTree:
        """The session's messages."""
        key = (project_id, session_id)
        if key not in self._trees:
            tree = await self.io(lambda: MessageTree(self.store.messages(project_id, session_id)))
            self._trees.setdefault(key, tree)
            self._trees.move_to_end(key)
            self._make_room()
        self._trees.move_to_end(key)
        return self._trees[key]

    async def latest(self, session: Session, count: int) -> MessageTree:
        """The session's messages, or of one that is long and not in memory those at the end: at least `count`."""
        key = (session.project_id, session.session_id)
        if key in self._trees or session.message_count <= _LONG:
            return await self.tree(*key)
        return await self.io(lambda: MessageTree(self.store.latest(*key, count)))

    async def create(
        self, session: Session, messages: Sequence[Message] = (), *, summaries: Sequence[Summary] = ()
    ) -> Session:
        """A new session; ValueError when its ID is taken."""
        async with self.lock(session.project_id, session.session_id):
            await self.io(lambda: self.store.create(session, messages, summaries=summaries))
        self._recalling.changed(session.project_id, "message", session.session_id)
        self._publisher.changed(session, "created")
        return session

    async def change(
        self,
        project_id: str,
        session_id: str,
        step: Callable[[Session], Session],
        *,
        adding: Callable[[Session], Sequence[Message]] = lambda _: (),
        kind: Literal["updated", "message"] = "updated",
        durable: bool = True,
    ) -> Session:
        """Apply `step` to the session as it is now and store it, with the messages that `adding` makes before.

        Not durable: written without a sync, neither revision nor time move, and nobody is told. Between the calls of
        both and the writing nothing else is written: what they find in memory still holds. What one of them raises
        leaves all as it was. What was begun goes to its end, also when the caller is cancelled.
        """
        return await self.unbroken(
            self._change(project_id, session_id, step, adding=adding, kind=kind, durable=durable)
        )

    async def _change(
        self,
        project_id: str,
        session_id: str,
        step: Callable[[Session], Session],
        *,
        adding: Callable[[Session], Sequence[Message]],
        kind: Literal["updated", "message"],
        durable: bool,
    ) -> Session:
        async with self.lock(project_id, session_id):
            latest = await self.session(project_id, session_id)
            messages = adding(latest)
            session = step(latest)
            # what is not durable (a draft) is no news either: the session keeps its place in lists
            session = self._next(session) if durable else session
            if messages:
                stored = await self.io(self._appended, session, messages)
                # one that is not in memory is read when it is asked for, with these messages
                if (tree := self._trees.get((project_id, session_id))) is not None:
                    tree.add(stored)
            else:
                await self.io(self.store.put, session, durable=durable)
            if messages or session.uri != latest.uri:
                self._recalling.changed(project_id, "message", session_id)
        if durable:
            self._publisher.changed(session, kind)
        return session

    async def rewrite(
        self,
        project_id: str,
        session_id: str,
        step: Callable[[Session, MessageTree], tuple[Session, Sequence[Message]]],
    ) -> Session:
        """Apply `step` to the session as it is now, and put the messages that it answers in the place of all others.

        What was begun goes to its end, also when the caller is cancelled.
        """
        return await self.unbroken(self._rewrite(project_id, session_id, step))

    async def _rewrite(
        self,
        project_id: str,
        session_id: str,
        step: Callable[[Session, MessageTree], tuple[Session, Sequence[Message]]],
    ) -> Session:
        async with self.lock(project_id, session_id):
            tree = await self.tree(project_id, session_id)
            session, messages = step(await self.session(project_id, session_id), tree)
            session = self._next(session)
            await self.io(self.store.replace, session, messages)
            await self.forget(project_id, session_id)
        self._publisher.changed(session, "rewritten")
        return session

    async def keep_summary(self, project_id: str, session_id: str, summary: Summary, usage: Usage) -> bool:
        """Store a summary and what it cost; whether the messages that it covers were still there."""
        async with self.lock(project_id, session_id):
            if summary.through not in await self.tree(project_id, session_id):
                return False  # what was cleared must not come back in other words
            latest = await self.session(project_id, session_id)
            session = attrs.evolve(latest, revision=latest.revision + 1, usage=latest.usage.plus(usage))
            await self.io(self.store.put_summary, session, summary)
        self._publisher.changed(session, "updated")
        return True

    async def forget(self, project_id: str, session_id: str) -> None:
        """Let go of what is known of a session whose messages are gone or others now; in files, too."""
        self._trees.pop((project_id, session_id), None)
        await self._recalling.forget(project_id, "message", session_id)
        self._recalling.changed(project_id, "message", session_id)

    def reloaded(self, project_id: str) -> None:
        """What is in memory of a project's messages does not count any more."""
        for key in [key for key in self._trees if key[0] == project_id]:
            del self._trees[key]

    def announce(self, session: Session, kind: Literal["created", "updated", "deleted", "message"]) -> None:
        """Tell clients of a change that was stored elsewhere."""
        self._recalling.changed(session.project_id, "message", session.session_id)
        self._publisher.changed(session, kind)

    def _appended(self, session: Session, messages: Sequence[Message]) -> Sequence[Message]:
        """Append messages; these as they were stored, which is masked: memory and disk say the same.

        In one step of the store, so that whoever reads the session after it finds them in memory too.
        """
        self.store.append(session, messages)
        return self.store.latest(session.project_id, session.session_id, len(messages))[-len(messages) :]

    def _next(self, session: Session) -> Session:
        return attrs.evolve(session, revision=session.revision + 1, updated_at=self.world.now())

    def _make_room(self) -> None:
        while len(self._trees) > 1 and sum(map(len, self._trees.values())) > _MESSAGES_KEPT:
            self._trees.popitem(last=False)
