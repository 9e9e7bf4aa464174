"""The vectors of a project's passages: one row of one model for each, and nothing of any other model among them."""

from collections.abc import Sequence

import numpy as np

from rejoinder.index.packed_rows import Packed, PackedRows, Vectors
from rejoinder.index.postings import Flags, Floats, Ints
from rejoinder.index.sign_bits import differing, least, no_signs, sign_bits

_BLOCK = 256
"""Rows that are unpacked at once: what fits into a processor's own memory is several times as fast."""
_DENSE = 0.4

LIKELY = 4096
LIKELY_EACH = 400
"""Of so many rows the cosines are worked out, where there are more: so many for each that is wanted, or the least. Of
60,000 docstrings with vectors of 256 components that takes less than half as long; of the five nearest to each of 300
first sentences two in 1,500 were missing, and of the twenty nearest eight in 6,000.
"""


class RecallVectors:
    """Rows by the numbers of the columns. A passage may have no vector yet."""

    def __init__(self, model: int, dimension: int) -> None:
        self.model = model
        self.dimension = dimension
        self._rows = PackedRows(dimension)
        self._known: Flags = np.zeros(0, np.bool_)
        self._signs = no_signs(dimension)

    def known(self, end: int) -> Flags:
        """Which rows have a vector."""
        self._grow(end)
        return self._known[:end]

    def put(self, rows: Sequence[int], vectors: Packed) -> None:
        """The vectors of some rows."""
        if not len(rows):
            return
        self._grow(max(rows) + 1)
        first = rows[0]
        if len(rows) == rows[-1] - first + 1:
            self._rows.put(first, vectors)
        else:
            for row, vector in zip(rows, vectors, strict=True):
                self._rows.put(row, vector[None])
        self._known[np.asarray(rows)] = True
        self._signs[:, np.asarray(rows)] = sign_bits(vectors)

    def renumber(self, numbers: Ints) -> None:
        """Give every row its new number; those with a negative one are dropped."""
        self._grow(len(numbers))
        alive = np.flatnonzero(numbers >= 0).astype(np.int32)
        self._rows, self._known, self._signs = self._rows.chosen(alive), self._known[alive], self._signs[:, alive]

    def of(self, rows: Ints) -> Vectors:
        """The vectors of some rows."""
        return self._rows.unpacked(rows)

    def likely(self, query: Vectors, rows: Flags, wanted: int) -> Flags:
        """Which of the flagged rows may be among so many nearest: all whose signs differ in the fewest places."""
        most = max(LIKELY, LIKELY_EACH * wanted)
        if int(np.count_nonzero(rows)) <= most:
            return rows
        self._grow(len(rows))
        apart = differing(self._signs[:, : len(rows)], query)
        apart[~rows] = self.dimension + 1
        return least(apart, most)

    def cosines(self, query: Vectors, rows: Ints) -> Floats:
        """How near some rows, in ascending order, are to a question; 0 for those without a vector."""
        if not len(rows):
            return np.zeros(0, np.float32)
        first, end = int(rows[0]), int(rows[-1]) + 1
        self._grow(end)
        if len(rows) > _DENSE * (end - first):
            # unpacking a few rows in vain is cheaper than picking the others out one by one
            found = self._products(query, [slice(at, min(at + _BLOCK, end)) for at in range(first, end, _BLOCK)])
            found = found[rows - first]
        else:
            found = self._products(query, [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)])
        found *= self._rows.scales[rows] * self._known[rows]
        return found

    def _products(self, query: Vectors, blocks: "Sequence[slice | Ints]") -> Floats:
        unpacked = np.empty((_BLOCK, self.dimension), np.float32)
        products = []
        for block in blocks:
            packed = self._rows.values[block]
            np.copyto(unpacked[: len(packed)], packed)
            products.append(unpacked[: len(packed)] @ query)
        return np.concatenate(products)

    def _grow(self, end: int) -> None:
        self._rows.grow(end)
        missing = len(self._rows) - len(self._known)
        if missing > 0:
            self._known = np.append(self._known, np.zeros(missing, np.bool_))
            self._signs = np.append(self._signs, np.zeros((len(self._signs), missing), np.uint64), axis=1)
