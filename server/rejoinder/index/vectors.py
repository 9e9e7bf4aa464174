"""The vectors of all passages, by the passage table's numbers, and how near they are to a question."""

import sqlite3

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.neighbours import Neighbours
from rejoinder.index.postings import Flags, Floats, Ints

Vectors = NDArray[np.float32]
"""One row for each text, of length 1, or all zeros for one of which nothing is known."""

_GROWTH = 1.25
_LEAST_ROWS = 1024
_STEPS = 127


class VectorTable:
    """Rows of one model, compared exactly. A row of zeros stands for a passage that has no vector yet."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._rows: Vectors = np.zeros((0, dimension), np.float32)
        self._known: Flags = np.zeros(0, np.bool_)
        self._sum: NDArray[np.float64] = np.zeros(dimension)
        self._end = 0
        self._neighbours = Neighbours(dimension)

    @property
    def rows(self) -> Vectors:
        """All rows up to the last one that was put."""
        return self._rows[: self._end]

    @property
    def count(self) -> int:
        """How many rows have a vector."""
        return int(np.count_nonzero(self._known))

    def reserve(self, end: int) -> None:
        """Make room for passages up to number `end`."""
        self._grow(end)

    def put(self, first: int, rows: Vectors) -> None:
        """The vectors of passages from number `first` on."""
        end = first + len(rows)
        self._grow(end)
        self._rows[first:end] = rows
        self._known[first:end] = True
        self._sum += rows.sum(axis=0)
        self._end = max(self._end, end)

    def remove(self, span: slice) -> None:
        """Forget the vectors of these passages."""
        self._sum -= self._rows[span].sum(axis=0)
        self._rows[span] = 0
        self._known[span] = False

    def renumber(self, numbers: Ints) -> None:
        """Give every row its new number; those with a negative one are dropped."""
        self._grow(len(numbers))
        kept = numbers >= 0
        self._rows, self._known = self._rows[: len(numbers)][kept], self._known[: len(numbers)][kept]
        self._sum = self._rows.sum(axis=0, dtype=np.float64)
        self._end = len(self._rows)
        self._neighbours = Neighbours(self.dimension)

    def nearest(self, query: Vectors, count: int) -> Ints:
        """The numbers of the nearest passages in any order: about those of a large project, else exactly those."""
        self._neighbours.follow(self._rows[: self._end], self._known[: self._end])
        if self._neighbours.ready:
            return self._neighbours.nearest(query, count)
        return self.exactly_nearest(query, count)

    def exactly_nearest(self, query: Vectors, count: int) -> Ints:
        """The numbers of the nearest passages in any order."""
        cosines = self.rows @ query
        if len(cosines) <= count:
            return np.flatnonzero(self._known[: self._end]).astype(np.int32)
        return np.argpartition(cosines, -count)[-count:].astype(np.int32)

    def cosines(self, query: Vectors, numbers: Ints) -> Floats:
        """Of these passages."""
        self._grow(int(numbers.max(initial=-1)) + 1)
        return self._rows[numbers] @ query

    def wait(self) -> None:
        """Wait until what makes a large project's search fast is there."""
        self._neighbours.follow(self._rows[: self._end], self._known[: self._end])
        self._neighbours.wait()

    def mean(self, query: Vectors) -> float:
        """The mean cosine of all vectors."""
        return float(self._sum @ query) / max(1, self.count)

    def _grow(self, end: int) -> None:
        if end > len(self._rows):
            size = max(end, int(len(self._rows) * _GROWTH), _LEAST_ROWS)
            rows = np.zeros((size, self.dimension), np.float32)
            rows[: self._end] = self._rows[: self._end]
            self._rows = rows
            self._known = np.append(self._known, np.zeros(size - len(self._known), np.bool_))


def pack_vectors(rows: Vectors) -> bytes:
    """For the database: a byte for each component, each row by its greatest."""
    greatest = np.abs(rows).max(axis=1, keepdims=True, initial=1e-9)
    packed: bytes = np.rint(rows * (_STEPS / greatest)).astype(np.int8).tobytes()
    return packed


def unpack_vectors(packed: bytes, dimension: int) -> Vectors:
    """From the database, of length 1 again. Raises sqlite3.DatabaseError when they are damaged."""
    if len(packed) % dimension:
        raise sqlite3.DatabaseError("the vectors of a file are damaged")
    rows = np.frombuffer(packed, np.int8).reshape(-1, dimension).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows
