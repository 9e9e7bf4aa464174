"""Ranked passages of several projects in one order."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rejoinder.index.recall.ranking import Ranked, Ranking


class OnShelf(NamedTuple):
    """Ranked passages of one kind, and which project they are of."""

    at: int
    kind: str
    ranking: Ranking


class Placed(NamedTuple):
    """A ranked passage, its kind, and which project it is of."""

    at: int
    kind: str
    row: int
    score: float
    ranking: Ranking
    place: int

    @property
    def ranked(self) -> Ranked:
        """What is said of it."""
        return self.ranking[self.place]


class Placing:
    """All passages of some rankings, best first, down to where one that was not ranked may come."""

    def __init__(self, lists: Sequence[OnShelf]) -> None:
        self._lists = lists
        self.kinds = {each.kind for each in lists}
        self.is_all = not any(each.ranking.is_cut for each in lists)
        """Whether there are no others."""
        least = {kind: max((_least(each) for each in lists if each.kind == kind), default=0.0) for kind in self.kinds}
        counts = [int(np.count_nonzero(each.ranking.scores >= least[each.kind])) for each in lists]
        of_list = np.repeat(np.arange(len(lists)), counts)
        places = np.arange(len(of_list)) - np.repeat(np.cumsum(counts) - counts, counts)
        scores = [each.ranking.scores[:count] for each, count in zip(lists, counts, strict=True)]
        order = np.argsort(-np.concatenate([np.zeros(0), *scores]), kind="stable")
        self._of_list, self._places = of_list[order], places[order]

    def __len__(self) -> int:
        return len(self._places)

    def piece(self, start: int, end: int) -> list[Placed]:
        """Those from one place to another."""
        found = zip(self._of_list[start:end].tolist(), self._places[start:end].tolist(), strict=True)
        return [_placed(self._lists[number], place) for number, place in found]


def _placed(each: OnShelf, place: int) -> Placed:
    ranking = each.ranking
    return Placed(each.at, each.kind, int(ranking.rows[place]), float(ranking.scores[place]), ranking, place)


def _least(each: OnShelf) -> float:
    return float(each.ranking.scores[-1]) if each.ranking.is_cut else 0.0
