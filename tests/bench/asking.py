"""From a request to the bytes at the model, in a long session with retrieval."""

import re
import time
from itertools import count
from typing import Any

from bench.client import Client
from bench.conversations import export_of, messages, session
from bench.figures import Row, p95, rounds
from bench.model import Model
from bench.sandbox import Sandbox

_MESSAGES = 10_000
_SIZE = 400
_TURNS = 30
QUESTIONS = (
    "How does the pool check a connection before it is used again?",
    "Where is the journal compacted, and what happens when the disk is full?",
    "Which thread reads the store?",
    "What does `RunningTurn.emit` join, and for how long?",
    "Why does the pipe import nothing heavy?",
)


def benchmark(runs: int) -> list[Row]:
    """Questions in turn, each with what the index and the conversation have to say to it."""
    numbers = count()
    with Sandbox() as sandbox:
        model = sandbox.model()
        client = sandbox.serve(project=sandbox.project(), model=model)
        path = messages(_MESSAGES, size=_SIZE)
        content = export_of((session("long", path), path))
        client.request("rejoinder/session/import", {"format": "json", "content": content})
        figures = rounds(lambda: _run(client, model, [next(numbers) for _ in range(_TURNS)]), runs)
    what = f"request to bytes at the model, {_MESSAGES:,}-message session"
    return [
        Row(what=f"{what}, p95", value=figures.median("p95"), unit="ms", at_most=60.0),
        Row(what="– its median", value=figures.median("median"), unit="ms"),
    ]


def _run(client: Client, model: Model, numbers: list[int]) -> dict[str, float]:
    began = [_ask(client, number) for number in numbers]
    # besides the questions there are summaries, made in the background
    arrived = [request["arrived"] for request in model.news() if _is_question(request["json"]["messages"][-1])]
    seconds = [there - here for there, here in zip(arrived, began, strict=True)]
    return {"p95": 1000 * p95(seconds), "median": 1000 * sorted(seconds)[len(seconds) // 2]}


def _is_question(message: dict[str, Any]) -> bool:
    return re.search(r"\(\d+\)\s*\Z", message["content"]) is not None


def _ask(client: Client, number: int) -> float:
    """When the request was sent, by the monotonic clock."""
    text = f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"
    began = time.monotonic()
    client.request("rejoinder/chat", {"text": text, "sessionId": "long", "model": "openai-compatible:tokens-1"})
    return began
