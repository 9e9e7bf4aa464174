"""Updates of turns on their way to those who wait for them, in order and without gaps."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from rejoinder.protocol.sessions import SessionChangedParams
from rejoinder.protocol.updates import ChatUpdateParams, End

T = TypeVar("T")

Refill = Callable[[ChatUpdateParams, int], Awaitable[list[ChatUpdateParams]]]
"""Asks for what is missing before an update: all updates of its turn after the given `seq`."""


class Feed(Generic[T]):
    """A queue with an end, which may be an error."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._changed = asyncio.Event()
        self._closed = False
        self._error: Exception | None = None

    def put(self, item: T) -> None:
        """Add an item."""
        self._items.append(item)
        self._changed.set()

    def close(self, error: Exception | None = None) -> None:
        """Let `get` answer None, or raise the error, once all items are taken."""
        self._closed = True
        self._error = self._error or error
        self._changed.set()

    async def get(self) -> T | None:
        """The next item; None after the last one."""
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()


class Switchboard:
    """Knows who waits for what, and passes it on."""

    def __init__(self) -> None:
        self._turns: dict[str, Feed[ChatUpdateParams]] = {}
        self._sessions: dict[str, list[Feed[ChatUpdateParams]]] = {}
        self._changes: list[Feed[SessionChangedParams]] = []

    def update(self, update: ChatUpdateParams) -> None:
        """Pass on an update: to who began its turn, and to all who follow its session."""
        if (own := self._turns.get(update.turn_id)) is not None:
            own.put(update)
        for feed in self._sessions.get(update.session_id, ()):
            feed.put(update)

    def changed(self, change: SessionChangedParams) -> None:
        """Pass on that a session came, went, or has news."""
        for feed in self._changes:
            feed.put(change)

    def fail(self, error: Exception) -> None:
        """End all feeds with an error."""
        for feeds in (self._turns.values(), *self._sessions.values()):
            for feed in feeds:
                feed.close(error)
        for changes in self._changes:
            changes.close(error)

    def is_followed(self, session_id: str) -> bool:
        """Whether anybody follows a session."""
        return bool(self._sessions.get(session_id))

    @contextlib.contextmanager
    def turn(self, turn_id: str) -> Iterator[Feed[ChatUpdateParams]]:
        """The updates of one turn, to the end of the block."""
        feed = self._turns[turn_id] = Feed()
        try:
            yield feed
        finally:
            del self._turns[turn_id]

    @contextlib.contextmanager
    def session(self, session_id: str) -> Iterator[Feed[ChatUpdateParams]]:
        """The updates of all turns of a session, to the end of the block."""
        feed: Feed[ChatUpdateParams] = Feed()
        self._sessions.setdefault(session_id, []).append(feed)
        try:
            yield feed
        finally:
            self._sessions[session_id].remove(feed)
            if not self._sessions[session_id]:
                del self._sessions[session_id]

    @contextlib.contextmanager
    def changes(self) -> Iterator[Feed[SessionChangedParams]]:
        """All news of sessions, to the end of the block."""
        feed: Feed[SessionChangedParams] = Feed()
        self._changes.append(feed)
        try:
            yield feed
        finally:
            self._changes.remove(feed)


class TurnOrder:
    """Puts the updates of one turn in the order of their `seq`, each once."""

    def __init__(self) -> None:
        self._next = 0
        self._held: dict[int, ChatUpdateParams] = {}

    @property
    def last(self) -> int:
        """The `seq` of the last update that was released; -1 before the first."""
        return self._next - 1

    @property
    def has_gap(self) -> bool:
        """Whether an update is missing before those that are here."""
        return bool(self._held)

    def take(self, update: ChatUpdateParams) -> list[ChatUpdateParams]:
        """Take an update in; answers those whose turn it is now."""
        if update.seq >= self._next:
            self._held[update.seq] = update
        ready = []
        while self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        return ready

    def skip(self) -> list[ChatUpdateParams]:
        """Give up what is missing; answers all that is here."""
        ready = [self._held[seq] for seq in sorted(self._held)]
        self._held.clear()
        self._next = max([self._next, *(update.seq + 1 for update in ready)])
        return ready


class OrderedUpdates:
    """A feed's updates, those of each turn in order; a gap is filled by asking, or passed over when nobody knows."""

    def __init__(self, feed: Feed[ChatUpdateParams], refill: Refill) -> None:
        self._feed = feed
        self._refill = refill
        self._orders: dict[str, TurnOrder] = {}
        self._ready: deque[ChatUpdateParams] = deque()
        self._ended: deque[str] = deque(maxlen=64)
        """Turns whose updates may still come a second time."""

    async def next(self) -> ChatUpdateParams | None:
        """The next update; None after the last one."""
        while not self._ready:
            update = await self._feed.get()
            if update is None:
                return None
            await self._sort(update)
        return self._ready.popleft()

    async def _sort(self, update: ChatUpdateParams) -> None:
        if update.turn_id in self._ended:
            return
        order = self._orders.setdefault(update.turn_id, TurnOrder())
        self._ready += order.take(update)
        if order.has_gap:
            for missed in await self._refill(update, order.last):
                self._ready += order.take(missed)
            self._ready += order.skip()
        if self._ready and isinstance(self._ready[-1].update, End):
            del self._orders[update.turn_id]
            self._ended.append(update.turn_id)
