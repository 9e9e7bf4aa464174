"""Knowledge: documents and texts that are added to a project, found by themselves, and removed for good."""

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Session
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.domain.knowledge import URI, Document, KnowledgeItem, KnowledgeKind, Passage, counts_in
from rejoinder.domain.recall import RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit
from rejoinder.services.configuring import asked
from rejoinder.services.knowledge_ports import OnProgress
from rejoinder.services.knowledge_reading import HowToRead, KnowledgeReading, Reading, digest_of
from rejoinder.services.knowledge_sources import Source, find_source
from rejoinder.services.knowledge_store import RECORDS, KnowledgeStore
from rejoinder.services.recalling import Recalling
from rejoinder.services.rereading import RereadKnowledge
from rejoinder.services.world import World

HITS = 10
MOST_HITS = 200
LONGEST_SOURCE = 200
"""Characters of a text that say what it is in lists."""
LONGEST_TITLE = 300

T = TypeVar("T")

_DEFAULTS = RecallConfig()


@frozen(kw_only=True)
class Addition:
    """What is to be added. `folder` is the project's; without a `kind` it is found out which."""

    project_id: str
    source: str
    folder: Path | None
    kind: KnowledgeKind | None = None
    title: str | None = None
    session_id: str | None = None
    allow_outside: bool = False
    how: HowToRead = HowToRead()


class Knowledge:
    """Adds, lists, searches and removes knowledge of projects."""

    def __init__(
        self,
        store: KnowledgeStore,
        reading: KnowledgeReading,
        rereading: RereadKnowledge,
        recalling: Recalling,
        world: World,
    ) -> None:
        self._store = store
        self._reading = reading
        self._rereading = rereading
        self._recalling = recalling
        self._world = world
        self._adding: WeakValueDictionary[tuple[object, ...], asyncio.Lock] = WeakValueDictionary()
        """Held while a source is added, so that two who add the same one get one item."""

    async def add(self, addition: Addition, on_progress: OnProgress) -> KnowledgeItem:
        """Read a source and keep its passages; what was added before is read anew.

        When it fails or is cancelled, nothing has changed. Raises InvalidInput, NotFound, NotTrusted, TooLarge, and
        SourceUnreadable.
        """
        if addition.title is not None and len(addition.title) > LONGEST_TITLE:
            hint = "Shorten it; what it is about belongs into the text."
            raise InvalidInput(f"title: it is longer than {LONGEST_TITLE} characters.", hint=hint, key="title")
        source = await asyncio.to_thread(
            find_source,
            addition.source,
            kind=addition.kind,
            titled=addition.title is not None,
            folder=addition.folder,
            allow_outside=addition.allow_outside,
        )
        key = (addition.project_id, addition.session_id, source.kind, source.name)
        async with self._adding.setdefault(key, asyncio.Lock()):
            before = await self._same(addition, source)
            knowledge_id = before.knowledge_id if before else self._world.new_id()
            reading = await self._reading.read(source, addition.how, URI + knowledge_id, on_progress)
            return await _to_its_end(self._keep(addition, source, reading, knowledge_id, before))

    async def items(self, project_id: str, session_id: str | None = None) -> list[KnowledgeItem]:
        """What counts in a session, or outside of all; the newest first."""
        items = (await self._store.items(project_id)).values()
        return [item for item in reversed(list(items)) if counts_in(item, session_id)]

    async def search(
        self,
        project_id: str,
        query: str,
        *,
        limit: int = HITS,
        session_id: str | None = None,
        config: RecallConfig = _DEFAULTS,
    ) -> list[Hit]:
        """The best passages, best first; none when knowledge is off. Raises InvalidInput and IndexUnavailable."""
        if not 1 <= limit <= MOST_HITS:
            hint = f"Ask for 1 to {MOST_HITS}."
            raise InvalidInput(f"limit: {limit} is not from 1 to {MOST_HITS}.", hint=hint, key="limit")
        wanted = RecallQuery(
            text=query, user_id=DEFAULT_USER, kinds=frozenset((RECORDS,)), session_id=session_id, limit=limit
        )
        return await self._recalling.search(project_id, asked(wanted, knowledge=config))

    async def remove(self, project_id: str, knowledge_id: str) -> None:
        """Remove an item; it is gone from the disk when this returns. Raises NotFound."""
        if knowledge_id not in await self._store.items(project_id):
            raise NotFound("knowledge", knowledge_id[:200], hint="List the knowledge to see the IDs.")
        await _to_its_end(self._drop(project_id, [knowledge_id]))

    async def clear(self, project_id: str, session_id: str | None = None) -> int:
        """Remove what was added for a session, or everything; it is gone from the disk when this returns."""
        items = (await self._store.items(project_id)).values()
        ids = [item.knowledge_id for item in items if session_id is None or item.session_id == session_id]
        await _to_its_end(self._drop(project_id, ids))
        return len(ids)

    async def of_session(self, project_id: str, session_id: str) -> list[Document]:
        """What counts in one session alone, with all passages; oldest first."""
        items = (await self._store.items(project_id)).values()
        own = [item for item in items if item.session_id == session_id]
        return [Document(item, await self._store.read(project_id, item)) for item in own]

    async def fork(self, origin: Session, new: Session) -> None:
        """Copy what counts in one session alone for a fork of it."""
        own = await self.of_session(origin.project_id, origin.session_id)
        copies = [document.copy(self._world.new_id(), new.session_id) for document in own]
        await self.keep_all(origin.project_id, copies)

    async def keep_all(self, project_id: str, documents: Sequence[Document]) -> None:
        """Keep documents that came with a session and are not here yet."""
        for document in documents:
            if document.item.knowledge_id not in await self._store.items(project_id):
                await _to_its_end(self._put(project_id, document.item, document.passages))

    async def session_gone(self, project_id: str, session_id: str) -> None:
        """A session was removed for good: what counted there alone goes, too."""
        await self.clear(project_id, session_id)

    def files_changed(self, project_id: str) -> None:
        """Files in a project's folder are said to have changed: the next search looks at them."""
        self._rereading.changed(project_id)

    async def close(self) -> None:
        """Stop what goes on in the background."""
        await self._rereading.close()

    def reloaded(self, project_id: str) -> None:
        """Others have written knowledge of a project."""
        self._store.reloaded(project_id)

    async def _same(self, addition: Addition, source: Source) -> KnowledgeItem | None:
        """What was added before from the same source, for the same session."""
        digest = digest_of(source.name) if source.kind == "text" else ""
        for item in (await self._store.items(addition.project_id)).values():
            same = item.digest == digest if source.kind == "text" else item.source == source.name
            if same and (item.kind, item.session_id) == (source.kind, addition.session_id):
                return item
        return None

    async def _keep(
        self, addition: Addition, source: Source, reading: Reading, knowledge_id: str, before: KnowledgeItem | None
    ) -> KnowledgeItem:
        now, cutting = self._world.now(), addition.how.cutting
        title = addition.title or (before.title if before and source.kind == "text" else reading.title)
        item = KnowledgeItem(
            knowledge_id=knowledge_id,
            source=source.name if source.kind != "text" else " ".join(source.name.split())[:LONGEST_SOURCE],
            title=title,
            kind=source.kind,
            added_at=before.added_at if before else now,
            updated_at=now,
            session_id=addition.session_id,
            size=reading.size,
            files=reading.files,
            digest=reading.digest,
            ignore=addition.how.ignore if source.kind == "folder" else (),
            chunker=cutting.chunker,
            chunk_size=cutting.size,
            error=reading.error,
        )
        return await self._put(addition.project_id, item, reading.passages)

    async def _put(self, project_id: str, item: KnowledgeItem, passages: Sequence[Passage]) -> KnowledgeItem:
        async with self._store.lock(project_id):
            stored = await self._store.put(project_id, item, passages)
        self._recalling.changed(project_id, RECORDS, item.knowledge_id)
        return stored

    async def _drop(self, project_id: str, ids: Collection[str]) -> None:
        if not ids:
            return
        async with self._store.lock(project_id):
            await self._store.drop(project_id, ids)
        await self._recalling.forget(project_id, RECORDS, ids)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What was begun is finished: who cancels it now is too late, and gets the result."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            if (current := asyncio.current_task()) is not None:
                current.uncancel()
    return task.result()
