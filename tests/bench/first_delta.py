"""From the model's first byte to the client's first delta, against a client that reads the model directly."""

import time
from itertools import count
from typing import Any

from bench.client import Client
from bench.figures import Row, p95, rounds
from bench.model import DirectReader, Model
from bench.sandbox import Sandbox

_TURNS = 40
_MODEL = "tokens-8-5"
_QUESTION = "How does the pool check a connection before it is used again?"


def benchmark(runs: int) -> list[Row]:
    """Turns through Rejoinder and readings of the model alternate."""
    sessions = map("first-delta-{}".format, count())
    with Sandbox() as sandbox:
        model = sandbox.model()
        client = sandbox.serve(project=sandbox.project(), model=model)
        with DirectReader(model.url) as direct:
            figures = rounds(lambda: _run(client, direct, model, next(sessions)), runs)
    added = figures.median("ours") - figures.median("direct")
    what = "model's first byte to the client's first delta, p95, more than a direct reader"
    return [
        Row(what=what, value=added, unit="ms", at_most=5.0),
        Row(what="– the direct reader", value=figures.median("direct"), unit="ms"),
    ]


def _run(client: Client, direct: DirectReader, model: Model, session_id: str) -> dict[str, float]:
    ours, directly = [], []
    for _ in range(_TURNS):
        ours.append(_first_delta(client, session_id))
        directly.append(direct.first_token(_MODEL, _QUESTION))
    sent = [request["firstSent"] for request in model.news()]
    return {
        "ours": 1000 * p95([got - gone for got, gone in zip(ours, sent[0::2], strict=True)]),
        "direct": 1000 * p95([got - gone for got, gone in zip(directly, sent[1::2], strict=True)]),
    }


def _first_delta(client: Client, session_id: str) -> float:
    """When the first text of a turn was read, by the monotonic clock."""
    times: list[float] = []

    def told(method: str, params: Any) -> None:
        if method == "rejoinder/chat/update" and params["update"]["type"] == "text":
            times.append(time.monotonic())

    params = {"text": _QUESTION, "sessionId": session_id, "model": f"openai-compatible:{_MODEL}"}
    client.request("rejoinder/chat", params, told=told)
    return times[0]
