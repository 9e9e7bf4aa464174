"""Puts candidates in order: BM25 of the passage, its path and its file, with tests and generated files lower."""

from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.lexical import Candidate
from rejoinder.index.rules import FileKind

CANDIDATES = 100
"""How many of the best by BM25 are looked at again."""

MOST_OF_A_FILE = 3

_PATH, _FILE = 0.2, 0.3
_WHOLE = 1 + _PATH + _FILE
_KIND_FACTOR = {FileKind.SOURCE: 1.0, FileKind.TEST: 0.75, FileKind.GENERATED: 0.6}
_FILE_DISCOUNT = 0.5


@attrs.frozen
class Ranked:
    """A candidate with its score between 0 and 1 and what that is made of."""

    candidate: Candidate
    score: float
    parts: dict[str, float]


def rank(candidates: Sequence[Candidate], tokens: Sequence[str], tokenizer: Tokenizer, *, limit: int) -> list[Ranked]:
    """The best candidates, best first, few of each file."""
    best = max((candidate.bm25 for candidate in candidates), default=0.0)
    if best <= 0:
        return []
    files = _file_scores(candidates)
    best_file = max(files.values())
    ranked = [
        _ranked(candidate, candidate.bm25 / best, files[candidate.path] / best_file, _met(candidate, tokens, tokenizer))
        for candidate in candidates
    ]
    ranked.sort(key=lambda each: each.score, reverse=True)
    return _few_of_each(ranked, limit)


def _ranked(candidate: Candidate, bm25: float, file: float, path: float) -> Ranked:
    factor = _KIND_FACTOR[candidate.kind]
    score = factor * (bm25 + _PATH * path + _FILE * file) / _WHOLE
    return Ranked(candidate, score, {"bm25": bm25, "path": path, "file": file, "kind": factor})


def _file_scores(candidates: Iterable[Candidate]) -> dict[str, float]:
    """A file's passages together, each next one counting for less, so that long files do not win by length."""
    scores: dict[str, list[float]] = {}
    for candidate in candidates:
        scores.setdefault(candidate.path, []).append(candidate.bm25)
    return {
        path: sum(score * _FILE_DISCOUNT**place for place, score in enumerate(sorted(found, reverse=True)[:5]))
        for path, found in scores.items()
    }


def _met(candidate: Candidate, tokens: Sequence[str], tokenizer: Tokenizer) -> float:
    """The share of the question's tokens that stand in the path."""
    path = set(tokenizer.tokens(candidate.path))
    return sum(token in path for token in tokens) / len(tokens)


def _few_of_each(ranked: Iterable[Ranked], limit: int) -> list[Ranked]:
    taken: Counter[str] = Counter()
    chosen: list[Ranked] = []
    for each in ranked:
        if taken[each.candidate.path] < MOST_OF_A_FILE:
            taken[each.candidate.path] += 1
            chosen.append(each)
            if len(chosen) == limit:
                break
    return chosen
