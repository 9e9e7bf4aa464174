"""Gathers what is known of the passages that a question may mean."""

from collections.abc import Mapping

import attrs
import numpy as np

from rejoinder.index.lexical import LexicalIndex
from rejoinder.index.postings import Flags, Floats, Ints
from rejoinder.index.ranking import CANDIDATES, OTHER_CANDIDATES, Signals
from rejoinder.index.vectors import Vectors, VectorTable

NEAREST = 300
"""How many passages are asked of the vectors, of all kinds of files."""

# Among a handful of passages the nearest may be no nearer than the others.
_LEAST_WIDTH = 0.1

LEAST_COSINE = 0.35
"""A passage that shares no token with the question must be this near to it."""


@attrs.frozen(eq=False)
class _Dense:
    """How near passages are to the question, and what stands for 0 and 1 among them."""

    vectors: VectorTable
    query: Vectors
    near: Ints
    mean: float
    greatest: float

    @classmethod
    def of(cls, vectors: VectorTable, query: Vectors) -> "_Dense":
        near = vectors.nearest(query, NEAREST)
        return cls(vectors, query, near, vectors.mean(query), float(vectors.cosines(query, near).max(initial=0.0)))

    def shares(self, numbers: Ints) -> Floats:
        width = np.float32(max(self.greatest - self.mean, _LEAST_WIDTH))
        return ((self.vectors.cosines(self.query, numbers) - np.float32(self.mean)) / width).clip(0, 1)


def gather(
    lexical: LexicalIndex,
    vectors: VectorTable | None,
    terms: list[int],
    vector: Vectors | None,
    of_paths: Mapping[str, Mapping[str, float]],
) -> Signals:
    """The signals of the best passages. `of_paths` has more signals by name, each a value between 0 and 1 by path."""
    table = lexical.table
    table.settle()
    bm25 = table.scores("body", terms)
    dense = None if vectors is None or vector is None or not vector.any() else _Dense.of(vectors, vector)
    candidates = _candidates(bm25, dense, table.of_source())
    files = table.owners[candidates]
    values = {
        "bm25": _share(bm25, candidates),
        "file": _share(table.file_scores(terms), files),
        "head": _share(table.scores("head", terms), candidates),
        "path": _share(table.path_shares(terms), files),
        "scope": _share(table.scores("scope", terms), candidates),
    }
    if dense is not None:
        values["dense"] = dense.shares(candidates)
        values["named"] = values["head"] * values["dense"]
        values["near_file"] = _of_files(values["dense"], files)
    for name, found in of_paths.items():
        paths = (table.numbered[number] for number in files.tolist())
        values[name] = np.array([found.get(file.path, 0.0) if file else 0.0 for file in paths], np.float32)
    return Signals(candidates, values)


def _candidates(bm25: Floats, dense: _Dense | None, of_source: Flags) -> Ints:
    """The best passages of source files, and fewer others, so that documents and tests do not crowd out code."""
    chosen = []
    near, cosines = np.zeros(0, np.int32), np.zeros(0, np.float32)
    if dense is not None:
        cosines = dense.vectors.cosines(dense.query, dense.near)
        fit = (cosines >= LEAST_COSINE) | (bm25[dense.near] > 0)
        near, cosines = dense.near[fit], cosines[fit]
    for allowed, most in ((of_source, CANDIDATES), (~of_source, OTHER_CANDIDATES)):
        best = _best(np.where(allowed, bm25, np.float32(0)), most)
        chosen.append(best[bm25[best] > 0])
        here = np.flatnonzero(allowed[near])
        chosen.append(near[here[_best(cosines[here], most)]])
    return np.unique(np.concatenate(chosen)).astype(np.int32)


def _of_files(dense: Floats, files: Ints) -> Floats:
    """How near each candidate's file is as a whole: its nearest passages, each next one counting half."""
    order = np.lexsort((-dense, files))
    first = np.searchsorted(files[order], files[order])
    halves = dense[order] * np.float32(0.5) ** (np.arange(len(order)) - first)
    sums = np.bincount(files[order], halves, int(files.max(initial=-1)) + 1).astype(np.float32)
    return _share(sums, files)


def _best(scores: Floats, count: int) -> Ints:
    if len(scores) <= count:
        return np.arange(len(scores), dtype=np.int32)
    return np.argpartition(scores, -count)[-count:].astype(np.int32)


def _share(scores: Floats, numbers: Ints) -> Floats:
    greatest = scores.max(initial=0.0)
    return scores[numbers] / greatest if greatest > 0 else np.zeros(len(numbers), np.float32)
