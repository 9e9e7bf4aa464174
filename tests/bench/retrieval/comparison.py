"""Rejoinder and other programs side by side on the public evaluation: quality, time to index, time to answer."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.retrieval.bars import Bar
from bench.retrieval.indexed import opened
from bench.retrieval.peers import PEERS, Missing, Passage, Peer
from bench.retrieval.scoring import TASKS, mean, questions, ranks
from bench.retrieval.trees import REPOSITORIES, tree
from rejoinder.index.project_index import ProjectIndex

_LIMIT = 100
_OURS = "Rejoinder"


def report(cache: Path, *, anew: bool) -> list[Bar]:
    """Print a line for each program."""
    answers: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    costs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    peers = dict(_installed())
    for task, repository, folder in _trees(cache):
        index = opened(folder, cache / "indexes" / folder.parent.name / repository, anew=anew)
        passages = _passages(index)
        size = sum(len(passage.text) for passage in passages) / 1e6
        asked = list(questions(task, repository))
        for name, peer in peers.items():
            began = time.perf_counter()
            peer.index(folder, passages)
            costs[name].append((size, time.perf_counter() - began))
            for query_id, text in asked:
                began = time.perf_counter()
                best = peer.best(text, _LIMIT)
                times[name].append(time.perf_counter() - began)
                answers[name][task][query_id] = [_place(passages[number]) for number in best]
        for query_id, text in asked:
            began = time.perf_counter()
            hits = index.search(text, limit=_LIMIT)
            times[_OURS].append(time.perf_counter() - began)
            prefix = f"{folder.as_uri()}/"
            answers[_OURS][task][query_id] = [
                {
                    "path": hit.uri.removeprefix(prefix),
                    "start": hit.place.start_line + 1,
                    "end": max(hit.place.end_line + bool(hit.place.end_character), hit.place.start_line + 1),
                }
                for hit in hits
            ]
        index.database.close()
    _print(answers, costs, times)
    return []


def _installed() -> Iterator[tuple[str, Peer]]:
    for name, make in PEERS.items():
        try:
            yield name, make()
        except Missing as missing:
            print(f"{name:<26}left out: {missing}")


def _trees(cache: Path) -> Iterator[tuple[str, str, Path]]:
    for task in TASKS:
        for repository in REPOSITORIES:
            if any(questions(task, repository)):
                yield task, repository, tree(repository, stripped=task == "doc_to_function", cache=cache)


def _passages(index: ProjectIndex) -> list[Passage]:
    found = []
    for file in index.lexical.table.files.values():
        for number, text in enumerate(index.lexical.texts(file)):
            place = file.passages.place(number)
            last = place.end_line + bool(place.end_character)
            found.append(Passage(file.path, place.start_line + 1, max(last, place.start_line + 1), text))
    return found


def _place(passage: Passage) -> dict[str, Any]:
    return {"path": passage.path, "start": passage.start, "end": passage.end}


def _print(
    answers: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, list[tuple[float, float]]],
    times: Mapping[str, list[float]],
) -> None:
    print(f"\n{'MRR@10':<26}" + "".join(f"{task:>18}" for task in TASKS) + "   index MB/s   question p95")
    for name, found in answers.items():
        quality = "".join(f"{mean(ranks(task, found[task])):>18.3f}" for task in TASKS)
        spent = sum(seconds for _, seconds in costs.get(name, ()))
        rate = f"{sum(size for size, _ in costs[name]) / spent:>13.1f}" if spent else f"{'see speed':>13}"
        print(f"{name:<26}{quality}{rate}{np.percentile(times[name], 95) * 1000:>12.1f} ms")
