"""Recalls what was said, remembered and added: keeps one exact index in step with its sources, and asks it."""

import asyncio
from collections.abc import Collection, Sequence

import attrs

from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import RecallKind, RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit, IndexOptions
from rejoinder.services.following import Following
from rejoinder.services.recall_ports import RecallIndex, RecallSource, TracingSource

PATIENCE_SECONDS = 20.0
"""How long a search waits for what is not in the index yet."""

QUESTION_SECONDS = 2.0
"""How long a model may take for the vector of a question; after that words alone answer."""


class Recalling:
    """Searches over all sources. Nothing is started, read or written before there is something to be found."""

    def __init__(self, sources: Sequence[RecallSource], index: RecallIndex) -> None:
        self._sources = {source.kind: source for source in sources}
        # told apart once: comparing with a protocol takes longer than much else of a search
        self._tracing = [source for source in sources if isinstance(source, TracingSource)]
        self._index = index
        self._followed: dict[str, Following] = {}

    async def use(self, project_id: str, options: IndexOptions) -> None:
        """Make a project's vectors by these options from now on, and be ready soon if there is something to recall."""
        await self._index.use(project_id, options)
        if self._index.exists(project_id):
            self._of_project(project_id).begin()

    async def search(self, project_id: str, query: RecallQuery, *, patience: float = PATIENCE_SECONDS) -> list[Hit]:
        """The best passages of each kind, best first.

        Waits `patience` seconds at most for what the index does not know yet. Raises IndexUnavailable.
        """
        return await self.search_all([project_id], query, patience=patience)

    async def search_all(
        self, project_ids: Sequence[str], query: RecallQuery, *, patience: float = PATIENCE_SECONDS
    ) -> list[Hit]:
        """The best passages of several projects. Raises IndexUnavailable."""
        if not query.text.strip() or not query.kinds:
            return []
        try:
            hits = await self._found(project_ids, query, patience)
        except IndexUnavailable:
            # a process that died or an index that was damaged is replaced at once
            hits = await self._found(project_ids, query, patience)
        for source in self._tracing:
            hits = await source.traced(project_ids, query.user_id, hits)
        return hits

    def changed(self, project_id: str, kind: RecallKind, group: str) -> None:
        """A group has other passages, or is gone: it is looked at before the next search."""
        if (following := self._followed.get(project_id)) is not None:
            following.changed(kind, group)

    def reloaded(self, project_id: str) -> None:
        """Others have written what a project holds: all of it is looked at before the next search."""
        if (following := self._followed.get(project_id)) is not None:
            following.reloaded()

    async def forget(self, project_id: str, kind: RecallKind, groups: str | Collection[str]) -> None:
        """Take a group out, or several; they are gone from the index and its files when this returns."""
        await self._of_project(project_id).forget(kind, [groups] if isinstance(groups, str) else groups)

    def waiting(self, project_id: str) -> int:
        """How many sessions, entries and documents of a project the index does not know yet."""
        following = self._followed.get(project_id)
        return following.waiting if following else 0

    def is_behind(self, project_id: str) -> bool:
        """Whether a project may have something that the index does not know."""
        following = self._followed.get(project_id)
        return following is None or following.is_behind

    async def status(self, project_id: str) -> RecallStatus:
        """How much is known of a project; never fails, but tells why it is not known."""
        waiting = self.waiting(project_id)
        if not self._index.exists(project_id):
            return RecallStatus(waiting=waiting)
        try:
            return attrs.evolve(await self._index.status(project_id), waiting=waiting)
        except IndexUnavailable as exc:
            return RecallStatus(waiting=waiting, faults=(exc.message,))

    async def close(self) -> None:
        """Stop following, and end the index."""
        await asyncio.gather(*(following.close() for following in self._followed.values()))
        await self._index.close()

    async def _found(self, project_ids: Sequence[str], query: RecallQuery, patience: float) -> list[Hit]:
        followed = [self._of_project(project_id) for project_id in project_ids]
        await asyncio.gather(*(following.catch_up(patience) for following in followed))
        filled = [each for each, following in zip(project_ids, followed, strict=True) if following.filled]
        wait = min(patience, QUESTION_SECONDS)
        return await self._index.search(filled, query, wait=wait) if filled else []

    def _of_project(self, project_id: str) -> Following:
        if project_id not in self._followed:
            self._followed[project_id] = Following(project_id, self._sources, self._index)
        return self._followed[project_id]
