"""The public evaluation's questions and metric, and how sure one can be that one system is better than another."""

import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bench.retrieval.trees import EVALUATION

TASKS = ("commit_to_files", "doc_to_function", "questions")
"""Those of the public evaluation, and questions that people wrote by hand over the same trees."""

_BY_HAND = Path(__file__).with_name("questions.jsonl")
_LONGEST = 100
_ROUNDS = 5000
_SEED = 7

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""By query ID the ranked places: `path`, `start`, `end`, lines from 1 and inclusive."""


def questions(task: str, repository: str) -> Iterator[tuple[str, str]]:
    """The IDs and texts of a task's questions."""
    for row in _rows(task):
        if row["repo"] == repository:
            yield row["query_id"], row["query"]


def ranks(task: str, answers: Answers) -> dict[str, np.ndarray]:
    """The reciprocal rank (at 10) of each question, by repository; those without any answer are left out."""
    if task == "questions":
        return _by_hand(answers)
    rows = _scorer().score(EVALUATION, answers)[task]
    asked = defaultdict(list)
    for row in _rows(task):
        asked[row["repo"]].append(row["query_id"])
    return {
        repository: np.array([row[0] for row in found])
        for repository, found in rows.items()
        if any(query in answers for query in asked[repository])
    }


def mean(found: Mapping[str, np.ndarray]) -> float:
    """The mean over repositories."""
    return float(np.mean([values.mean() for values in found.values()]))


def difference(ours: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> tuple[float, float, float]:
    """How much better, with the 95% interval of a paired bootstrap over the questions of each repository."""
    random = np.random.default_rng(_SEED)
    total = np.zeros(_ROUNDS)
    for repository, values in ours.items():
        gain = values - other[repository]
        total += gain[random.integers(0, len(gain), (_ROUNDS, len(gain)))].mean(axis=1)
    total /= len(ours)
    low, high = np.percentile(total, [2.5, 97.5])
    return mean(ours) - mean(other), float(low), float(high)


def _rows(task: str) -> list[dict[str, Any]]:
    path = _BY_HAND if task == "questions" else EVALUATION / f"{task}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def _by_hand(answers: Answers) -> dict[str, np.ndarray]:
    """A place hits when it covers half of a right one, or lies in it by half, as for doc_to_function."""
    corpus = {(row["repo"], row["path"]) for row in _rows("corpus")}
    found = defaultdict(list)
    for row in _rows("questions"):
        # As the scorer does: files that are no code do not count, neither for nor against.
        places = [place for place in answers[row["query_id"]] if (row["repo"], place["path"]) in corpus][:10]
        hits = [any(_covers(place, right) for right in row["relevant"]) for place in places]
        found[row["repo"]].append(1 / (hits.index(True) + 1) if True in hits else 0.0)
    return {repository: np.array(values) for repository, values in found.items()}


def _covers(place: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    end = min(place["end"], place["start"] + _LONGEST - 1)
    common = min(end, right["end"]) - max(place["start"], right["start"]) + 1
    shorter = min(right["end"] - right["start"] + 1, end - place["start"] + 1)
    return place["path"] == right["path"] and common > 0 and 2 * common >= shorter


def _scorer() -> ModuleType:
    path = Path(EVALUATION / "score.py")
    spec = importlib.util.spec_from_file_location("rejoinder_public_score", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
