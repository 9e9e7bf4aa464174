import sqlite3

import numpy as np
import pytest

from rejoinder.index.neighbours import LEAST_ROWS
from rejoinder.index.packed_rows import Packed, PackedRows, Vectors, pack_vectors, packed_rows
from rejoinder.index.postings import Flags
from rejoinder.index.vectors import VectorTable


def rows(count: int, dimension: int = 8, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def packed(vectors: Vectors) -> Packed:
    return packed_rows(pack_vectors(vectors), vectors.shape[1])


def test_packing_loses_next_to_nothing() -> None:
    before = np.vstack([rows(50, 256), np.zeros((1, 256), np.float32)])
    held = PackedRows(256)
    held.grow(51)
    held.put(0, packed(before))
    after = held.unpacked(slice(51))
    assert np.allclose((before * after).sum(axis=1)[:50], 1, atol=1e-3)
    assert not after[50].any()
    assert np.allclose(held.all_products(before[3], 51), after @ before[3], atol=1e-5)
    with pytest.raises(sqlite3.DatabaseError):
        packed_rows(b"12345", 2)


def test_what_is_removed_counts_no_more() -> None:
    table, vectors = VectorTable(8), rows(10)
    table.put(0, packed(vectors[:5]))
    table.put(5, packed(vectors[5:]))
    assert vectors[3] @ vectors[3] == pytest.approx(table.cosines(vectors[3], np.array([3], np.int32))[0], abs=0.01)
    table.remove(slice(3, 5))
    assert table.count == 8
    alive = np.delete(vectors, [3, 4], axis=0)
    assert table.mean(vectors[0]) == pytest.approx(float((alive @ vectors[0]).mean()), abs=0.01)
    numbers = np.array([0, 1, 2, -1, -1, 3, 4, 5, 6, 7], np.int32)
    table.renumber(numbers)
    cosines = table.cosines(vectors[0], np.arange(8, dtype=np.int32))
    assert np.allclose(cosines, alive @ vectors[0], atol=0.01)
    assert table.nearest(vectors[9], 1).tolist() == [7]


def test_a_large_project_is_searched_by_a_graph_that_keeps_up() -> None:
    pytest.importorskip("hnswlib")
    table, vectors = VectorTable(8), rows(LEAST_ROWS)
    table.put(0, packed(vectors))
    for _ in range(2):
        table.wait()
    assert table.nearest(vectors[7], 5)[0] == 7
    table.remove(slice(7, 8))
    assert 7 not in table.nearest(vectors[7], 5)
    new = rows(3, seed=2)
    table.put(LEAST_ROWS, packed(new))
    assert LEAST_ROWS + 1 in table.nearest(new[1], 5)
    exact = set(table.exactly_nearest(new[2], 10).tolist())
    assert len(exact & set(table.nearest(new[2], 10).tolist())) >= 9
    alive: Flags = np.ones(LEAST_ROWS + 3, np.bool_)
    alive[11] = False
    again = VectorTable.restored(table.state(alive))
    assert again.has_graph
    for query in (vectors[7], vectors[11]):
        expected = [number for number in table.nearest(query, 6).tolist() if number != 11]
        assert again.nearest(query, 5).tolist() == expected[:5]


def test_a_small_project_has_no_graph() -> None:
    table = VectorTable(8)
    table.put(0, packed(rows(10)))
    table.wait()
    assert not table.follow()
    assert not table.has_graph
