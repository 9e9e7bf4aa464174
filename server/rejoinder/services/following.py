"""Keeps what the recall index holds of one project in step with the sources."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence

from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import Growth, RecallKind
from rejoinder.services.recall_ports import GrowingSource, LookingSource, RecallIndex, RecallSource

_log = logging.getLogger(__name__)

_AT_ONCE, _GROWING_AT_ONCE = 64, 4
"""Groups that are brought in side by side, and how many of them may be growing ones, which are large.

What is to be forgotten waits for no more than these.
"""

_Group = tuple[RecallKind, str]


class Following:
    """One project. Nothing is read before it is asked for; from then on what changes is taken in before each answer."""

    def __init__(self, project_id: str, sources: Mapping[RecallKind, RecallSource], index: RecallIndex) -> None:
        self._project_id = project_id
        self._sources = sources
        self._index = index
        self._life: int | None = None
        """The life of the index in which it was compared with the sources."""
        self._stale = False
        """Whether to compare anew all the same."""
        self._filled = False
        self._marks: dict[_Group, str] = {}
        """How far growing groups are in the index."""
        self._changed: dict[_Group, None] = {}
        """Groups that changed since."""
        self._new: dict[_Group, str] = {}
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
    def filled(self) -> bool:
        """Whether the index holds anything of the project."""
        return self._filled or self._index.exists(self._project_id)

    def changed(self, kind: RecallKind, group: str) -> None:
        """A group has other passages, or is gone."""
        if kind in self._sources:
            self._changed[kind, group] = None

    def reloaded(self) -> None:
        """Any group may have other passages, or be gone."""
        self._stale = True

    def begin(self) -> None:
        """Bring the index in step, in the background."""
        if self._task is None and self._is_behind():
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

    def _is_behind(self) -> bool:
        return self._stale or self._life != self._index.life or self.waiting > 0

    async def _follow(self) -> None:
        try:
            while self._is_behind():
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
        """Bring in what changed since; some of what was never looked at if nothing did."""
        if self._changed:
            groups = list(self._changed)
            there = {kind: await self._sources[kind].groups(self._project_id) for kind in {kind for kind, _ in groups}}
            taken: list[tuple[_Group, str | None]] = [(each, there[each[0]].get(each[1])) for each in groups]
        else:
            taken = self._some_new()
        for each, _ in taken:
            self._changed.pop(each, None)
            self._new.pop(each, None)
        self._taking = len(taken)
        try:
            for at in range(0, len(taken), _AT_ONCE):
                await asyncio.gather(*(self._take(*each) for each in taken[at : at + _AT_ONCE]))
        except BaseException:
            self._changed.update(dict.fromkeys(each for each, _ in taken))
            raise
        finally:
            self._taking = 0

    def _some_new(self) -> list[tuple[_Group, str | None]]:
        taken: list[tuple[_Group, str | None]] = []
        growing = 0
        while self._new and len(taken) < _AT_ONCE and growing < _GROWING_AT_ONCE:
            taken.append(self._new.popitem())
            growing += isinstance(self._sources[taken[-1][0][0]], GrowingSource)
        return taken

    async def _take(self, key: _Group, version: str | None) -> None:
        kind, group = key
        if version is None:
            await self._remove(kind, [group])
            return
        try:
            growth = await self._growth(key)
        except Exception:
            # one that cannot be read must not keep all others out; it is looked at again when it changes
            _log.exception("%s: %s %s cannot be read", self._project_id, kind, group)
            return
        await self._index.put(self._project_id, kind, group, growth, version)
        if growth.mark:
            self._marks[key] = growth.mark
        self._filled = True

    async def _growth(self, key: _Group) -> Growth:
        kind, group = key
        source = self._sources[kind]
        if isinstance(source, GrowingSource):
            return await source.growth(self._project_id, group, self._marks.get(key, ""))
        return Growth(await source.passages(self._project_id, group), "", whole=True)

    async def _remove(self, kind: RecallKind, groups: Sequence[str]) -> None:
        for group in groups:
            self._marks.pop((kind, group), None)
        if self._index.exists(self._project_id):
            await self._index.remove(self._project_id, kind, groups)


def _tell_failure(task: "asyncio.Task[None]") -> None:
    """What kept an index from being brought in step, which nobody may have waited for."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.warning("%s: %s", task.get_name(), failure)
