"""Recalling among 100,000 messages: what it adds to a turn, how long searching and forgetting take, and memory."""

import statistics
import time
from itertools import count

from bench.asking import QUESTIONS
from bench.client import Client
from bench.conversations import export_of, messages, session
from bench.figures import Row, p95, rounds
from bench.model import Model
from bench.processes import resident_megabytes
from bench.sandbox import Sandbox

_SESSIONS, _MESSAGES, _SIZE = 100, 1000, 400
_AT_ONCE = 10
"""Sessions that are imported by one request."""

_TURNS = 40
_LOOK = 0.05


def benchmark(runs: int) -> list[Row]:
    """Turns with and without what is recalled, side by side; the messages are read in before, beside other turns."""
    numbers = count()
    with Sandbox() as sandbox:
        model = sandbox.model()
        client = sandbox.serve(model=model)
        for first in range(0, _SESSIONS, _AT_ONCE):
            client.request("rejoinder/session/import", {"format": "json", "content": _sessions(first)})
        client.request("rejoinder/session/create", {"sessionId": "turns"})
        before = resident_megabytes(sandbox.engine())
        reading = _read_in(client, model, numbers)
        figures = rounds(lambda: _run(client, model, numbers), runs)
        status = client.request("rejoinder/index/status", {})["recall"]
        held = resident_megabytes(sandbox.engine())
    what = f"recalled of {_SESSIONS * _MESSAGES:,} messages"
    return [
        Row(what=f"a turn's delay by what is {what}, p95", value=figures.median("added"), unit="ms", at_most=15.0),
        Row(what="– its median", value=figures.median("median"), unit="ms"),
        Row(what="– what a turn's p95 grows by", value=figures.median("grown"), unit="ms"),
        Row(what="– the same turns with nothing recalled, p95", value=figures.median("without"), unit="ms"),
        Row(what=f"a search over {what[12:]}, p95", value=figures.median("search"), unit="ms", at_most=50.0),
        Row(what="forgetting one memory among them", value=figures.median("forget"), unit="ms", at_most=1000.0),
        Row(what="reading them in for the first time", value=1000 * reading["seconds"], unit="ms"),
        Row(what="– a turn meanwhile, p95", value=1000 * reading["turn"], unit="ms", at_most=300.0),
        Row(what="– what the engine grows by (RSS)", value=held - before, unit="MB"),
        Row(what="– the recall index's process (RSS)", value=status["memory"] / 1e6, unit="MB"),
    ]


def _sessions(first: int) -> str:
    parcels = []
    for number in range(first, first + _AT_ONCE):
        path = messages(_MESSAGES, size=_SIZE, first=number * _MESSAGES)
        parcels.append((session(f"s{number}", path), path))
    return export_of(*parcels)


def _read_in(client: Client, model: Model, numbers: "count[int]") -> dict[str, float]:
    """Bring everything in, with turns meanwhile."""
    began, turns = time.monotonic(), []
    while True:
        turns.append(_turn(client, next(numbers), recalling=True))
        status = client.request("rejoinder/index/status", {})["recall"]
        if status["passages"] >= _SESSIONS * _MESSAGES and status["embedded"] == status["passages"]:
            break
        time.sleep(_LOOK)
    arrived = [request["arrived"] for request in model.news()]
    seconds = [there - here for there, here in zip(arrived, turns, strict=True)]
    return {"seconds": time.monotonic() - began, "turn": p95(seconds)}


def _run(client: Client, model: Model, numbers: "count[int]") -> dict[str, float]:
    began = {recalling: [] for recalling in (True, False)}
    for _ in range(_TURNS):
        for recalling, times in began.items():
            times.append(_turn(client, next(numbers), recalling=recalling))
    arrived = [request["arrived"] for request in model.news()]
    taken = {
        recalling: [1000 * (there - here) for there, here in zip(arrived[offset::2], times, strict=True)]
        for (recalling, times), offset in zip(began.items(), (0, 1), strict=True)
    }
    # of turns one after the other: these have the scatter of both in them, also where nothing is added
    added = [with_ - without for with_, without in zip(taken[True], taken[False], strict=True)]
    searched = [_search(client, next(numbers)) for _ in range(_TURNS)]
    entry = client.request("rejoinder/memory/add", {"text": f"The answer is {next(numbers)}."})
    client.request("rejoinder/memory/search", {"query": "What is the answer?"})
    return {
        "added": p95(added),
        "median": statistics.median(added),
        "grown": p95(taken[True]) - p95(taken[False]),
        "without": p95(taken[False]),
        "search": 1000 * p95(searched),
        "forget": 1000 * client.timed("rejoinder/memory/delete", {"memoryId": entry["memoryId"]}),
    }


def _turn(client: Client, number: int, *, recalling: bool) -> float:
    """When the request was sent, by the monotonic clock."""
    text = f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"
    began = time.monotonic()
    client.request("rejoinder/ask", {"text": text, "retrieve": recalling, "model": "openai-compatible:tokens-1"})
    return began


def _search(client: Client, number: int) -> float:
    query = f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"
    return client.timed("rejoinder/search", {"query": query, "sources": ["message"]})
