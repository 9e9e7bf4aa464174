"""Mean reciprocal ranks on the public evaluation, side by side, with paired differences."""

from collections import defaultdict
from pathlib import Path

from bench.retrieval.indexed import asked
from bench.retrieval.scoring import TASKS, Answers, difference, mean, ranks
from bench.retrieval.systems import answer, systems

_REFERENCES = ("own BM25", "the baseline formula")


def report(cache: Path, *, anew: bool) -> None:
    """Print a table for each task."""
    for task in TASKS:
        _print(task, _answers(task, cache, anew=anew))


def _answers(task: str, cache: Path, *, anew: bool) -> dict[str, Answers]:
    found: dict[str, dict[str, list[dict[str, object]]]] = defaultdict(dict)
    for each in asked(task, cache, anew=anew):
        for name, weights in systems().items():
            found[name][each.query_id] = answer(each, weights)
    return dict(found)


def _print(task: str, answers: dict[str, Answers]) -> None:
    scores = {name: ranks(task, found) for name, found in answers.items()}
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
