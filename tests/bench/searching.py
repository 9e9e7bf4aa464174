"""Search over everything said: 100,000 messages in several projects, by words, by meaning and by both."""

import time
from itertools import count
from typing import Any

from bench.asking import QUESTIONS
from bench.client import Client
from bench.conversations import export_of, messages, session
from bench.figures import Row, p95, rounds
from bench.processes import children, processor_seconds
from bench.sandbox import Sandbox

_PROJECTS, _SESSIONS, _MESSAGES, _SIZE = 5, 20, 1000, 400
_AT_ONCE = 10
"""Sessions that are imported by one request."""

_SEARCHES = 40
_LOOK = 0.2
_WORDS = (
    "session",
    "journal compacted",
    "RunningTurn emit",
    '"of the session"',
    "index -project",
    "subscr* follow*",
    "stores messages",
    "zebra",
)
"""Frequent words and rare ones, identifiers, a phrase, an exclusion, beginnings, endings, and what nobody said."""

_WAYS: dict[str, dict[str, Any]] = {
    "words": {"mode": "words", "allProjects": True},
    "meaning": {"mode": "meaning", "allProjects": True},
    "both": {"mode": "both", "allProjects": True},
    "filtered": {"mode": "both", "allProjects": True, "role": "assistant", "since": "2026-01-01T01:00:00Z"},
    "one": {"mode": "both"},
}


def benchmark(runs: int) -> list[Row]:
    """Searches by turns, after everything was read in."""
    numbers = count()
    with Sandbox() as sandbox:
        clients = [_filled(sandbox, number) for number in range(_PROJECTS)]
        while not _search(clients[0], "anything", {**_WAYS["meaning"], "waitSeconds": 60})["complete"]:
            time.sleep(_LOOK)
        engine = sandbox.engine()
        figures = rounds(lambda: _run(clients[0], [engine, *children(engine)], numbers), runs)
    what = f"{_PROJECTS * _SESSIONS * _MESSAGES:,} messages of {_PROJECTS} projects"
    named = {
        "words": f"a search by words over {what}, p95",
        "meaning": "– by meaning",
        "both": "– by both",
        "filtered": "– by both, of one role since a day",
        "one": "– by both, in one of the projects",
    }
    rows = []
    for way, name in named.items():
        rows.append(Row(what=name, value=figures.median(way), unit="ms", at_most=50.0))
        rows.append(Row(what="– – its processor time", value=figures.median(f"{way} processor"), unit="ms"))
    return rows


def _filled(sandbox: Sandbox, number: int) -> Client:
    """A client of a project of its own, with its sessions."""
    folder = sandbox.home / f"project-{number}"
    folder.mkdir()
    client = sandbox.serve(project=folder)
    for first in range(0, _SESSIONS, _AT_ONCE):
        parcels = []
        for at in range(first, first + _AT_ONCE):
            path = messages(_MESSAGES, size=_SIZE, first=(number * _SESSIONS + at) * _MESSAGES)
            parcels.append((session(f"s{at}", path), path))
        client.request("rejoinder/session/import", {"format": "json", "content": export_of(*parcels)})
    return client


def _run(client: Client, processes: list[int], numbers: "count[int]") -> dict[str, float]:
    figures = {}
    for way, params in _WAYS.items():
        before, taken = processor_seconds(processes), []
        for _ in range(_SEARCHES):
            number = next(numbers)
            texts = _WORDS if way == "words" else QUESTIONS
            began = time.monotonic()
            _search(client, texts[number % len(texts)], params)
            taken.append(1000 * (time.monotonic() - began))
        figures[way] = p95(taken)
        figures[f"{way} processor"] = 1000 * (processor_seconds(processes) - before) / _SEARCHES
    return figures


def _search(client: Client, query: str, params: dict[str, Any]) -> Any:
    return client.request("rejoinder/search", {"query": query, "sources": ["message"], **params})
