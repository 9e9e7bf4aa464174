"""The best of what several projects have for a question, compared with one another before much of it is looked at."""

from collections import Counter
from collections.abc import Sequence

from rejoinder.domain.recall import RecallQuery
from rejoinder.domain.retrieval import Hit
from rejoinder.index.recall.placing import OnShelf, Placing
from rejoinder.index.recall.ranking import highest, rank
from rejoinder.index.recall.showing import MOST_OF_A_GROUP, Shelf, Showing

_SPARE = 4
"""How many times as many as are wanted are ranked, so that enough are left of different messages."""
_FURTHER = 8
"""How many times as many are ranked when too few of those have all words."""


def best_of(shelves: Sequence[Shelf], query: RecallQuery) -> list[tuple[int, Hit]]:
    """The best hits of all shelves, best first, at most `limit` of each kind, each with the shelf that it is of.

    Raises BrokenShelf.
    """
    showing = Showing(shelves, query.limit)
    most = query.limit * _SPARE + MOST_OF_A_GROUP
    while True:
        placing = _placing(shelves, most)
        hits = showing.hits(placing)
        found = Counter(hit.source for _, hit in hits)
        every_one_fits = all(shelf.fitting is None for shelf in shelves)
        if placing.is_all or every_one_fits or all(found[kind] == query.limit for kind in query.kinds):
            return hits
        most *= _FURTHER


def _placing(shelves: Sequence[Shelf], most: int) -> Placing:
    """The passages that fit best, best first, down to where one that was not ranked may come."""
    peaks = highest(shelf.scored.peaks for shelf in shelves)
    return Placing(
        [
            OnShelf(at, shelf.kind_of(int(ranking.rows[0])), ranking)
            for at, shelf in enumerate(shelves)
            for ranking in rank(shelf.scored, peaks, most=most)
        ]
    )
