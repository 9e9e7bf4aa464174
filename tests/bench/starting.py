"""From a server's start as a process to its reply to `initialize`."""

import statistics
import sys
from pathlib import Path

from bench.figures import Row, rounds
from bench.sandbox import Sandbox, rejoinder

_BARE = Path(__file__).with_name("bare_server.py")
_STARTS = 3
"""Of each kind in a round, alternating."""


def benchmark(runs: int) -> list[Row]:
    """A pygls server, `rejoinder serve` beside a running engine, and the one that starts the engine."""
    with Sandbox() as sandbox:
        sandbox.serve()
        figures = rounds(lambda: _run(sandbox), runs)
    start = "process start to `initialize` reply"
    return [
        Row(what=f"{start}, engine running / bare pygls", value=figures.ratio("pipe", "bare"), unit="×", at_most=0.3),
        Row(what=f"{start}, engine started / bare pygls", value=figures.ratio("first", "bare"), unit="×", at_most=1.6),
        Row(what="– bare pygls server", value=figures.median("bare"), unit="ms"),
    ]


def _run(sandbox: Sandbox) -> dict[str, float]:
    seconds: dict[str, list[float]] = {"bare": [], "pipe": [], "first": []}
    for _ in range(_STARTS):
        with sandbox.start(sys.executable, str(_BARE)) as bare:
            seconds["bare"].append(bare.initialize())
        with sandbox.start(*rejoinder(), "serve") as pipe:
            seconds["pipe"].append(pipe.initialize())
        with Sandbox() as fresh:
            seconds["first"].append(fresh.start(*rejoinder(), "serve").initialize())
    return {kind: statistics.median(each) * 1000 for kind, each in seconds.items()}
