"""The hits of ranked passages: of each kind as many as are wanted, and no document in the place of all others."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import attrs
import orjson

from rejoinder.domain.conversation import Place
from rejoinder.domain.retrieval import Hit
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.database import RecallDatabase, Shown
from rejoinder.index.recall.ranking import Ranked

MOST_OF_A_GROUP = 3
"""Passages of one document, unless there are no others. Of one message the best is shown alone."""

_MOST_AT_ONCE = 1000

Fitting = Callable[[Sequence[int]], set[int]]
"""Which of some passages, by their IDs, have what was asked for word by word."""

_Chosen = tuple[Ranked, str, Shown]


@attrs.define
class Showing:
    """Reads what hits show, and no more than is looked at."""

    _database: RecallDatabase
    _columns: Columns
    _limit: int
    """Of each kind."""
    _fitting: Fitting | None = None
    _fits: dict[int, bool] = attrs.field(factory=dict)
    """What is known of passages by their IDs."""

    def hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        """The hits of these rows, best first."""
        wanted = Counter(dict.fromkeys({self._columns.kind_of(each.row) for each in ranked}, self._limit))
        chosen: list[_Chosen] = []
        spare: list[_Chosen] = []
        of_group: Counter[int] = Counter()
        messages: set[str] = set()
        for each, shown in self._in_pieces(ranked, self._limit * max(1, len(wanted))):
            kind, group = self._columns.kind_of(each.row), int(self._columns["group"][each.row])
            if not wanted[kind]:
                continue
            if kind == "message" and shown.message is not None:
                if shown.message in messages:
                    continue
                messages.add(shown.message)
            elif of_group[group] == MOST_OF_A_GROUP:
                spare.append((each, kind, shown))
                continue
            of_group[group] += 1
            wanted[kind] -= 1
            chosen.append((each, kind, shown))
            if not any(wanted.values()):
                break
        for each, kind, shown in spare:
            if wanted[kind]:
                wanted[kind] -= 1
                chosen.append((each, kind, shown))
        return [_hit(*one) for one in sorted(chosen, key=lambda one: -one[0].score)]

    def _in_pieces(self, ranked: Sequence[Ranked], size: int) -> Iterator[tuple[Ranked, Shown]]:
        at = 0
        while at < len(ranked):
            piece = ranked[at : at + size]
            ids = self._columns["id"][[each.row for each in piece]].tolist()
            fitting = self._fitting_of(ids)
            shown = self._database.shown(fitting)
            if len(shown) < len(fitting):
                raise sqlite3.DatabaseError("a passage is missing")
            yield from ((each, shown[number]) for each, number in zip(piece, ids, strict=True) if number in shown)
            # where little fits, much has to be looked at
            at, size = at + size, min(2 * size, _MOST_AT_ONCE)

    def _fitting_of(self, ids: list[int]) -> list[int]:
        if self._fitting is None:
            return ids
        if new := [number for number in ids if number not in self._fits]:
            fit = self._fitting(new)
            self._fits.update((number, number in fit) for number in new)
        return [number for number in ids if self._fits[number]]


def _hit(ranked: Ranked, kind: str, shown: Shown) -> Hit:
    return Hit(
        uri=shown.uri,
        place=Place(*orjson.loads(shown.place)),
        text=shown.text,
        score=ranked.score,
        source=kind,  # type: ignore[arg-type]
        parts=ranked.parts,
        scope=shown.scope,
        session_id=shown.session,
        message_id=shown.message,
        role=shown.role,
        created_at=datetime.fromtimestamp(shown.created, UTC) if kind == "message" else None,
    )
