"""Puts passages in order by words and vectors: each signal divided by its greatest value for the question."""

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

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


@attrs.frozen
class Ranked:
    """A passage by its row, with its score between 0 and 1 and what that is made of."""

    row: int
    score: float
    parts: dict[str, float]


def word_scores(postings: Postings, terms: Sequence[int], allowed: Flags, lengths: Floats) -> Floats:
    """BM25 of every row that is allowed, as if there were no others; what the others get means nothing."""
    scores = np.zeros(len(allowed), np.float32)
    units = Units.of(allowed, lengths)
    for term in terms:
        pieces = list(postings.of(term))
        holding = sum(int(np.count_nonzero(allowed[rows])) for rows, _ in pieces)
        for rows, counts in pieces:
            scores[rows] += units.rarity(holding) * units.saturation(counts.astype(np.float32), rows)
    return scores


def rank(
    rows: Ints, words: Floats, nearness: Floats | None, quality: Floats, kinds: Ints, *, most: int
) -> list[Ranked]:
    """The rows that fit, best first, `most` of each kind. The arrays hold a value of each row; rows ascend.

    Of rows that fit as well the later one is better.
    """
    near = np.zeros_like(words) if nearness is None else np.maximum(nearness, 0)
    fitting = np.flatnonzero((words > 0) | (near >= LEAST_NEARNESS))
    if not len(fitting):
        return []
    rows, kinds = rows[fitting], kinds[fitting]
    words, near, quality = words[fitting], near[fitting], quality[fitting]
    bm25, dense = _share(words), _share(near)
    weight = 0.0 if nearness is None else NEARNESS
    totals = ((bm25 + weight * dense) / (1 + weight)).astype(np.float64) + QUALITY * (quality - 0.5)
    totals += np.arange(len(totals)) * _LATER
    chosen = np.concatenate([_best(totals, np.flatnonzero(kinds == kind), most) for kind in np.unique(kinds)])
    scores = np.clip((totals + QUALITY / 2) / (1 + QUALITY), 0, 1)
    return [
        Ranked(
            int(rows[at]),
            float(scores[at]),
            {"bm25": float(bm25[at]), "dense": float(near[at]), "quality": float(quality[at])},
        )
        for at in chosen[np.argsort(-totals[chosen])].tolist()
    ]


def _best(totals: NDArray[np.float64], of: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    return of if len(of) <= most else of[np.argpartition(totals[of], len(of) - most)[len(of) - most :]]


def _share(values: Floats) -> Floats:
    greatest = float(values.max(initial=0.0))
    return values / np.float32(greatest) if greatest > 0 else np.zeros_like(values)
