"""Puts passages in order by words and vectors: each signal divided by its greatest value for the question."""

from collections.abc import Iterable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.declared import frozen
from rejoinder.index.bm25 import Units
from rejoinder.index.postings import Flags, Floats, Ints, Postings

NEARNESS = 1.2
"""What the nearness of the vectors counts beside the words.

First sentences of the standard library's documentation find the rest of it with an MRR@10 of .516 by words alone, .562
with 0.8, .569 with 1.2, .574 with 2; names and numbers, which only words find, are more frequent in conversations.
"""

QUALITY = 0.2
"""How far apart the best and the worst quality put two passages that fit as well."""

LEAST_NEARNESS = 0.35
"""A passage that shares no word with the question counts from this cosine on.

Of a hundred passages that have nothing to do with it one is as near; of those that have, two in three.
"""

_LATER = 1e-10


@frozen
class Ranked:
    """A passage by its row, with its score between 0 and 1 and what that is made of."""

    row: int
    score: float
    parts: dict[str, float]


@attrs.frozen(eq=False)
class Ranking:
    """Passages of one kind, best first."""

    rows: Ints
    scores: NDArray[np.float64]
    bm25: Floats
    near: Floats
    quality: Floats
    is_cut: bool
    """Whether there are more, which are worth no more than the last one."""

    def __getitem__(self, place: int) -> Ranked:
        """What is said of the passage at a place."""
        parts = {"bm25": self.bm25[place], "dense": self.near[place], "quality": self.quality[place]}
        return Ranked(
            int(self.rows[place]),
            float(self.scores[place]),
            {name: float(value) for name, value in parts.items()},
        )


@attrs.frozen(eq=False)
class Scored:
    """What rows are worth to a question, before they are compared; the rows ascend. Without vectors `near` is None."""

    rows: Ints
    words: Floats
    near: Floats | None
    quality: Floats
    kinds: Ints

    @property
    def peaks(self) -> tuple[float, float]:
        """The greatest worth by words, and by nearness."""
        near = 0.0 if self.near is None else float(self.near.max(initial=0.0))
        return float(self.words.max(initial=0.0)), near


Peaks = tuple[float, float]


def highest(peaks: Iterable[Peaks]) -> Peaks:
    """The peaks of several projects together: what is the best of one may be little beside another's."""
    held = list(peaks)
    return max((words for words, _ in held), default=0.0), max((near for _, near in held), default=0.0)


def word_scores(
    postings: Postings, terms: Sequence[int], allowed: Flags, lengths: Floats, *, more: Sequence[Ints] = ()
) -> Floats:
    """BM25 of every row that is allowed, as if there were no others; what the others get means nothing.

    `more` are the rows of what counts like a term that stands once in each of them.
    """
    scores = np.zeros(len(allowed), np.float32)
    units = Units.of(allowed, lengths)
    for term in terms:
        pieces = list(postings.of(term))
        holding = sum(int(np.count_nonzero(allowed[rows])) for rows, _ in pieces)
        for rows, counts in pieces:
            scores[rows] += units.rarity(holding) * units.saturation(counts.astype(np.float32), rows)
    for rows in more:
        holding = int(np.count_nonzero(allowed[rows]))
        scores[rows] += units.rarity(holding) * units.saturation(np.ones(len(rows), np.float32), rows)
    return scores


def rank(scored: Scored, peaks: Peaks, *, most: int) -> list[Ranking]:
    """The rows that fit, `most` of each kind; `peaks` are what the best of all is worth.

    Of rows that fit as well the later one is better.
    """
    rows, words, quality, kinds = scored.rows, scored.words, scored.quality, scored.kinds
    near = np.zeros_like(words) if scored.near is None else np.maximum(scored.near, 0)
    fitting = np.flatnonzero((words > 0) | (near >= LEAST_NEARNESS))
    rows, kinds = rows[fitting], kinds[fitting]
    words, near, quality = words[fitting], near[fitting], quality[fitting]
    bm25, dense = _share(words, peaks[0]), _share(near, peaks[1])
    weight = 0.0 if scored.near is None else NEARNESS
    totals = ((bm25 + weight * dense) / (1 + weight)).astype(np.float64) + QUALITY * (quality - 0.5)
    totals += np.arange(len(totals)) * _LATER
    scores = np.clip((totals + QUALITY / 2) / (1 + QUALITY), 0, 1)
    rankings = []
    for kind in np.unique(kinds):
        of_kind = np.flatnonzero(kinds == kind)
        best = _best(totals, of_kind, most)
        rankings.append(
            Ranking(
                rows[best],
                scores[best],
                bm25[best],
                near[best],
                quality[best],
                is_cut=len(best) < len(of_kind),
            )
        )
    return rankings


def _best(totals: NDArray[np.float64], of: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """The best of some rows, best first."""
    if len(of) > most:
        of = of[np.argpartition(totals[of], len(of) - most)[len(of) - most :]]
    return of[np.argsort(-totals[of])]


def _share(values: Floats, greatest: float) -> Floats:
    return values / np.float32(greatest) if greatest > 0 else np.zeros_like(values)
