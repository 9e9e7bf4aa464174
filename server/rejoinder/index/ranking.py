"""Puts passages in order: a weighted sum of signals, each divided by its greatest value for the question."""

from collections import Counter
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from rejoinder.declared import frozen
from rejoinder.index.passage_table import PassageTable
from rejoinder.index.postings import Floats, Ints
from rejoinder.index.rules import FileKind

CANDIDATES, OTHER_CANDIDATES = 100, 50
"""How many of the best by BM25, and of the nearest by their vectors, are looked at: of source, and of all else."""

MOST_OF_A_FILE = 3

WEIGHTS: Mapping[str, float] = {
    "bm25": 1.0,
    "dense": 0.8,
    "file": 0.5,
    "near_file": 0.3,
    "head": 0.7,
    "named": 1.0,
    "worded": 0.2,
    "path": 0.2,
    "scope": 0.3,
    "messages": 0.6,
    "neighbours": 0.1,
    "context": 0.2,
}
"""What each signal counts: BM25 and nearness of the passage, of its whole file, of the lines that begin its definitions
(`named` is where these are met and the passage is near, `worded` where its own words are met too); BM25 of its path and
of its scope; what past commits say of its file, where the file says it too; what the user has before them. Round
numbers: on the public evaluation others nearby differ by no more than noise."""

TEST_PENALTY, GENERATED_PENALTY = 2.0, 1.0
_WHOLE = sum(WEIGHTS.values())


@attrs.frozen(eq=False)
class Signals:
    """What is known of the candidates of a question: their numbers, and a value of each signal for each of them.

    `certainty` is what the share of the definition lines was multiplied by.
    """

    candidates: Ints
    values: dict[str, Floats]
    certainty: float = 1.0


@frozen
class Ranked:
    """A passage by its number, with its score between 0 and 1 and what that is made of."""

    number: int
    score: float
    parts: dict[str, float]


def rank(
    signals: Signals,
    table: PassageTable,
    *,
    limit: int,
    about_tests: bool,
    weights: Mapping[str, float] = WEIGHTS,
    demoted: bool = True,
) -> list[Ranked]:
    """The best candidates, best first, few of each file; tests and generated files are `demoted`."""
    numbers = signals.candidates
    totals = np.zeros(len(numbers), np.float64)
    for name, values in signals.values.items():
        totals += weights[name] * values
    penalties = _penalties(numbers, table, about_tests=about_tests) * np.float32(demoted)
    scores = np.clip((totals - penalties + TEST_PENALTY) / (_WHOLE + TEST_PENALTY), 1e-6, 1.0)
    order = np.lexsort((numbers, penalties - totals))
    return [
        Ranked(
            int(numbers[at]),
            float(scores[at]),
            {**{name: float(values[at]) for name, values in signals.values.items()}, "kind": float(-penalties[at])},
        )
        for at in _few_of_each(order.tolist(), table.owners[numbers].tolist(), limit)
    ]


def _penalties(numbers: Ints, table: PassageTable, *, about_tests: bool) -> Floats:
    of_kind = {
        FileKind.SOURCE: 0.0,
        FileKind.TEST: 0.0 if about_tests else TEST_PENALTY,
        FileKind.GENERATED: GENERATED_PENALTY,
    }
    files = (table.numbered[owner] for owner in table.owners[numbers].tolist())
    return np.array([of_kind[file.kind] if file is not None else 0.0 for file in files], np.float32)


def _few_of_each(order: Iterable[int], owners: list[int], limit: int) -> list[int]:
    taken: Counter[int] = Counter()
    chosen: list[int] = []
    for at in order:
        if taken[owners[at]] < MOST_OF_A_FILE:
            taken[owners[at]] += 1
            chosen.append(at)
            if len(chosen) == limit:
                break
    return chosen
