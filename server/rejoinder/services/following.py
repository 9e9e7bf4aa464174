"""Keeps what the recall index holds of one project in step with the sources."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence

from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import GrownGroup, Growth, RecallKind
from rejoinder.services.recall_ports import GrowingSource, LookingSource, RecallIndex, RecallSource

_log = logging.getLogger(__name__)

_AT_ONCE, _GROWING_AT_ONCE = 500, 4
"""Groups that are brought in at once, and how many of them may be growing ones, which are large.

What is to be forgotten waits for no more than these. As many passages at most wait together to be put in.
"""

_Group = tuple[RecallKind, str]


class Following:
    """One project. Nothing is read before it is asked for; from then on what changes is taken in before each answer."""

    def __init__(self, project_id: str, sources: Mapping[RecallKind, RecallSource], index: RecallIndex) -> None:
        self._project_id = project_id
        self._sources = sources
        self._growing = {kind: source for kind, source in sources.items() if isinstance(source, GrowingSource)}
        self._index = index
        self._life: int | None = None
        """The life of the index in which it was compared with the sources."""
        self._stale = False
        """Whether to compare anew all the same."""
        self._filled = False
        self._marks: dict[_Group, str] = {}
        """How far growing groups are in the index."""
        self._changed: dict[_Group, str | None] = {}
        """Groups that changed since, without versions."""
        self._new: dict[_Group, str | None] = {}
        """Groups that the index did not know then, with their versions; the last of them comes first."""
        self._taking = 0
        """Groups that are being brought in."""
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        """Held while something is brought in or taken out."""

    @property
    def waiting(self) -> int:
        """How many groups are still to be brought in."""
        return len(self._changed) + len(self._new) + self._taking

    @property
    def is_behind(self) -> bool:
        """Whether there may be something that the index does not know."""
        return self._stale or self._life != self._index.life or self.waiting > 0

    @property
    def filled(self) -> bool:
        """Whether the index holds anything of the project."""
        return self._filled or self._index.exists(self._project_id)

    def changed(self, kind: RecallKind, group: str) -> None:
        """A group has other passages, or is gone; where the index is in use that is brought in at once."""
        if kind in self._sources:
            self._changed[kind, group] = None
            if self._life == self._index.life:
                self.begin()

    def reloaded(self) -> None:
        """Any group may have other passages, or be gone."""
        self._stale = True

    def begin(self) -> None:
        """Bring the index in step, in the background."""
        if self._task is None and self.is_behind:
            self._task = asyncio.create_task(self._follow(), name=f"recall {self._project_id}")
            self._task.add_done_callback(_tell_failure)

    async def catch_up(self, patience: float) -> None:
        """Bring the index in step, as far as that is done in so many seconds. Raises IndexUnavailable."""
        for source in self._sources.values():
            if isinstance(source, LookingSource):
                for group in await source.look(self._project_id, patience=patience / 2):
                    self.changed(source.kind, group)
        self.begin()
        if (task := self._task) is not None:
            done, _ = await asyncio.wait({task}, timeout=patience)
            if done and (failure := task.exception()) is not None:
                raise failure

    async def forget(self, kind: RecallKind, groups: Collection[str]) -> None:
        """Take groups out; they are gone from the disk when this returns."""
        async with self._lock:
            for group in groups:
                self._changed.pop((kind, group), None)
                self._new.pop((kind, group), None)
            await self._remove(kind, list(groups))

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        try:
            while self.is_behind:
                async with self._lock:
                    if self._stale or self._life != self._index.life:
                        self._stale = False
                        await self._compare()
                    await self._take_next()
        except IndexUnavailable:
            self._life = None
            raise
        finally:
            self._task = None

    async def _compare(self) -> None:
        """See what of all sources the index does not know, or knows otherwise."""
        self._changed.clear()  # before anything is read: what changes from here on counts
        there = {kind: await source.groups(self._project_id) for kind, source in self._sources.items()}
        self._filled = any(there.values())
        known = await self._index.known(self._project_id) if self.filled else {}
        self._marks = {
            (kind, group): each.mark for kind, groups in known.items() for group, each in groups.items() if each.mark
        }
        self._new = {
            (kind, group): version
            for kind, groups in there.items()
            for group, version in groups.items()
            if (held := known.get(kind, {}).get(group)) is None or held.version != version
        }
        for kind, groups in known.items():
            if gone := [group for group in groups if group not in there.get(kind, {})]:
                await self._remove(kind, gone)
        self._life = self._index.life

    async def _take_next(self) -> None:
        """Bring in some of what changed since; of what was never looked at if nothing did."""
        taken = self._some()
        self._taking = len(taken)
        try:
            await self._take(await self._with_versions(taken))
        except BaseException:
            self._changed.update(dict.fromkeys(taken))
            raise
        finally:
            self._taking = 0

    def _some(self) -> dict[_Group, str | None]:
        """Take groups out of what waits; without a version those whose version may be another by now."""
        waiting = self._changed or self._new
        taken: dict[_Group, str | None] = {}
        growing = 0
        while waiting and len(taken) < _AT_ONCE and growing < _GROWING_AT_ONCE:
            group, version = waiting.popitem()
            self._new.pop(group, None)
            taken[group] = version
            growing += self._is_growing(group)
        return taken

    async def _with_versions(self, groups: Mapping[_Group, str | None]) -> dict[_Group, str | None]:
        """The groups with their versions; without one those that are gone."""
        kinds = {kind for (kind, _), version in groups.items() if version is None}
        there = {kind: await self._sources[kind].groups(self._project_id) for kind in kinds}
        return {
            (kind, group): there[kind].get(group) if version is None else version
            for (kind, group), version in groups.items()
        }

    async def _take(self, groups: Mapping[_Group, str | None]) -> None:
        """Bring groups in, growing ones side by side and small ones together; take those out that are gone."""
        there = {each: version for each, version in groups.items() if version is not None}
        small = {each: version for each, version in there.items() if not self._is_growing(each)}
        parts = [small, *({each: version} for each, version in there.items() if each not in small)]
        for kind in self._sources:
            if gone := [group for (of, group), version in groups.items() if of == kind and version is None]:
                await self._remove(kind, gone)
        # none may still be on its way when this ends: what is forgotten after that would come back
        outcomes = await asyncio.gather(*map(self._bring, parts), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def _bring(self, groups: Mapping[_Group, str]) -> None:
        held: list[GrownGroup] = []
        passages = 0
        for (kind, group), version in groups.items():
            try:
                growth = await self._growth((kind, group))
            except Exception:
                # one that cannot be read must not keep all others out; it is looked at again when it changes
                _log.exception("%s: %s %s cannot be read", self._project_id, kind, group)
                continue
            held.append(GrownGroup(kind, group, growth, version))
            passages += len(growth.passages)
            if passages >= _AT_ONCE:
                await self._put(held)
                held, passages = [], 0
        await self._put(held)

    async def _put(self, groups: Sequence[GrownGroup]) -> None:
        if not groups:
            return
        await self._index.put(self._project_id, groups)
        self._filled = True
        for each in groups:
            if each.growth.mark:
                self._marks[each.kind, each.group] = each.growth.mark

    def _is_growing(self, group: _Group) -> bool:
        return group[0] in self._growing

    async def _growth(self, key: _Group) -> Growth:
        kind, group = key
        if (growing := self._growing.get(kind)) is not None:
            return await growing.growth(self._project_id, group, self._marks.get(key, ""))
        return Growth(await self._sources[kind].passages(self._project_id, group), "", whole=True)

    async def _remove(self, kind: RecallKind, groups: Sequence[str]) -> None:
        for group in groups:
            self._marks.pop((kind, group), None)
        if self._index.exists(self._project_id):
            await self._index.remove(self._project_id, kind, groups)


def _tell_failure(task: "asyncio.Task[None]") -> None:
    """What kept an index from being brought in step, which nobody may have waited for."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.warning("%s: %s", task.get_name(), failure)
