"""Which of many rows are compared with a question."""

import numpy as np

from rejoinder.index.packed_rows import pack_vectors, packed_rows
from rejoinder.index.recall.vectors import LIKELY, RecallVectors

ROWS, DIMENSION = 3 * LIKELY, 100
"""A dimension that fills no whole number of bytes."""


def test_of_many_rows_the_nearest_are_likely() -> None:
    random = np.random.default_rng(1)
    made = random.standard_normal((ROWS, DIMENSION)).astype(np.float32)
    question = made[0] / np.linalg.norm(made[0])
    near = np.array([17, LIKELY, ROWS - 1], np.int32)
    made[near] = question * 10 + random.standard_normal((3, DIMENSION))
    vectors = RecallVectors(1, DIMENSION)
    vectors.put(range(ROWS), packed_rows(pack_vectors(made), DIMENSION))
    rows = np.arange(ROWS) != near[0]
    likely = vectors.likely(question, rows, 5)
    assert LIKELY <= np.count_nonzero(likely) < ROWS // 2
    assert likely[near[1:]].all() and not likely[near[0]]
    vectors.renumber(np.where(np.arange(ROWS) < 10, -1, np.arange(ROWS) - 10).astype(np.int32))
    assert vectors.likely(question, np.ones(ROWS - 10, np.bool_), 5)[near - 10].all()


def test_of_few_rows_all_are_likely() -> None:
    vectors = RecallVectors(1, 3)
    vectors.put([0, 4], packed_rows(pack_vectors(np.eye(3, dtype=np.float32)[:2]), 3))
    assert vectors.likely(np.ones(3, np.float32), np.ones(5, np.bool_), 5).all()
