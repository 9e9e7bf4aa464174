"""The memory's entries as they are stored, and what can be recalled of them."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from rejoinder.domain.errors import StorageError
from rejoinder.domain.memory import URI, Memory, decode_memory, encode_memory, recallable
from rejoinder.domain.recall import Recallable, RecallKind
from rejoinder.domain.retrieval import Hit
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.world import World

RECORDS: RecallKind = "memory"
"""The kind of the store's records that entries are."""

_NEVER = datetime.max.replace(tzinfo=UTC)

_log = logging.getLogger(__name__)


class Remembered:
    """Reads and writes entries. Those of a project come into memory when they are first asked for.

    What has expired, and short-term entries of a session that is gone for good, are removed in passing. It is a
    RecallSource whose groups are single entries.
    """

    def __init__(self, store: HistoryStore, io: StoreThread, world: World) -> None:
        self._store = store
        self._io = io
        self._world = world
        self._loading = asyncio.Lock()
        self._entries: dict[str, dict[str, Memory]] = {}
        """The entries of each project that was asked about, oldest first."""
        self._versions: dict[str, dict[str, str]] = {}
        """When each of them was changed last."""
        self._reloads = 0
        """How often others have written entries."""
        self._next_expiry: dict[str, datetime] = {}
        """When the next entry of a project expires."""

    @property
    def kind(self) -> RecallKind:
        """As the port `RecallSource` says."""
        return RECORDS

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port `RecallSource` says."""
        await self.all(project_id)
        return self._versions[project_id]

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port `RecallSource` says."""
        entry = (await self.all(project_id)).get(group)
        return [] if entry is None else [recallable(entry)]

    async def traced(self, project_ids: Sequence[str], user_id: str, hits: Sequence[Hit]) -> list[Hit]:
        """As the port `TracingSource` says."""
        entries: dict[str, Memory] = {}
        for project_id in project_ids if any(hit.source == RECORDS for hit in hits) else ():
            there = await self.all(project_id)
            ids = (hit.uri.removeprefix(URI) for hit in hits if hit.source == RECORDS)
            entries.update((memory_id, there[memory_id]) for memory_id in ids if memory_id in there)
        return [hit for hit in (_traced(hit, entries, user_id) for hit in hits) if hit is not None]

    async def all(self, project_id: str) -> Mapping[str, Memory]:
        """A project's entries by their IDs, oldest first. It goes on changing."""
        await self.sweep(project_id)
        return await self._loaded(project_id)

    async def sweep(self, project_id: str) -> list[str]:
        """Remove what has expired; answers the IDs."""
        entries, now = await self._loaded(project_id), self._world.now()
        if self._next_expiry[project_id] > now:
            return []
        over = [entry.memory_id for entry in entries.values() if entry.is_expired(now)]
        await self._drop_if_possible(project_id, over)
        self._let_go(project_id, over)
        self._next_expiry[project_id] = _next_expiry(entries.values())
        return over

    async def put(self, project_id: str, entry: Memory, *, erase: bool = False) -> Memory:
        """Add or replace an entry; answers it as it is stored, which is masked.

        With `erase` what is replaced is gone from the disk when this returns.
        """
        entries = await self._loaded(project_id)
        stored = await self._io(self._write, project_id, entry, erase)
        entries[entry.memory_id] = stored
        self._versions[project_id][entry.memory_id] = _version(stored)
        self._next_expiry[project_id] = min(self._next_expiry[project_id], stored.expires_at or _NEVER)
        return stored

    async def drop(self, project_id: str, ids: Collection[str]) -> None:
        """Remove entries; they are gone from the disk when this returns."""
        if ids:
            await self._io(self._store.drop_records, project_id, RECORDS, ids)
            self._let_go(project_id, ids)

    def reloaded(self, project_id: str) -> None:
        """Others have written entries of a project: what is in memory of them does not count any more."""
        self._entries.pop(project_id, None)
        self._reloads += 1

    async def _loaded(self, project_id: str) -> dict[str, Memory]:
        while project_id not in self._entries:
            async with self._loading:
                if project_id not in self._entries:
                    await self._load(project_id)
        return self._entries[project_id]

    async def _load(self, project_id: str) -> None:
        reloads = self._reloads
        records, sessions = await self._io(self._read, project_id)
        # not on the store's thread: a hundred thousand of them take their time
        found, versions, orphans = await asyncio.to_thread(_decoded, records, sessions)
        await self._drop_if_possible(project_id, orphans)
        if reloads == self._reloads:
            self._entries[project_id], self._versions[project_id] = found, versions
            self._next_expiry[project_id] = _next_expiry(found.values())

    async def _drop_if_possible(self, project_id: str, ids: Collection[str]) -> None:
        """Remove entries that nobody asked to remove; where that fails, the next start of the engine tries again."""
        try:
            if ids:
                await self._io(self._store.drop_records, project_id, RECORDS, ids)
        except StorageError as exc:
            _log.warning("what has expired in the memory could not be removed: %s", exc.message)

    def _let_go(self, project_id: str, ids: Collection[str]) -> None:
        for held in (self._entries, self._versions):
            for memory_id in ids:
                held.get(project_id, {}).pop(memory_id, None)

    def _read(self, project_id: str) -> tuple[Mapping[str, Mapping[str, Any]], set[str]]:
        """A project's records, and its sessions, those in the trash among them."""
        records = self._store.records(project_id, RECORDS)
        if not records:
            return records, set()
        sessions = [*self._store.sessions(project_id), *self._store.trashed(project_id)]
        return records, {session.session_id for session in sessions}

    def _write(self, project_id: str, entry: Memory, erase: bool) -> Memory:
        self._store.put_records(project_id, RECORDS, {entry.memory_id: encode_memory(entry)}, erase=erase)
        return decode_memory(entry.memory_id, self._store.records(project_id, RECORDS)[entry.memory_id])


def _decoded(
    records: Mapping[str, Mapping[str, Any]], sessions: Collection[str]
) -> tuple[dict[str, Memory], dict[str, str], list[str]]:
    """The entries of records, oldest first, with their versions, and the IDs of those whose session is gone."""
    found, versions, orphans = [], {}, []
    for memory_id, record in records.items():
        try:
            entry = decode_memory(memory_id, record)
        except (LookupError, TypeError, ValueError, AttributeError) as exc:
            _log.warning("an entry of the memory is left out, it is not as it should be: %s", exc)
            continue
        if entry.session_id is None or entry.session_id in sessions:
            found.append(entry)
            versions[memory_id] = record["updatedAt"]
        else:
            orphans.append(memory_id)
    found.sort(key=lambda entry: (entry.created_at, entry.memory_id))
    return {entry.memory_id: entry for entry in found}, versions, orphans


def _traced(hit: Hit, entries: Mapping[str, Memory], user_id: str) -> Hit | None:
    if hit.source != RECORDS:
        return hit
    entry = entries.get(hit.uri.removeprefix(URI))
    if entry is None or entry.user_id != user_id:
        return None
    return attrs.evolve(hit, session_id=entry.source.session_id)


def _version(entry: Memory) -> str:
    return entry.updated_at.isoformat(timespec="microseconds")


def _next_expiry(entries: Iterable[Memory]) -> datetime:
    return min((entry.expires_at for entry in entries if entry.expires_at is not None), default=_NEVER)
