"""Every benchmark: `python tests/bench`. Linux only; takes about ten minutes, best on a machine that does nothing else.

Not part of the tests: what is measured depends on the machine, so the table is mostly of ratios from one run.
"""

import argparse
import compileall
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import (  # noqa: E402
    adding_documents,
    asking,
    crowded,
    first_delta,
    large,
    memory,
    nvim,
    reading,
    recalling,
    searching,
    starting,
    storing,
    streaming,
    terminal,
    vscode,
)
from bench.table import as_markdown, as_text  # noqa: E402

_BENCHMARKS = {
    module.__name__.rpartition(".")[2]: module.benchmark
    for module in (
        storing,
        starting,
        first_delta,
        asking,
        adding_documents,
        streaming,
        reading,
        recalling,
        searching,
        crowded,
        large,
        memory,
        terminal,
        nvim,
        vscode,
    )
}


def main() -> None:
    """Measure what is asked for, and print the table."""
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(_BENCHMARKS)}; all by default")
    parser.add_argument("--runs", type=int, default=5, help="how many runs the medians are of")
    parser.add_argument("--markdown", action="store_true", help="a table for a page")
    options = parser.parse_args()
    if unknown := set(options.names) - _BENCHMARKS.keys():
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    for sources in ("server", "clients"):  # as an installed package is
        compileall.compile_dir(Path(__file__).parents[2] / sources, quiet=1)
    rows = []
    for name in options.names or _BENCHMARKS:
        print(f"{name}…", file=sys.stderr, flush=True)
        rows += _BENCHMARKS[name](options.runs)
    print(as_markdown(rows) if options.markdown else as_text(rows))


if __name__ == "__main__":
    main()
