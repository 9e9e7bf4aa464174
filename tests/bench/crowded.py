"""Another client's requests while answers stream."""

import threading
import time

from bench.client import Client
from bench.figures import Row, p95, rounds
from bench.sandbox import Sandbox

_STREAMS = 4
_PACE = 10
"""Milliseconds between two tokens of one stream."""

_TOKENS = 400
_PAUSE = 0.01
"""Seconds between two requests."""

_IDLE_REQUESTS = 300
_MARGIN = 5.0


def benchmark(runs: int) -> list[Row]:
    """One client has four answers streamed to it, another asks for a session."""
    with Sandbox() as sandbox:
        model, project = sandbox.model(), sandbox.project()
        streaming, asking = sandbox.serve(project=project, model=model), sandbox.serve(project=project, model=model)
        asking.request("rejoinder/session/create", {"sessionId": "asked"})
        _stream(streaming, tokens=1)
        figures = rounds(lambda: _run(streaming, asking), runs)
    idle, crowded = figures.median("idle"), figures.median("crowded")
    what = f"another request's p95 while {_STREAMS} sessions stream {1000 // _PACE} tokens a second each"
    return [
        Row(what=what, value=crowded, unit="ms", at_most=max(3 * idle, _MARGIN)),
        Row(what="– against idle", value=figures.ratio("crowded", "idle"), unit="×"),
        Row(what="– idle", value=idle, unit="ms"),
    ]


def _run(streaming: Client, asking: Client) -> dict[str, float]:
    idle = [_probe(asking) for _ in range(_IDLE_REQUESTS)]
    over = threading.Event()

    def stream() -> None:
        _stream(streaming, tokens=_TOKENS)
        over.set()

    thread = threading.Thread(target=stream)
    thread.start()
    crowded = []
    while not over.is_set():
        crowded.append(_probe(asking))
    thread.join()
    return {"idle": 1000 * p95(idle), "crowded": 1000 * p95(crowded)}


def _probe(client: Client) -> float:
    time.sleep(_PAUSE)
    return client.timed("rejoinder/session/get", {"sessionId": "asked"})


def _stream(client: Client, *, tokens: int) -> None:
    model = f"openai-compatible:tokens-{tokens}-{_PACE}"
    chats = [
        client.begin("rejoinder/chat", {"text": "Go on.", "sessionId": f"stream-{number}", "model": model})
        for number in range(_STREAMS)
    ]
    client.wait(*chats)
