"""Nearest vectors by hnswlib: for projects so large that comparing with every vector takes longer.

The graph is made from the vectors in a thread of its own, and again when too much was removed; until it is there, and
where hnswlib could not be built, exact search serves. It is saved without the vectors, which are saved anyway.
"""

import logging
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rejoinder.index.packed_rows import PackedRows
from rejoinder.index.postings import Flags, Ints
from rejoinder.index.state import State

try:
    import hnswlib
except ImportError:  # It has no wheels: where there is no compiler, it is not there.
    hnswlib = None

log = logging.getLogger(__name__)

LEAST_ROWS = 20_000
"""From this number of vectors on the graph is faster; measured on the vectors of real trees."""

RECALL = 0.99
"""What share of the ten nearest is to be found: `ef` grows until a sample made of the graph's own rows reaches it."""

_EF, _GREATEST_EF, _EF_GROWTH = 400, 6400, 1.5
_SAMPLE, _NEAREST, _SEED = 400, 10, 5
_M, _EF_CONSTRUCTION = 16, 100
_GROWTH = 1.25
_MOST_REMOVED = 0.25
_BLOCK = 2048
_FLOAT_BYTES = 4


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
        self._failed = False
        """Whether it could not be made, as without memory for it: exact search serves then."""

    @classmethod
    def restored(cls, state: State, rows: PackedRows) -> "Neighbours":
        """As they were when `state` was taken, or empty when there was no graph."""
        neighbours = cls(rows.values.shape[1])
        if hnswlib is not None and "graph" in state.facts:
            try:
                neighbours._graph = _graph_of(state, rows)
                neighbours._inside = state.arrays["graph_inside"].copy()
                neighbours._removed = state.facts["graph_removed"]
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                # As hnswlib of another version may say.
                log.warning("the graph of the vectors is made again: %r", error)
        return neighbours

    def state(self) -> State:
        """What to restore them from."""
        if self._graph is None:
            return State({}, {})
        whole = _state_of(self._graph)
        return State(
            {**whole.facts, "graph_removed": self._removed}, {**whole.arrays, "graph_inside": self._inside.copy()}
        )

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._graph is not None

    def follow(self, rows: PackedRows, known: Flags) -> bool:
        """Bring it in step with the table, or begin to make it; whether it is being made.

        `known` says which rows have a vector.
        """
        if self._building is not None and not self._building.is_alive():
            self._take_over(len(known))
        if self._building is not None:
            return True
        if self._failed:
            return False
        count = int(np.count_nonzero(known))
        if self._graph is None or self._removed > _MOST_REMOVED * max(1, count):
            if hnswlib is not None and count >= LEAST_ROWS:
                self._begin(rows, np.flatnonzero(known).astype(np.int32))
            return self._building is not None
        self._add_and_remove(rows, known)
        return False

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

    def _begin(self, rows: PackedRows, numbers: Ints) -> None:
        self._begun_with = numbers
        chosen = rows.chosen(numbers)

        def build() -> None:
            graph = hnswlib.Index(space="ip", dim=self._dimension)
            graph.init_index(max_elements=len(numbers), M=_M, ef_construction=_EF_CONSTRUCTION)
            for at in range(0, len(numbers), _BLOCK):
                block = slice(at, at + _BLOCK)
                graph.add_items(chosen.unpacked(block), numbers[block], num_threads=1)
            _choose_ef(graph, chosen, numbers)
            self._built = graph

        self._building = threading.Thread(target=build, name="neighbours", daemon=True)
        self._building.start()

    def _take_over(self, end: int) -> None:
        self._building = None
        self._failed = self._built is None
        if self._built is not None:
            self._graph, self._built, self._removed = self._built, None, 0
            self._inside = np.zeros(end, np.bool_)
            self._inside[self._begun_with] = True

    def _add_and_remove(self, rows: PackedRows, known: Flags) -> None:
        if self._graph is None:
            return
        inside = np.zeros(len(known), np.bool_)
        inside[: len(self._inside)] = self._inside
        changed = np.flatnonzero(known != inside).astype(np.int32)
        if not len(changed):
            return
        added, removed = changed[known[changed]], changed[inside[changed]]
        for number in removed.tolist():
            self._graph.mark_deleted(number)
        if len(added):
            room = self._graph.get_current_count() + len(added)
            if room > self._graph.get_max_elements():
                self._graph.resize_index(int(room * _GROWTH))
            self._graph.add_items(rows.unpacked(added), added, num_threads=1)
        self._removed += len(removed)
        self._inside = known.copy()


def _choose_ef(graph: "hnswlib.Index", rows: PackedRows, numbers: Ints) -> None:
    random = np.random.default_rng(_SEED)
    # A question lies between passages rather than on one. So mixed, the sample's recall is that of real questions.
    one, other = random.integers(0, len(rows), (2, _SAMPLE))
    queries = rows.unpacked(one) + rows.unpacked(other) / np.float32(2)
    products = (rows.all_products(query, len(rows)) for query in queries)
    exact = [set(numbers[np.argpartition(each, -_NEAREST)[-_NEAREST:]].tolist()) for each in products]
    ef = _EF
    graph.set_ef(ef)
    while ef < _GREATEST_EF and _recall(graph, queries, exact) < RECALL:
        ef = int(ef * _EF_GROWTH)
        graph.set_ef(ef)


def _recall(graph: "hnswlib.Index", queries: NDArray[np.float32], exact: list[set[int]]) -> float:
    labels, _ = graph.knn_query(queries, k=_NEAREST, num_threads=1)
    shared = (len(nearest.intersection(row)) for nearest, row in zip(exact, labels.tolist(), strict=True))
    return sum(shared) / (_NEAREST * len(exact))


def _state_of(graph: "hnswlib.Index") -> State:
    """What hnswlib pickles, without each element's vector."""
    [whole] = graph.__getstate__()
    elements = whole.pop("data_level0")[: whole["cur_element_count"] * whole["size_data_per_element"]]
    at = whole["offset_data"]
    elements = elements.reshape(-1, whole["size_data_per_element"])
    arrays: dict[str, Any] = {name: whole.pop(name) for name in list(whole) if isinstance(whole[name], np.ndarray)}
    arrays["links"] = elements[:, :at].copy()
    arrays["labels"] = elements[:, whole["label_offset"] :].copy()
    return State({"graph": whole}, {f"graph_{name}": array for name, array in arrays.items()})


def _graph_of(state: State, rows: PackedRows) -> "hnswlib.Index":
    whole = dict(state.facts["graph"])
    names = ("label_lookup_external", "label_lookup_internal", "element_levels", "link_lists")
    whole |= {name: state.arrays[f"graph_{name}"] for name in names}
    links, labels = state.arrays["graph_links"], state.arrays["graph_labels"]
    count, at, end = len(links), whole["offset_data"], whole["label_offset"]
    if end - at != _FLOAT_BYTES * rows.values.shape[1]:
        raise ValueError("the graph is of other vectors")
    elements = np.zeros((whole["max_elements"], whole["size_data_per_element"]), np.int8)
    elements[:count, :at], elements[:count, end:] = links, labels
    numbers = labels.view(np.uint64).ravel().astype(np.int32)
    for first in range(0, count, _BLOCK):
        block = slice(first, first + _BLOCK)
        vectors = np.ascontiguousarray(rows.unpacked(numbers[block]))
        elements[block.start : block.start + len(vectors), at:end] = vectors.view(np.int8)
    whole["data_level0"] = elements.ravel()
    graph = hnswlib.Index.__new__(hnswlib.Index)
    graph.__setstate__((whole,))
    return graph
