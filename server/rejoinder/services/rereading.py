"""Looks whether files that were added as knowledge have changed, and reads those anew."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import attrs

from rejoinder.domain.errors import NotFound, RejoinderError, StorageError
from rejoinder.domain.knowledge import GONE, KnowledgeItem, Passage
from rejoinder.domain.recall import Recallable, RecallKind
from rejoinder.services.knowledge_places import moves_along
from rejoinder.services.knowledge_reading import KnowledgeReading
from rejoinder.services.knowledge_sources import path_of
from rejoinder.services.knowledge_store import KnowledgeStore
from rejoinder.services.projects import Projects
from rejoinder.services.unbroken import Unbroken
from rejoinder.services.world import World

LOOK_SECONDS = 5.0
"""How long after a look there is no other one, unless something is said to have changed."""

_log = logging.getLogger(__name__)


class RereadKnowledge:
    """The RecallSource of knowledge: before a search it looks at the files, no more often than every few seconds."""

    def __init__(self, store: KnowledgeStore, reading: KnowledgeReading, projects: Projects, world: World) -> None:
        self._store = store
        self._reading = reading
        self._projects = projects
        self._world = world
        self._looked: dict[str, float] = {}
        self._folders: dict[str, Sequence[str]] = {}
        """Each project's folders at the last look."""
        self._looking: dict[str, asyncio.Task[list[str]]] = {}
        self._unbroken = Unbroken()

    @property
    def kind(self) -> RecallKind:
        """As the port `RecallSource` says."""
        return self._store.kind

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """As the port `RecallSource` says."""
        return await self._store.groups(project_id)

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """As the port `RecallSource` says."""
        return await self._store.passages(project_id, group)

    async def look(self, project_id: str, *, patience: float) -> Collection[str]:
        """As the port `LookingSource` says."""
        items = (await self._store.items(project_id)).values()
        if not any(item.files for item in items):
            return ()
        folders = (await self._projects.get(project_id)).paths
        moved = self._folders.setdefault(project_id, folders)[:1] != folders[:1]
        self._folders[project_id] = folders
        if moved:
            self.changed(project_id)
        changed = await self._looked_at(project_id, patience)
        return {*changed, *(item.knowledge_id for item in items if moved and moves_along(item))}

    def changed(self, project_id: str) -> None:
        """Something in the project's folder is said to have changed: the next search looks."""
        self._looked.pop(project_id, None)

    async def close(self) -> None:
        """Stop looking. What is being stored is stored whole."""
        tasks = list(self._looking.values())
        self._looking.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._unbroken.close()

    async def _looked_at(self, project_id: str, patience: float) -> Collection[str]:
        now = self._world.seconds()
        if project_id not in self._looking and now - self._looked.get(project_id, -LOOK_SECONDS) >= LOOK_SECONDS:
            self._looked[project_id] = now
            self._looking[project_id] = asyncio.create_task(self._look(project_id), name=f"look {project_id}")
        task = self._looking.get(project_id)
        if task is None:
            return ()
        await asyncio.wait({task}, timeout=patience)
        if not task.done():
            return ()
        if self._looking.get(project_id) is task:
            del self._looking[project_id]
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            # what was read before is still there to be found
            _log.warning("the files of the knowledge cannot be looked at", exc_info=failure)
        return () if task.cancelled() or failure is not None else task.result()

    async def _look(self, project_id: str) -> list[str]:
        project = await self._projects.get(project_id)
        folder = await asyncio.to_thread(Path(project.paths[0]).resolve) if project.paths else None
        changed = []
        for item in list((await self._store.items(project_id)).values()):
            path = path_of(item.source, folder) if item.files else None
            if path is not None and await self._look_at(project_id, item, path):
                changed.append(item.knowledge_id)
        return changed

    async def _look_at(self, project_id: str, item: KnowledgeItem, path: Path) -> bool:
        """Read an item anew if it has changed; whether its passages are others now."""
        try:
            unread = await asyncio.to_thread(self._reading.differing, item, path)
            if unread is None:
                return await self._put(
                    project_id, item, attrs.evolve(item, error=None if item.error == GONE else item.error)
                )
            passages = await self._store.read(project_id, item)
            reading = await self._reading.read_again(item, path, passages)
        except NotFound:
            return await self._put(project_id, item, attrs.evolve(item, error=GONE))
        except StorageError:
            raise
        except RejoinderError as error:
            # not to be tried again before it changes again
            return await self._put(project_id, item, attrs.evolve(item, files=unread or (), error=error.message))
        except OSError as error:
            _log.warning("knowledge %s cannot be looked at: %r", item.knowledge_id, error)
            return False
        fresh = attrs.evolve(item, files=reading.files, size=reading.size, error=reading.error)
        if list(reading.passages) == passages:
            return await self._put(project_id, item, fresh)
        fresh = attrs.evolve(fresh, updated_at=self._world.now())
        return await self._unbroken(self._replace(project_id, item, fresh, reading.passages))

    async def _put(self, project_id: str, item: KnowledgeItem, fresh: KnowledgeItem) -> bool:
        """Store what is now known of an item whose passages stay."""
        if fresh != item:
            await self._unbroken(self._replace(project_id, item, fresh))
        return False

    async def _replace(
        self, project_id: str, item: KnowledgeItem, fresh: KnowledgeItem, passages: Sequence[Passage] | None = None
    ) -> bool:
        """Store an item anew, unless it was removed or added anew meanwhile; whether it was stored."""
        async with self._store.lock(project_id):
            if (await self._store.items(project_id)).get(item.knowledge_id) != item:
                return False
            await self._store.put(project_id, fresh, passages)
        return True
