"""Which passages are compared with a question by their vectors: those likely to be near or having most of its words."""

import numpy as np

from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Flags, Floats
from rejoinder.index.recall.vectors import RecallVectors

_LEADING, _LEADING_EACH = 500, 100
"""Rows that have most of a question's words: so many for each that is wanted, or the least, are compared with it."""
_SAMPLE = 8192
"""Of so many values the order is looked at, which tells that of all well enough."""


def worth_comparing(vectors: RecallVectors, query: Vectors, rows: Flags, words: Floats, wanted: int) -> Flags:
    """Which of the flagged rows are; `words` is what every row has of the question's words."""
    return vectors.likely(query, rows, wanted) | _having_most(words, rows, max(_LEADING, _LEADING_EACH * wanted))


def _having_most(words: Floats, rows: Flags, most: int) -> Flags:
    having: Flags = (words > 0) & rows
    count = int(np.count_nonzero(having))
    if count > most:
        step = max(1, count // _SAMPLE)
        some = np.sort(words[::step][having[::step]])
        if len(some):
            having &= words >= some[len(some) - 1 - len(some) * most // count]
    return having
