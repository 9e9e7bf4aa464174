"""How long another request takes while a first index is made, against an engine that has nothing else to do."""

from pathlib import Path

from bench.figures import p95
from bench.retrieval.bars import Bar
from bench.retrieval.trees import tree
from bench.sandbox import Sandbox, rejoinder

_REQUESTS = 300
_LEAST_MILLISECONDS = 5.0
_TIMES = 3.0


def report(cache: Path, *, anew: bool) -> list[Bar]:
    """Ask for the list of sessions again and again, first while SQLAlchemy's whole release is indexed."""
    folder = tree("sqlalchemy", stripped=False, cache=cache)
    busy: list[float] = []
    with Sandbox() as sandbox:
        client = sandbox.start(*rejoinder(), "serve")
        client.initialize(folder)
        client.request("rejoinder/session/list", {})
        while client.request("rejoinder/index/status", {})["state"] != "ready":
            busy += [1000 * client.timed("rejoinder/session/list", {}) for _ in range(20)]
        idle = [1000 * client.timed("rejoinder/session/list", {}) for _ in range(_REQUESTS)]
    bar = max(_TIMES * p95(idle), _LEAST_MILLISECONDS)
    print(f"\nsession/list, p95: {p95(busy):.1f} ms while a first index is made, {p95(idle):.1f} ms after it")
    what = "another request's p95 while a first index is made (bar: 3 times the idle one, or 5 ms)"
    return [Bar(what=what, value=p95(busy), unit=" ms", digits=1, at_most=round(bar, 1))]
