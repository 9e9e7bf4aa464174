"""The engine's memory after work."""

from bench.figures import Row, rounds
from bench.model import Model
from bench.processes import children, proportional_megabytes, resident_megabytes
from bench.sandbox import Sandbox

_TURNS = 100


def benchmark(runs: int) -> list[Row]:
    """A new engine in each round: a hundred turns with a model, in a project, over ten sessions."""
    with Sandbox() as sandbox:
        model = sandbox.model()
        sandbox.project()
        figures = rounds(lambda: _run(sandbox, model), runs)
    return [
        Row(what=f"engine's memory (RSS) after {_TURNS} turns", value=figures.median("rss"), unit="MB", at_most=150.0),
        Row(what="– shared pages counted in part (PSS)", value=figures.median("pss"), unit="MB"),
        Row(what="– its index worker (RSS)", value=figures.median("worker"), unit="MB"),
    ]


def _run(sandbox: Sandbox, model: Model) -> dict[str, float]:
    client = sandbox.serve(project=sandbox.project(), model=model)
    for number in range(_TURNS):
        params = {"text": f"How is turn {number} stored?", "sessionId": f"memory-{number % 10}"}
        client.request("rejoinder/chat", {**params, "model": "openai-compatible:tokens-20"})
    engine = sandbox.engine()
    figures = {
        "rss": resident_megabytes(engine),
        "pss": proportional_megabytes(engine),
        "worker": sum(map(resident_megabytes, children(engine))),
    }
    sandbox.end_engine()
    return figures
