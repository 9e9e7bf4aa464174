"""Adding a long PDF as knowledge: read, cut, stored, and found."""

from pathlib import Path

from bench.figures import Row, rounds
from bench.sandbox import Sandbox
from documents_kit import make_pdf

_PAGES = 300
_LEAST = 20
_LINES = 45
_QUERY = "which crew looks after pump 16999"


def benchmark(runs: int) -> list[Row]:
    """A PDF of so many full pages; every round adds it to an engine that does not know it."""
    with Sandbox() as sandbox:
        project = sandbox.home / "documents"
        project.mkdir()
        size = _write(project / "manual.pdf")
        figures = rounds(lambda: _run(sandbox, project), runs)
    note = f"{size >> 10} KiB, {figures.median('passages'):.0f} passages"
    return [
        Row(
            what=f"adding a PDF of {_PAGES} pages, a page",
            value=figures.median("page"),
            unit="ms",
            at_most=1000 / _LEAST,
            note=note,
        ),
        Row(what="– until a first search has found it, a page", value=figures.median("found"), unit="ms"),
    ]


def _run(sandbox: Sandbox, project: Path) -> dict[str, float]:
    client = sandbox.serve(project=project)
    adding = client.timed("rejoinder/knowledge/add", {"source": "manual.pdf"})
    searching = client.timed("rejoinder/knowledge/search", {"query": _QUERY, "limit": 1})
    [item] = client.request("rejoinder/knowledge/list", {})["knowledge"]
    client.request("rejoinder/knowledge/clear", {})
    sandbox.end_engine()
    return {
        "page": 1000 * adding / _PAGES,
        "found": 1000 * (adding + searching) / _PAGES,
        "passages": float(item["chunks"]),
    }


def _write(path: Path) -> int:
    sentence = "Pump {} is oiled on day {} of each month by crew {}, who write down what they see."
    lines = [sentence.format(number, number % 28, number % 17) for number in range(_PAGES * _LINES)]
    make_pdf(path, ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)])
    return path.stat().st_size
