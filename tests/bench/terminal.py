"""The terminal's command as a whole process."""

import statistics
import subprocess
import time
from pathlib import Path

from bench.figures import Row, rounds
from bench.sandbox import Sandbox, rejoinder

_COMMAND = ("session", "list", "--json")
_SESSIONS = 20
_TIMES = 5


def benchmark(runs: int) -> list[Row]:
    """From its start to its end, with an engine running and some sessions to list."""
    what = f"`rejoinder {' '.join(_COMMAND)}` as a whole process"
    with Sandbox() as sandbox:
        project = sandbox.project()
        client = sandbox.serve(project=project)
        for number in range(_SESSIONS):
            client.request("rejoinder/session/create", {"name": f"Session {number}"})
        try:
            figures = rounds(lambda: _run(sandbox, project), runs)
        except subprocess.CalledProcessError as error:
            return [Row(what=what, value=None, unit="ms", at_most=200.0, note=f"exit status {error.returncode}")]
    return [Row(what=what, value=figures.median("seconds") * 1000, unit="ms", at_most=200.0)]


def _run(sandbox: Sandbox, project: Path) -> dict[str, float]:
    return {"seconds": statistics.median(_seconds(sandbox, project) for _ in range(_TIMES))}


def _seconds(sandbox: Sandbox, project: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [*rejoinder(), *_COMMAND], cwd=project, env=sandbox.environment, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began
