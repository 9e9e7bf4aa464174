"""Time on the processors for each streamed token."""

import time

from bench.client import Client
from bench.figures import Row, rounds
from bench.processes import children, processor_seconds
from bench.sandbox import Sandbox

_TOKENS = 800
_PACE = 10
"""Milliseconds between two tokens."""


def benchmark(runs: int) -> list[Row]:
    """Whole turns, from the request to the reply: prompt, retrieval, streaming and storing count, model and client not.

    Counted are the pipe, the engine and the index worker. The client of this benchmark, which decodes every message, is
    told of beside them.
    """
    with Sandbox() as sandbox:
        client = sandbox.serve(project=sandbox.project(), model=sandbox.model())
        ours = [client.process.pid, sandbox.engine(), *children(sandbox.engine())]
        figures = rounds(lambda: _run(client, ours), runs)
    what = "processor time for each streamed token"
    return [
        Row(what=f"{what}, {1000 // _PACE} a second", value=figures.median("paced"), unit="ms", at_most=0.2),
        Row(what="– as fast as the model can", value=figures.median("fast"), unit="ms"),
        Row(what="– the client's own, beside it", value=figures.median("client"), unit="ms"),
    ]


def _run(client: Client, ours: list[int]) -> dict[str, float]:
    fast = _spent(client, ours, pace=0)
    before = time.process_time()
    paced = _spent(client, ours, pace=_PACE)
    return {"paced": paced, "fast": fast, "client": 1000 * (time.process_time() - before) / _TOKENS}


def _spent(client: Client, ours: list[int], *, pace: int) -> float:
    before = processor_seconds(ours)
    _answer(client, _TOKENS, pace)
    return 1000 * (processor_seconds(ours) - before) / _TOKENS


def _answer(client: Client, tokens: int, pace: int) -> None:
    model = f"openai-compatible:tokens-{tokens}-{pace}"
    client.request("rejoinder/chat", {"text": "How is a turn stored?", "sessionId": "streaming", "model": model})
