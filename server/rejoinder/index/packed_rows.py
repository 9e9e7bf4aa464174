"""Vectors in 8 bits a component, as the database and the memory hold them."""

import sqlite3

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.postings import Floats, Ints

Vectors = NDArray[np.float32]
"""One row for each text, of length 1, or all zeros for one of which nothing is known."""

Packed = NDArray[np.int8]

_STEPS = 127
_GROWTH = 1.25
_LEAST_ROWS = 1024
_BLOCK = 2048


class PackedRows:
    """Rows that can be put in any order. They are a quarter as large as whole numbers would be, and nearly as exact."""

    def __init__(self, dimension: int) -> None:
        self.values: Packed = np.zeros((0, dimension), np.int8)
        self.scales: Floats = np.zeros(0, np.float32)
        """What makes each row's length 1; 0 for a row of zeros."""

    @classmethod
    def of(cls, values: Packed, scales: Floats) -> "PackedRows":
        """From arrays that nobody else changes."""
        rows = cls(values.shape[1])
        rows.values, rows.scales = values, scales
        return rows

    def __len__(self) -> int:
        return len(self.values)

    def grow(self, end: int) -> None:
        """Make room for rows up to number `end`."""
        if end > len(self):
            size = max(end, int(len(self) * _GROWTH), _LEAST_ROWS) - len(self)
            self.values = np.concatenate([self.values, np.zeros((size, self.values.shape[1]), np.int8)])
            self.scales = np.append(self.scales, np.zeros(size, np.float32))

    def put(self, first: int, rows: Packed) -> None:
        """Set the rows from number `first` on, for which there must be room."""
        lengths = np.sqrt(np.square(rows, dtype=np.float32).sum(axis=1))
        self.values[first : first + len(rows)] = rows
        self.scales[first : first + len(rows)] = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)

    def chosen(self, which: Ints) -> "PackedRows":
        """A copy of some of the rows."""
        return PackedRows.of(self.values[which], self.scales[which])

    def unpacked(self, which: "Ints | slice") -> Vectors:
        """Some of the rows as they are meant."""
        rows = self.values[which].astype(np.float32)
        rows *= self.scales[which][:, None]
        return rows

    def products(self, query: Vectors, numbers: Ints) -> Floats:
        """The inner products of some rows with a query, which are cosines when that has length 1."""
        found: Floats = (self.values[numbers].astype(np.float32) @ query) * self.scales[numbers]
        return found

    def all_products(self, query: Vectors, end: int) -> Floats:
        """Those of all rows before `end`."""
        found = np.zeros(end, np.float32)
        for at in range(0, end, _BLOCK):
            block = slice(at, min(at + _BLOCK, end))
            np.dot(self.values[block].astype(np.float32), query, out=found[block])
        found *= self.scales[:end]
        return found


def pack_vectors(rows: Vectors) -> bytes:
    """A byte for each component, each row by its greatest."""
    greatest = np.abs(rows).max(axis=1, keepdims=True, initial=1e-9)
    packed: bytes = np.rint(rows * (_STEPS / greatest)).astype(np.int8).tobytes()
    return packed


def packed_rows(packed: bytes, dimension: int) -> Packed:
    """What was packed, row by row. Raises sqlite3.DatabaseError when it is damaged."""
    if len(packed) % dimension:
        raise sqlite3.DatabaseError("the vectors of a file are damaged")
    return np.frombuffer(packed, np.int8).reshape(-1, dimension)
