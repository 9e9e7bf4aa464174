"""The port `RecallIndex` by a provider of the user's own, which an entry point names."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from rejoinder.adapters.entry_points import entry_points
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.recall import (
    GrownGroup,
    KnownGroup,
    KnownGroups,
    Recallable,
    RecallKind,
    RecallQuery,
    RecallStatus,
    hit_of,
    may_be_seen,
)
from rejoinder.domain.recall_config import BUILTIN, NONE
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.retrieval import Hit, IndexOptions
from rejoinder.services.provider_ports import GROUPS, OpenIndex, RecallProvider
from rejoinder.services.recall_ports import RecallIndex

_OVER = 4
"""How many times more is asked for than is wanted: what is not this user's or session's is passed over."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


def installed(kind: RecallKind) -> list[str]:
    """The names of the providers that are installed."""
    return sorted(point.name for point in entry_points(group=GROUPS[kind]))


def opener(folder: Path, now: Callable[[], datetime]) -> OpenIndex:
    """How providers are opened: each with a folder of its own, within this one unless it is told another."""

    def open_index(kind: RecallKind, name: str, path: Path | None) -> RecallIndex:
        own = folder / kind / hashlib.sha256(name.encode()).hexdigest()[:16]
        return ProvidedIndex(kind, name, path or own, now=now)

    return open_index


class ProvidedIndex:
    """Tells a provider of passages and asks it. Which of them may be seen is decided here, never by the provider."""

    life = 1

    def __init__(self, kind: RecallKind, name: str, folder: Path, *, now: Callable[[], datetime]) -> None:
        """Raises IndexUnavailable when no such provider is installed."""
        found = list(entry_points(group=GROUPS[kind], name=name))
        if not found:
            known = ", ".join((BUILTIN, NONE, *installed(kind)))
            raise IndexUnavailable(
                f"The {kind} provider {name!r} is not installed.", hint=f"Install it, or choose one of {known}."
            )
        self._kind = kind
        self._name = name
        self._folder = folder
        self._now = now
        self._make = found[0]
        self._provider: RecallProvider | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{kind} {name}")
        self._groups: dict[str, dict[str, tuple[KnownGroup, dict[str, Recallable]]]] = {}
        """What the provider was told of each project, by group and passage."""

    def exists(self, project_id: str) -> bool:
        """As the port says: nobody knows what a provider has from before."""
        return True

    async def use(self, project_id: str, options: IndexOptions) -> None:
        """As the port says; a provider makes vectors as it likes."""

    async def known(self, project_id: str) -> KnownGroups:
        """As the port says: what it was told by this engine."""
        return {self._kind: {group: known for group, (known, _) in self._groups.get(project_id, {}).items()}}

    async def put(self, project_id: str, groups: Sequence[GrownGroup]) -> None:
        """As the port says; a provider is told of one group at a time."""
        known = self._groups.setdefault(project_id, {})
        for each in groups:
            growth, group = each.growth, each.group
            before = {} if growth.whole or group not in known else known[group][1]
            passages = {**before, **{one.passage_id: one for one in growth.passages}}
            await self._tell(project_id, group, passages.values())
            known[group] = KnownGroup(each.version, growth.mark), passages

    async def remove(self, project_id: str, kind: RecallKind, groups: Sequence[str]) -> None:
        """As the port says."""
        names = list(groups)
        for name in names:
            self._groups.get(project_id, {}).pop(name, None)
        await self._call(lambda provider: provider.drop(project_id, names))

    async def search(self, project_ids: Sequence[str], query: RecallQuery, *, wait: float) -> list[Hit]:
        """As the port says."""
        text, limit = Redactor().mask(query.text), query.limit * _OVER
        hits = []
        for project_id in project_ids:

            def ask(provider: RecallProvider, project_id: str = project_id) -> list[tuple[str, str, float]]:
                return list(provider.search(project_id, text, user_id=query.user_id, limit=limit))

            found = await self._call(ask)
            groups = self._groups.get(project_id, {})
            for group, passage_id, score in found:
                one = groups[group][1].get(passage_id) if group in groups else None
                if one is not None and may_be_seen(self._kind, group, one, query, self._now()):
                    hits.append(hit_of(self._kind, one, float(score), project_id if len(project_ids) > 1 else None))
        return sorted(hits, key=lambda hit: hit.score, reverse=True)[: query.limit]

    async def status(self, project_id: str) -> RecallStatus:
        """As the port says."""
        count = sum(len(passages) for _, passages in self._groups.get(project_id, {}).values())
        return RecallStatus(passages=count, embedded=count, model=self._name)

    async def close(self) -> None:
        """As the port says; a call under way is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _tell(self, project_id: str, group: str, passages: Iterable[Recallable]) -> None:
        told = [_told(one) for one in passages]
        await self._call(lambda provider: provider.put(project_id, group, told))

    async def _call(self, what: Callable[[RecallProvider], T]) -> T:
        def call() -> T:
            if self._provider is None:
                self._provider = self._make.load()(self._folder)
            return what(self._provider)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except Exception as exc:
            _log.warning("the %s provider %s fails", self._kind, self._name, exc_info=exc)
            raise IndexUnavailable(
                f"The {self._kind} provider {self._name!r} fails: {type(exc).__name__}.",
                hint="Look into the log, or choose the provider `builtin`.",
            ) from exc


def _told(one: Recallable) -> dict[str, Any]:
    return {
        "id": one.passage_id,
        "text": one.text,
        "uri": one.uri,
        "userId": one.user_id,
        "sessionId": one.session_id,
        "scope": one.scope,
        "quality": one.quality,
    }
