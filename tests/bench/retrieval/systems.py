"""The systems that are compared on the same passages: ours, ours without each of its parts, and simpler ones."""

from collections.abc import Mapping
from typing import Any

from bench.retrieval.indexed import Asked
from rejoinder.index.ranking import WEIGHTS, Ranked, rank

_MOST = 100
_HISTORY = ("messages", "neighbours")
_BASELINE = {"bm25": 1.0, "dense": 0.8, "file": 0.5, "head": 0.8, "path": 0.2, "scope": 0.3}


def systems() -> dict[str, Mapping[str, float]]:
    """The weights of each system by its name."""
    full = dict(WEIGHTS)
    without_history = {name: 0.0 if name in _HISTORY else weight for name, weight in full.items()}
    left_out = {
        f"  without {name}": {**(full if name in _HISTORY else without_history), name: 0.0} for name in without_history
    }
    return {
        "own BM25": {"bm25": 1.0, "penalty": 0.0},
        "vectors alone": {"dense": 1.0, "penalty": 0.0},
        "the baseline formula": _BASELINE,
        "ours with history": full,
        "ours": without_history,
        **{name: weights for name, weights in left_out.items() if name.split()[-1] != "context"},
        "  without vectors": {**without_history, "dense": 0.0, "named": 0.0, "near_file": 0.0},
        "  without lower tests": {**without_history, "penalty": 0.0},
    }


def answer(asked: Asked, weights: Mapping[str, float]) -> list[dict[str, Any]]:
    """The places that a system with these weights answers, best first."""
    known = {name: weights.get(name, 0.0) for name in asked.signals.values}
    if weights is _BASELINE and asked.signals.certainty > 0:
        known["head"] /= asked.signals.certainty
    demoted = weights.get("penalty", 1.0) != 0.0
    ranked = rank(
        asked.signals, asked.table, limit=_MOST, about_tests=asked.question.about_tests, weights=known, demoted=demoted
    )
    return [_place(asked, each) for each in ranked]


def _place(asked: Asked, ranked: Ranked) -> dict[str, Any]:
    file = asked.table.numbered[asked.table.owners[ranked.number]]
    if file is None:
        raise LookupError(ranked.number)
    place = file.passages.place(ranked.number - file.first)
    last = place.end_line + (1 if place.end_character else 0)
    return {"path": file.path, "start": place.start_line + 1, "end": max(last, place.start_line + 1)}
