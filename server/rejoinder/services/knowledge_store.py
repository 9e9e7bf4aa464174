"""Knowledge as it is stored, and what can be recalled of it."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import attrs

from rejoinder.domain.knowledge import KnowledgeItem, Passage
from rejoinder.domain.knowledge_records import (
    decode_item,
    decode_passages,
    encode_item,
    encode_passages,
    is_part,
    part_ids,
)
from rejoinder.domain.recall import Recallable, RecallKind
from rejoinder.services.knowledge_places import at_home, moves_along
from rejoinder.services.projects import Projects
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread

RECORDS: RecallKind = "knowledge"
"""The kind of the store's records that knowledge is."""

_log = logging.getLogger(__name__)


class KnowledgeStore:
    """Reads and writes items with their passages. It is a RecallSource whose groups are items.

    The items of a project come into memory when they are first asked for; passages stay where they are.
    """

    def __init__(self, store: HistoryStore, io: StoreThread, projects: Projects) -> None:
        self._store = store
        self._io = io
        self._projects = projects
        self._items: dict[str, dict[str, KnowledgeItem]] = {}
        self._reloads = 0
        """How often others have written records."""
        self._puts = 0
        """How often items were put here."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def kind(self) -> RecallKind:
        """As the port `RecallSource` says."""
        return RECORDS

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port `RecallSource` says."""
        folders = (await self._projects.get(project_id)).folders
        return {item.knowledge_id: _version(item, folders) for item in (await self.items(project_id)).values()}

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port `RecallSource` says."""
        item = (await self.items(project_id)).get(group)
        if item is None:
            return []
        passages = await self.read(project_id, item)
        return await asyncio.to_thread(
            lambda: [_recallable(item, number, passage) for number, passage in enumerate(passages)]
        )

    def lock(self, project_id: str) -> asyncio.Lock:
        """Held by whoever changes a project's knowledge."""
        return self._locks.setdefault(project_id, asyncio.Lock())

    async def items(self, project_id: str) -> Mapping[str, KnowledgeItem]:
        """A project's items by their IDs, in the order of their coming."""
        while project_id not in self._items:
            await self._load(project_id)
        return self._items[project_id]

    async def read(self, project_id: str, item: KnowledgeItem) -> list[Passage]:
        """An item's passages, of files where they are now."""
        records = await self._io(self._store.records, project_id, RECORDS)
        folders = (await self._projects.get(project_id)).folders
        parts = [records[part] for part in part_ids(item) if part in records]
        return await asyncio.to_thread(
            lambda: at_home(item, [passage for part in parts for passage in decode_passages(part)], folders)
        )

    async def put(
        self, project_id: str, item: KnowledgeItem, passages: Sequence[Passage] | None = None
    ) -> KnowledgeItem:
        """Add or replace an item, with its passages unless they stay as they are; answers it as it is stored.

        What is replaced is gone from the disk when this returns. When it fails, all is as before.
        """
        before = (await self.items(project_id)).get(item.knowledge_id)
        self._puts += 1
        parts: list[dict[str, Any]] = []
        if passages is not None:
            parts = await asyncio.to_thread(encode_passages, passages)
            revision = before.revision + 1 if before is not None else 0
            item = attrs.evolve(item, passages=len(passages), parts=len(parts), revision=revision)
        try:
            for part_id, part in zip(part_ids(item) if parts else (), parts, strict=True):
                # one by one: who has a turn to store need not wait for a whole book
                await self._io(self._store.put_records, project_id, RECORDS, {part_id: part})
            record = {item.knowledge_id: encode_item(item)}
            await self._io(self._store.put_records, project_id, RECORDS, record)
        except BaseException:
            if parts:
                await self._io(self._store.drop_records, project_id, RECORDS, part_ids(item))
            raise
        stored = (await self._io(self._store.records, project_id, RECORDS))[item.knowledge_id]
        kept = decode_item(item.knowledge_id, stored)
        # those of others may have come meanwhile, and are to be read
        await self.items(project_id)
        self._items[project_id][item.knowledge_id] = kept
        if before is not None and parts:
            await self._io(self._store.drop_records, project_id, RECORDS, part_ids(before))
        return kept

    async def drop(self, project_id: str, ids: Collection[str]) -> None:
        """Remove items with their passages; they are gone from the disk when this returns."""
        items = await self.items(project_id)
        gone = [record for id_ in ids if id_ in items for record in (id_, *part_ids(items[id_]))]
        if gone:
            await self._io(self._store.drop_records, project_id, RECORDS, gone)
        await self.items(project_id)
        for id_ in ids:
            self._items[project_id].pop(id_, None)

    async def _load(self, project_id: str) -> None:
        reloads, puts, is_changing = self._reloads, self._puts, self.lock(project_id).locked()
        records = await self._io(self._store.records, project_id, RECORDS)
        found = await asyncio.to_thread(_decoded, records)
        if reloads != self._reloads:
            return  # it is not what is stored any more
        self._items.setdefault(project_id, found)
        # what is being put looks like parts without an item
        if not is_changing and puts == self._puts and not self.lock(project_id).locked():
            await self._drop_strays(project_id, records, found)

    async def _drop_strays(
        self, project_id: str, records: Mapping[str, Mapping[str, Any]], items: Mapping[str, KnowledgeItem]
    ) -> None:
        """Remove parts whose item was never stored: the engine ended in between."""
        known = {part for item in items.values() for part in part_ids(item)}
        # those of an item that cannot be understood are left alone with it
        strays = [
            id_
            for id_ in records
            if is_part(id_)
            and id_ not in known
            and (id_.partition("/")[0] in items or id_.partition("/")[0] not in records)
        ]
        if strays:
            await self._io(self._store.drop_records, project_id, RECORDS, strays)

    def reloaded(self, project_id: str) -> None:
        """Others have written records of a project: what is in memory of them does not count any more."""
        self._items.pop(project_id, None)
        self._reloads += 1


def _decoded(records: Mapping[str, Mapping[str, Any]]) -> dict[str, KnowledgeItem]:
    found = {}
    for id_ in records:
        if is_part(id_):
            continue
        try:
            found[id_] = decode_item(id_, records[id_])
        except (KeyError, TypeError, ValueError) as error:
            _log.warning("knowledge %s cannot be understood: %r", id_, error)
    return found


def _version(item: KnowledgeItem, folders: Sequence[str]) -> str:
    version = f"{item.updated_at.isoformat()} {item.session_id or ''}"
    return f"{version} {folders[0]}" if len(folders) > 1 and moves_along(item) else version


def _recallable(item: KnowledgeItem, number: int, passage: Passage) -> Recallable:
    return Recallable(
        passage_id=str(number),
        text=passage.text,
        uri=passage.uri,
        place=passage.place,
        created_at=item.updated_at,
        user_id=None,
        session_id=item.session_id,
        # what lies in no file has no name but its title
        scope=passage.scope or (None if item.kind in ("file", "folder") else item.title),
    )
