"""The memory: added to, listed, searched, corrected and forgotten, always for one user of one project."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.domain.memory import (
    DEFAULT_QUALITY,
    Memory,
    MemoryKind,
    MemorySource,
    check_expiry,
    check_metadata,
    check_quality,
    check_text,
    default_expiry,
)
from rejoinder.domain.recall import RecallKind, RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit
from rejoinder.services.configuring import asked
from rejoinder.services.memory_origins import MemoryOrigins, Origin
from rejoinder.services.memory_requests import MemoryChange, MemoryDraft, MemoryFilter, MemoryPage
from rejoinder.services.recalling import Recalling
from rejoinder.services.remembered import RECORDS, Remembered
from rejoinder.services.unbroken import Unbroken
from rejoinder.services.world import World

PAGE = 200
LARGEST_PAGE = 1000
HITS = 10
MOST_HITS = 200


class Memories:
    """The memory of all projects. An entry of another user is not there.

    What changes something is done to its end, even when who asked for it goes away. With an entry goes what `/remember`
    turns say of it, in the sessions and their forks; before it, so that a failure leaves it to be forgotten again.
    """

    def __init__(self, remembered: Remembered, recalling: Recalling, origins: MemoryOrigins, world: World) -> None:
        self._remembered = remembered
        self._recalling = recalling
        self._origins = origins
        self._world = world
        self._changing = asyncio.Lock()
        """Held while an entry is looked at and changed; nobody who holds it waits for a session."""
        self._unbroken = Unbroken()

    async def close(self) -> None:
        """Wait for what is still being stored."""
        await self._unbroken.close()

    async def add(
        self, project_id: str, user_id: str, draft: MemoryDraft, origin: Origin, *, config: RecallConfig
    ) -> Memory:
        """Remember something. Raises InvalidInput, TooLarge, and what is wrong with where it came from."""
        config.require_on("memory")
        source = await self._origins.checked(project_id, origin)
        return await self.keep(project_id, user_id, draft, source)

    async def keep(self, project_id: str, user_id: str, draft: MemoryDraft, source: MemorySource) -> Memory:
        """Remember something that came from where it says, which was looked at before."""
        now = self._world.now()
        expires_at = draft.expires_at and check_expiry(draft.expires_at, now)
        entry = Memory(
            memory_id=self._world.new_id(),
            text=check_text(draft.text),
            kind=draft.kind,
            user_id=user_id,
            quality=DEFAULT_QUALITY[draft.kind] if draft.quality is None else check_quality(draft.quality),
            metadata=check_metadata(draft.metadata or {}),
            source=source,
            created_at=now,
            updated_at=now,
            expires_at=expires_at or default_expiry(draft.kind, source, now),
        )
        return await self._unbroken(self._put(project_id, entry))

    async def keep_all(self, project_id: str, entries: Sequence[Memory]) -> None:
        """Keep entries of another program that are not here yet."""
        known = await self._remembered.all(project_id)
        for entry in entries:
            if entry.memory_id not in known:
                await self._unbroken(self._put(project_id, entry))

    async def get(self, project_id: str, user_id: str, memory_id: str) -> Memory:
        """An entry of a user; raises NotFound."""
        return _of_user((await self._current(project_id)).get(memory_id), user_id, memory_id)

    async def page(
        self, project_id: str, wanted: MemoryFilter, *, cursor: str | None = None, limit: int = PAGE
    ) -> MemoryPage:
        """The newest entries that fit, or those after a page's cursor."""
        if not 1 <= limit <= LARGEST_PAGE:
            raise _bad_limit(limit, LARGEST_PAGE)
        if wanted.session_id is not None:
            await self._origins.session(project_id, wanted.session_id)
        found: list[Memory] = []
        for entry in reversed(list((await self._current(project_id)).values())):
            if wanted.fits(entry) and (cursor is None or _place(entry) < cursor):
                if len(found) == limit:
                    return MemoryPage(found, _place(found[-1]))
                found.append(entry)
        return MemoryPage(found, None)

    async def like(self, project_id: str, user_id: str, text: str) -> Memory | None:
        """The user's lasting entry that says the same."""
        entries = (await self._current(project_id)).values()
        same = (one for one in entries if (one.user_id, one.kind, one.text) == (user_id, "long", text))
        return next((one for one in same if one.expires_at is None), None)

    async def of_session(self, project_id: str, session_id: str) -> list[Memory]:
        """What counts in one session alone, of whatever user; oldest first."""
        entries = (await self._current(project_id)).values()
        return [entry for entry in entries if entry.session_id == session_id]

    async def fork(self, origin: Session, new: Session, forked: Collection[str], kept: Collection[str]) -> None:
        """Copy what counts in one session alone for a fork of it, but for what is of other messages than those forked.

        `kept` are the messages that the fork has, too.
        """
        project_id, copies = origin.project_id, []
        for entry in await self.of_session(project_id, origin.session_id):
            said = entry.source.message_id
            if said is None or said in forked:
                source = MemorySource(new.session_id, said if said in kept else None, entry.source.uri)
                copies.append(attrs.evolve(entry, memory_id=self._world.new_id(), source=source, said_again=()))
        await self.keep_all(project_id, copies)

    async def said_again(self, project_id: str, entry: Memory, session_id: str) -> bool:
        """Somebody wanted it to be remembered in another session, too. Answers whether it still is."""

        async def say() -> bool:
            async with self._changing:
                known = (await self._current(project_id)).get(entry.memory_id)
                if known is None or known.text != entry.text:
                    return False
                if session_id not in known.said_in:
                    again = (*known.said_again, session_id)
                    await self._remembered.put(project_id, attrs.evolve(known, said_again=again))
                return True

        return await self._unbroken(say())

    async def search(
        self,
        project_id: str,
        user_id: str,
        query: str,
        *,
        kind: MemoryKind | None = None,
        session_id: str | None = None,
        limit: int = HITS,
        config: RecallConfig,
    ) -> list[Hit]:
        """The passages that fit best: of what counts everywhere, and of what counts in that session."""
        if not 1 <= limit <= MOST_HITS:
            raise _bad_limit(limit, MOST_HITS)
        if session_id is not None:
            await self._origins.session(project_id, session_id)
        await self._forget_expired(project_id)
        if config.is_off or not query.strip():
            return []
        kinds: frozenset[RecallKind] = frozenset((RECORDS,))
        query_of_user = RecallQuery(
            text=query,
            user_id=user_id,
            kinds=kinds,
            session_id=session_id,
            scope=kind,
            limit=limit,
        )
        return await self._recalling.search(project_id, asked(query_of_user, memory=config))

    async def update(self, project_id: str, user_id: str, memory_id: str, change: MemoryChange) -> Memory:
        """Correct an entry. Raises NotFound, InvalidInput and TooLarge."""

        async def update() -> Memory:
            # all that is wrong with the change is found before anything is taken out of a conversation
            before = await self.get(project_id, user_id, memory_id)
            changed = _changed(before, change, self._world.now())
            if changed.session_id is not None:
                await self._origins.session(project_id, changed.session_id)
            if changed.text != before.text:
                await self._origins.turns.take_out(project_id, [before])
            async with self._changing:
                entry = await self.get(project_id, user_id, memory_id)
                return await self._put(project_id, _changed(entry, change, self._world.now()), erase=True)

        return await self._unbroken(update())

    async def delete(self, project_id: str, user_id: str, memory_id: str) -> None:
        """Forget an entry: it is gone from the store and from the index. Raises NotFound."""

        async def delete() -> None:
            await self._origins.turns.take_out(project_id, [await self.get(project_id, user_id, memory_id)])
            async with self._changing:
                entry = await self.get(project_id, user_id, memory_id)
                await self._forget(project_id, [entry.memory_id])

        await self._unbroken(delete())

    async def clear(self, project_id: str, wanted: MemoryFilter) -> int:
        """Forget all that fits; answers how many entries that were."""
        if wanted.session_id is not None:
            await self._origins.session(project_id, wanted.session_id)

        async def clear() -> int:
            entries = [entry for entry in (await self._current(project_id)).values() if wanted.fits(entry)]
            await self._origins.turns.take_out(project_id, entries)
            async with self._changing:
                current = await self._current(project_id)
                ids = [entry.memory_id for entry in entries if entry.memory_id in current]
                await self._forget(project_id, ids)
            return len(ids)

        return await self._unbroken(clear())

    async def session_gone(self, project_id: str, session_id: str) -> None:
        """Forget what counted in one session alone, of whatever user; its messages are gone already."""

        async def forget() -> None:
            async with self._changing:
                await self._forget(project_id, [one.memory_id for one in await self.of_session(project_id, session_id)])

        await self._unbroken(forget())

    def reloaded(self, project_id: str) -> None:
        """Others have written entries of a project."""
        self._remembered.reloaded(project_id)

    async def _current(self, project_id: str) -> Mapping[str, Memory]:
        """The entries that have not expired; those that have are forgotten."""
        await self._forget_expired(project_id)
        return await self._remembered.all(project_id)

    async def _forget_expired(self, project_id: str) -> None:
        if over := await self._remembered.sweep(project_id):
            await self._recalling.forget(project_id, RECORDS, over)

    async def _put(self, project_id: str, entry: Memory, *, erase: bool = False) -> Memory:
        stored = await self._remembered.put(project_id, entry, erase=erase)
        if erase:
            await self._recalling.forget(project_id, RECORDS, [entry.memory_id])
        self._recalling.changed(project_id, RECORDS, entry.memory_id)
        return stored

    async def _forget(self, project_id: str, ids: Collection[str]) -> None:
        if ids:
            await self._remembered.drop(project_id, ids)
            await self._recalling.forget(project_id, RECORDS, ids)


def _changed(entry: Memory, change: MemoryChange, now: datetime) -> Memory:
    fields: dict[str, Any] = {"updated_at": now}
    if change.text is not None:
        fields["text"] = check_text(change.text)
    if change.quality is not None:
        fields["quality"] = check_quality(change.quality)
    if change.metadata is not None:
        fields["metadata"] = check_metadata(change.metadata)
    if change.kind is not None and change.kind != entry.kind:
        fields["kind"] = change.kind
        # what an entry of the other kind says by itself about its end does not count any more
        fields["expires_at"] = default_expiry(change.kind, entry.source, now)
    if change.expires_at is not None:
        fields["expires_at"] = None if change.expires_at == "never" else check_expiry(change.expires_at, now)
    return attrs.evolve(entry, **fields)


def _of_user(entry: Memory | None, user_id: str, memory_id: str) -> Memory:
    if entry is None or entry.user_id != user_id:
        raise NotFound("memory", memory_id[:200], hint="List the memory, and name an entry of this user by its ID.")
    return entry


def _place(entry: Memory) -> str:
    """Where an entry stands in a listing; sorts like it."""
    return f"{entry.created_at.isoformat(timespec='microseconds')} {entry.memory_id}"


def _bad_limit(limit: int, most: int) -> InvalidInput:
    return InvalidInput(f"limit: {limit} is not from 1 to {most}.", hint=f"Ask for 1 to {most}.", key="limit")
