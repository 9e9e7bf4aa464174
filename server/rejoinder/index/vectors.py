"""The vectors of all passages, by the passage table's numbers, and how near they are to a question."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.neighbours import Neighbours
from rejoinder.index.packed_rows import Packed, PackedRows, Vectors
from rejoinder.index.postings import Flags, Floats, Ints
from rejoinder.index.state import State

_BLOCK = 4096


class VectorTable:
    """Rows of one model. A passage may have no vector yet."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._rows = PackedRows(dimension)
        self._known: Flags = np.zeros(0, np.bool_)
        self._sum: NDArray[np.float64] = np.zeros(dimension)
        self._end = 0
        self._neighbours = Neighbours(dimension)

    @classmethod
    def restored(cls, state: State) -> "VectorTable":
        """As it was when `state` was taken. Raises KeyError or ValueError when something is missing."""
        values = state.arrays["vectors"]
        table = cls(values.shape[1])
        table._rows = PackedRows.of(values.copy(), state.arrays["vector_scales"].copy())
        table._known = state.arrays["vectors_known"].copy()
        table._end = len(values)
        table._sum = table._summed()
        table._neighbours = Neighbours.restored(state, table._rows)
        return table

    def state(self, alive: Flags) -> State:
        """What to restore it from, without passages that are not `alive`."""
        known = self._known[: self._end] & alive[: self._end]
        arrays: dict[str, NDArray[Any]] = {
            "vectors": self._rows.values[: self._end].copy(),
            "vector_scales": self._rows.scales[: self._end].copy(),
            "vectors_known": known,
        }
        return State({}, arrays).joined(self._neighbours.state())

    @property
    def count(self) -> int:
        """How many passages have a vector."""
        return int(np.count_nonzero(self._known))

    def knows(self, number: int) -> bool:
        """Whether a passage has a vector."""
        return number < self._end and bool(self._known[number])

    def reserve(self, end: int) -> None:
        """Make room for passages up to number `end`."""
        self._grow(end)

    def put(self, first: int, rows: Packed) -> None:
        """The vectors of passages from number `first` on."""
        end = first + len(rows)
        self._grow(end)
        self._rows.put(first, rows)
        self._known[first:end] = True
        self._sum += self._rows.unpacked(slice(first, end)).sum(axis=0)
        self._end = max(self._end, end)

    def remove(self, span: slice) -> None:
        """Forget the vectors of these passages. Their rows stay for the graph until the table is compacted."""
        numbers = np.arange(span.start, min(span.stop, self._end), dtype=np.int32)
        numbers = numbers[self._known[numbers]]
        self._sum -= self._rows.unpacked(numbers).sum(axis=0)
        self._known[numbers] = False

    def renumber(self, numbers: Ints) -> None:
        """Give every row its new number; those with a negative one are dropped."""
        self._grow(len(numbers))
        kept = np.flatnonzero(numbers >= 0).astype(np.int32)
        self._rows = self._rows.chosen(kept)
        self._known = self._known[kept]
        self._end = len(self._rows)
        self._sum = self._summed()
        self._neighbours = Neighbours(self.dimension)

    def nearest(self, query: Vectors, count: int) -> Ints:
        """The numbers of the nearest passages in any order: about those of a large project, else exactly those."""
        self.follow()
        if self._neighbours.ready:
            return self._neighbours.nearest(query, count)
        return self.exactly_nearest(query, count)

    def exactly_nearest(self, query: Vectors, count: int) -> Ints:
        """The numbers of the nearest passages in any order."""
        cosines = self._rows.all_products(query, self._end)
        cosines[~self._known[: self._end]] = -np.inf
        count = min(count, self.count)
        return np.argpartition(-cosines, count - 1)[:count].astype(np.int32) if count else np.zeros(0, np.int32)

    def cosines(self, query: Vectors, numbers: Ints) -> Floats:
        """Of these passages; 0 for one that never had a vector."""
        self._grow(int(numbers.max(initial=-1)) + 1)
        return self._rows.products(query, numbers)

    def follow(self) -> bool:
        """Bring what makes a large project's search fast in step; whether that is still being made."""
        return self._neighbours.follow(self._rows, self._known[: self._end])

    @property
    def has_graph(self) -> bool:
        """Whether the nearest are found by a graph."""
        return self._neighbours.ready

    def wait(self) -> None:
        """Wait until what makes a large project's search fast is there."""
        self.follow()
        self._neighbours.wait()

    def mean(self, query: Vectors) -> float:
        """The mean cosine of all vectors."""
        return float(self._sum @ query) / max(1, self.count)

    def _summed(self) -> NDArray[np.float64]:
        known = np.flatnonzero(self._known[: self._end]).astype(np.int32)
        total = np.zeros(self.dimension)
        for at in range(0, len(known), _BLOCK):
            total += self._rows.unpacked(known[at : at + _BLOCK]).sum(axis=0)
        return total

    def _grow(self, end: int) -> None:
        self._rows.grow(end)
        self._known = np.append(self._known, np.zeros(len(self._rows) - len(self._known), np.bool_))
