"""Gathers what is known of the passages that a question may mean."""

from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np

from rejoinder.index.lexical import LexicalIndex
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.postings import Flags, Floats, Ints
from rejoinder.index.ranking import CANDIDATES, OTHER_CANDIDATES, Signals
from rejoinder.index.vectors import VectorTable

NEAREST = 300
"""How many passages are asked of the vectors, of all kinds of files."""

# Among a handful of passages the nearest may be no nearer than the others.
_LEAST_WIDTH = 0.1

# What is less comes from rounding.
_LEAST_GREATEST = 1e-5

WELL_COVERED = 0.5
"""Where no definition line has so much of the question, what they say of it counts less: in a long question a chance
word of one would be worth as much as the passage itself."""

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
    of_paths: Callable[[Sequence[str | None]], Mapping[str, Floats]],
) -> Signals:
    """The signals of the best passages. `of_paths` tells more of their files, each signal between 0 and 1."""
    table = lexical.table
    table.settle()
    bm25 = table.scores("body", terms)
    dense = None if vectors is None or vector is None or not vector.any() else _Dense.of(vectors, vector)
    candidates = _candidates(bm25, dense, table.of_source())
    files = table.owners[candidates]
    certainty = _certainty(table.coverage("head", terms), candidates)
    values = {
        "bm25": _share(bm25, candidates),
        "file": _share(table.file_scores(terms), files),
        "head": _share(table.scores("head", terms), candidates) * np.float32(certainty),
        "path": _share(table.path_shares(terms), files),
        "scope": _share(table.scores("scope", terms), candidates),
    }
    values["worded"] = values["head"] * values["bm25"]
    if dense is not None:
        values["dense"] = dense.shares(candidates)
        values["named"] = values["head"] * values["dense"]
        values["near_file"] = _of_files(values["dense"], files)
    owners = (table.numbered[number] for number in files.tolist())
    values |= of_paths([None if file is None else file.path for file in owners])
    if "messages" in values:
        values["messages"] *= values["file"]
    return Signals(candidates, values, certainty)


def _candidates(bm25: Floats, dense: _Dense | None, of_source: Flags) -> Ints:
    """The best passages of source files, and fewer others, so that documents and tests do not crowd out code."""
    chosen = []
    near, cosines = np.zeros(0, np.int32), np.zeros(0, np.float32)
    if dense is not None:
        cosines = dense.vectors.cosines(dense.query, dense.near)
        fit = (cosines >= LEAST_COSINE) | (bm25[dense.near] > 0)
        near, cosines = dense.near[fit], cosines[fit]
    for allowed, most in ((of_source, CANDIDATES), (~of_source, OTHER_CANDIDATES)):
        met = np.flatnonzero((bm25 > 0) & allowed).astype(np.int32)
        chosen.append(met[_best(bm25[met], most)])
        here = np.flatnonzero(allowed[near])
        chosen.append(near[here[_best(cosines[here], most)]])
    return np.unique(np.concatenate(chosen)).astype(np.int32)


def _certainty(coverage: Floats, candidates: Ints) -> float:
    return min(1.0, float(coverage[candidates].max(initial=0.0)) / WELL_COVERED)


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
    return scores[numbers] / greatest if greatest > _LEAST_GREATEST else np.zeros(len(numbers), np.float32)
