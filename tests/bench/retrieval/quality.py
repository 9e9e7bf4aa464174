"""Mean reciprocal ranks on the public evaluation, side by side, with paired differences."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from bench.retrieval.bars import Bar
from bench.retrieval.indexed import asked
from bench.retrieval.scoring import TASKS, Answers, difference, mean, ranks
from bench.retrieval.systems import answer, systems

Ranks = Mapping[str, np.ndarray]

_REFERENCES = ("own BM25", "the baseline formula")


_LEAST = {"commit_to_files": (0.67, 0.63, 0.14), "doc_to_function": (0.49, 0.48, 0.16)}
"""Mean reciprocal rank with history, without, and what must lie between it without history and BM25."""


def report(cache: Path, *, anew: bool) -> list[Bar]:
    """Print a table for each task, with each part of the ranking left out once."""
    bars = []
    for task in TASKS:
        scores = {name: ranks(task, found) for name, found in _answers(task, cache, anew=anew).items()}
        _print(task, scores)
        bars += list(_bars(task, scores))
    return bars


def _bars(task: str, scores: Mapping[str, Ranks]) -> Iterator[Bar]:
    full, plain = scores["ours with history"], scores["ours"]
    with_history, without, over = _LEAST.get(task, (None, None, None))
    yield Bar(what=f"{task}, MRR@10", value=mean(full), at_least=with_history)
    yield Bar(what=f"{task} without history", value=mean(plain), at_least=without)
    bm25, baseline = (scores[name] for name in _REFERENCES)
    yield Bar(what=f"{task} without history, over own BM25", value=mean(plain) - mean(bm25), at_least=over)
    for name, found in (("", full), (" without history", plain)):
        what = f"{task}{name}, over the baseline: lower 95% bound"
        yield Bar(what=what, value=difference(found, baseline)[1], at_least=0)


def _answers(task: str, cache: Path, *, anew: bool) -> dict[str, Answers]:
    found: dict[str, dict[str, list[dict[str, object]]]] = defaultdict(dict)
    for each in asked(task, cache, anew=anew):
        for name, weights in systems().items():
            found[name][each.query_id] = answer(each, weights)
    return dict(found)


def _print(task: str, scores: Mapping[str, Ranks]) -> None:
    repositories = list(next(iter(scores.values())))
    print(
        f"\n{task}: MRR@10"
        + "".join(f"{name:>12}" for name in repositories)
        + f"{'mean':>8}   over own BM25         over the baseline formula"
    )
    for name, found in scores.items():
        line = f"{name:<26}"[:26].ljust(24) + "".join(f"{found[each].mean():>12.3f}" for each in repositories)
        gains = ("{:+.3f} ({:+.3f} to {:+.3f})".format(*difference(found, scores[other])) for other in _REFERENCES)
        print(f"{line}{mean(found):>8.3f}   " + "  ".join(gains))
