"""Nearest vectors by hnswlib: for projects so large that comparing with every vector takes longer.

The graph is made from the vectors in a thread of its own at the start, and again when too much was removed; until it is
there, and where hnswlib could not be built, exact search serves. It is never saved: what it is made of is.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.postings import Flags, Ints

try:
    import hnswlib
except ImportError:  # It has no wheels: where there is no compiler, it is not there.
    hnswlib = None

LEAST_ROWS = 20_000
"""From this number of vectors on the graph is faster; measured on the vectors of real trees."""

RECALL = 0.985
"""What share of the ten nearest is to be found: `ef` is doubled until a sample of the graph's own rows reaches it."""

_EF, _GREATEST_EF = 400, 6400
_SAMPLE, _NEAREST, _SEED = 60, 10, 5
_M, _EF_CONSTRUCTION = 16, 200
_GROWTH = 1.25
_MOST_REMOVED = 0.25


class Neighbours:
    """The graph over the rows of a table; cosine is the inner product, as all rows have length 1."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._graph: hnswlib.Index | None = None
        self._inside: Flags = np.zeros(0, np.bool_)
        """Which numbers the graph has, and has not marked as removed."""
        self._removed = 0
        self._building: threading.Thread | None = None
        self._built: hnswlib.Index | None = None
        self._begun_with: Ints = np.zeros(0, np.int32)

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._graph is not None

    def follow(self, rows: NDArray[np.float32], known: Flags) -> None:
        """Bring it in step with the table, or begin to make it; `known` says which rows have a vector."""
        if self._building is not None and not self._building.is_alive():
            self._take_over(len(known))
        if self._building is not None:
            return
        count = int(np.count_nonzero(known))
        if self._graph is None or self._removed > _MOST_REMOVED * max(1, count):
            if hnswlib is not None and count >= LEAST_ROWS:
                self._begin(rows, np.flatnonzero(known).astype(np.int32))
            return
        self._add_and_remove(rows, known)

    def nearest(self, query: NDArray[np.float32], count: int) -> Ints:
        """The numbers of about the nearest rows, best first."""
        if self._graph is None:
            return np.zeros(0, np.int32)
        count = min(count, int(np.count_nonzero(self._inside)))
        labels, _ = self._graph.knn_query(query, k=count, num_threads=1)
        found: Ints = labels[0].astype(np.int32)
        return found

    def wait(self) -> None:
        """Wait until a graph that is being made is done."""
        if self._building is not None:
            self._building.join()

    def _begin(self, rows: NDArray[np.float32], numbers: Ints) -> None:
        self._begun_with = numbers
        chosen = rows[numbers]

        def build() -> None:
            graph = self._new_graph(len(numbers))
            graph.add_items(chosen, numbers, num_threads=1)
            _choose_ef(graph, chosen, numbers)
            self._built = graph

        self._building = threading.Thread(target=build, name="neighbours", daemon=True)
        self._building.start()

    def _take_over(self, end: int) -> None:
        self._building = None
        if self._built is not None:
            self._graph, self._built, self._removed = self._built, None, 0
            self._inside = np.zeros(end, np.bool_)
            self._inside[self._begun_with] = True

    def _add_and_remove(self, rows: NDArray[np.float32], known: Flags) -> None:
        if self._graph is None:
            return
        inside = np.zeros(len(known), np.bool_)
        inside[: len(self._inside)] = self._inside
        added, removed = np.flatnonzero(known & ~inside), np.flatnonzero(inside & ~known)
        for number in removed.tolist():
            self._graph.mark_deleted(number)
        if len(added):
            room = self._graph.get_current_count() + len(added)
            if room > self._graph.get_max_elements():
                self._graph.resize_index(int(room * _GROWTH))
            self._graph.add_items(rows[added], added, num_threads=1)
        self._removed += len(removed)
        self._inside = known.copy()

    def _new_graph(self, count: int) -> "hnswlib.Index":
        graph = hnswlib.Index(space="ip", dim=self._dimension)
        graph.init_index(max_elements=int(count * _GROWTH), M=_M, ef_construction=_EF_CONSTRUCTION)
        return graph


def _choose_ef(graph: "hnswlib.Index", rows: NDArray[np.float32], numbers: Ints) -> None:
    random = np.random.default_rng(_SEED)
    # A question lies between passages rather than on one.
    queries = rows[random.integers(0, len(rows), _SAMPLE)] + rows[random.integers(0, len(rows), _SAMPLE)]
    exact = [set(numbers[np.argpartition(rows @ query, -_NEAREST)[-_NEAREST:]].tolist()) for query in queries]
    ef = _EF
    graph.set_ef(ef)
    while ef < _GREATEST_EF and _recall(graph, queries, exact) < RECALL:
        ef *= 2
        graph.set_ef(ef)


def _recall(graph: "hnswlib.Index", queries: NDArray[np.float32], exact: list[set[int]]) -> float:
    labels, _ = graph.knn_query(queries, k=_NEAREST, num_threads=1)
    shared = (len(nearest.intersection(row)) for nearest, row in zip(exact, labels.tolist(), strict=True))
    return sum(shared) / (_NEAREST * len(exact))
