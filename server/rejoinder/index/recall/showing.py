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
from rejoinder.index.recall.placing import Placed, Placing
from rejoinder.index.recall.ranking import Ranked, Scored

MOST_OF_A_GROUP = 3
"""Passages of one document, unless there are no others. Of one message the best is shown alone."""

_MOST_AT_ONCE = 1000

Fitting = Callable[[Sequence[int]], set[int]]
"""Which of some passages, by their IDs, have what was asked for word by word."""


class BrokenShelf(Exception):
    """A project's passages cannot be read; the cause says why."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        """Which of the shelves."""


@attrs.define
class Shelf:
    """A project's passages as hits show them. Reads no more than is looked at, and that once."""

    scored: Scored
    _database: RecallDatabase
    _columns: Columns
    fitting: Fitting | None = None
    _fits: dict[int, bool] = attrs.field(factory=dict)
    """What is known of passages by their IDs."""

    def kind_of(self, row: int) -> str:
        """What a passage is."""
        return self._columns.kind_of(row)

    def group_of(self, row: int) -> int:
        """The document, session or store that a passage is of."""
        return int(self._columns["group"][row])

    def shown(self, rows: Sequence[int]) -> dict[int, Shown]:
        """Those of some passages that fit, by their rows. Raises sqlite3.Error."""
        ids = self._columns["id"][list(rows)].tolist()
        fitting = self._fitting_of(ids)
        shown = self._database.shown(fitting)
        if len(shown) < len(fitting):
            raise sqlite3.DatabaseError("a passage is missing")
        return {row: shown[number] for row, number in zip(rows, ids, strict=True) if number in shown}

    def _fitting_of(self, ids: list[int]) -> list[int]:
        if self.fitting is None:
            return ids
        if new := [number for number in ids if number not in self._fits]:
            fit = self.fitting(new)
            self._fits.update((number, number in fit) for number in new)
        return [number for number in ids if self._fits[number]]


_Chosen = tuple[Placed, Shown]


@attrs.define
class Showing:
    """Chooses the hits of several projects' passages."""

    _shelves: Sequence[Shelf]
    _limit: int
    """Of each kind."""

    def hits(self, placing: Placing) -> list[tuple[int, Hit]]:
        """The hits of these passages, best first, each with the shelf that it is of. Raises BrokenShelf."""
        wanted = Counter(dict.fromkeys(placing.kinds, self._limit))
        chosen: list[_Chosen] = []
        spare: list[_Chosen] = []
        of_group: Counter[tuple[int, int]] = Counter()
        messages: set[str] = set()
        for each, shown in self._in_pieces(placing, self._limit * max(1, len(wanted))):
            group = (each.at, self._shelves[each.at].group_of(each.row))
            if not wanted[each.kind]:
                continue
            if each.kind == "message" and shown.message is not None:
                if shown.message in messages:
                    continue
                messages.add(shown.message)
            elif of_group[group] == MOST_OF_A_GROUP:
                spare.append((each, shown))
                continue
            of_group[group] += 1
            wanted[each.kind] -= 1
            chosen.append((each, shown))
            if not any(wanted.values()):
                break
        for each, shown in spare:
            if wanted[each.kind]:
                wanted[each.kind] -= 1
                chosen.append((each, shown))
        chosen.sort(key=lambda one: -one[0].score)
        return [(each.at, _hit(each.ranked, each.kind, shown)) for each, shown in chosen]

    def _in_pieces(self, placing: Placing, size: int) -> Iterator[_Chosen]:
        at = 0
        while at < len(placing):
            piece = placing.piece(at, at + size)
            shown = {number: self._shown(number, piece) for number in {each.at for each in piece}}
            for each in piece:
                if (found := shown[each.at].get(each.row)) is not None:
                    yield each, found
            # where little fits, much has to be looked at
            at, size = at + size, min(2 * size, _MOST_AT_ONCE)

    def _shown(self, at: int, piece: Sequence[Placed]) -> dict[int, Shown]:
        try:
            return self._shelves[at].shown([each.row for each in piece if each.at == at])
        except sqlite3.Error as error:
            raise BrokenShelf(at) from error


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
