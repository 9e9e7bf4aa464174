"""The port `RecallIndex` in this process: words that passages have in common with the question, and every filter."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

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
from rejoinder.domain.retrieval import Hit, IndexOptions

_Key = tuple[str, RecallKind, str]
_BEGINNING = datetime.min.replace(tzinfo=UTC)
"""Without a clock nothing expires."""


class FakeRecallIndex:
    """Keeps passages in memory; `removed` says what was taken out, `queries` what was asked.

    `hits` are found by whatever is asked besides, of every project; `failure` is raised instead.
    """

    life = 1

    def __init__(self, now: "datetime | None" = None) -> None:
        self.now = now
        self.groups: dict[_Key, tuple[KnownGroup, list[Recallable]]] = {}
        self.removed: list[_Key] = []
        self.hits: list[Hit] = []
        self.queries: list[RecallQuery] = []
        self.failure: Exception | None = None

    def exists(self, project_id: str) -> bool:
        """As the port says."""
        return bool(self.hits) or any(key[0] == project_id for key in self.groups)

    async def use(self, project_id: str, options: IndexOptions) -> None:
        """As the port says."""

    async def known(self, project_id: str) -> KnownGroups:
        """As the port says."""
        found: dict[RecallKind, dict[str, KnownGroup]] = {}
        for (project, kind, group), (known, _) in self.groups.items():
            if project == project_id:
                found.setdefault(kind, {})[group] = known
        return found

    async def put(self, project_id: str, groups: Sequence[GrownGroup]) -> None:
        """As the port says."""
        for each in groups:
            key, growth = (project_id, each.kind, each.group), each.growth
            before = [] if growth.whole else self.groups.get(key, (None, []))[1]
            self.groups[key] = KnownGroup(each.version, growth.mark), [*before, *growth.passages]

    async def remove(self, project_id: str, kind: RecallKind, groups: Sequence[str]) -> None:
        """As the port says."""
        for group in groups:
            self.groups.pop((project_id, kind, group), None)
            self.removed.append((project_id, kind, group))

    async def search(self, project_ids: Sequence[str], query: RecallQuery, *, wait: float) -> list[Hit]:
        """As the port says."""
        if self.failure is not None:
            raise self.failure
        self.queries.append(query)
        asked, hits = _words(query.text), list(self.hits)
        for (project_id, kind, group), (_, passages) in self.groups.items():
            for one in passages:
                score = len(asked & _words(one.text)) / max(len(asked), 1)
                if project_id in project_ids and score and may_be_seen(kind, group, one, query, self.now or _BEGINNING):
                    hits.append(hit_of(kind, one, score))
        return sorted(hits, key=lambda hit: hit.score, reverse=True)[: query.limit]

    async def status(self, project_id: str) -> RecallStatus:
        """As the port says."""
        return RecallStatus(passages=sum(len(passages) for _, passages in self.groups.values()))

    async def close(self) -> None:
        """As the port says."""


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
