import sqlite3

import numpy as np
import pytest

from rejoinder.index.neighbours import LEAST_ROWS, Neighbours
from rejoinder.index.vectors import Vectors, VectorTable, pack_vectors, unpack_vectors


def rows(count: int, dimension: int = 8, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_packing_loses_next_to_nothing() -> None:
    before = np.vstack([rows(50, 256), np.zeros((1, 256), np.float32)])
    after = unpack_vectors(pack_vectors(before), 256)
    assert np.allclose((before * after).sum(axis=1)[:50], 1, atol=1e-3)
    assert not after[50].any()
    assert pack_vectors(after) == pack_vectors(before)
    with pytest.raises(sqlite3.DatabaseError):
        unpack_vectors(b"12345", 2)


def test_what_is_removed_counts_no_more() -> None:
    table, vectors = VectorTable(8), rows(10)
    table.put(0, vectors[:5])
    table.put(5, vectors[5:])
    assert vectors[3] @ vectors[3] == pytest.approx(table.cosines(vectors[3], np.array([3], np.int32))[0])
    table.remove(slice(3, 5))
    assert table.count == 8
    alive = np.delete(vectors, [3, 4], axis=0)
    assert table.mean(vectors[0]) == pytest.approx(float((alive @ vectors[0]).mean()), abs=1e-6)
    numbers = np.array([0, 1, 2, -1, -1, 3, 4, 5, 6, 7], np.int32)
    table.renumber(numbers)
    assert np.array_equal(table.rows, alive)
    assert table.nearest(vectors[9], 1).tolist() == [7]


def test_a_large_project_is_searched_by_a_graph_that_keeps_up() -> None:
    pytest.importorskip("hnswlib")
    table, vectors = VectorTable(8), rows(LEAST_ROWS)
    table.put(0, vectors)
    for _ in range(2):
        table.wait()
    assert table.nearest(vectors[7], 5)[0] == 7
    table.remove(slice(7, 8))
    assert 7 not in table.nearest(vectors[7], 5)
    new = rows(3, seed=2)
    table.put(LEAST_ROWS, new)
    assert LEAST_ROWS + 1 in table.nearest(new[1], 5)
    exact = set(table.exactly_nearest(new[2], 10).tolist())
    assert len(exact & set(table.nearest(new[2], 10).tolist())) >= 9


def test_a_small_project_has_no_graph() -> None:
    neighbours = Neighbours(8)
    neighbours.follow(rows(10), np.ones(10, np.bool_))
    neighbours.wait()
    neighbours.follow(rows(10), np.ones(10, np.bool_))
    assert not neighbours.ready
