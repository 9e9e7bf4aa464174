"""The terminal's command as a whole process."""

import os
import pty
import statistics
import subprocess
import time
from pathlib import Path

from bench.figures import Row, rounds
from bench.model import Model
from bench.sandbox import Sandbox, rejoinder

_COMMAND = ("session", "list", "--json")
_SESSIONS = 20
_TIMES = 5
_QUESTION = ("ask", "Is it so?", "--quick", "--no-retrieve", "--model", "openai-compatible:tokens-8-5")


def benchmark(runs: int) -> list[Row]:
    """From its start to its end, with an engine running and some sessions to list; and a question's first byte."""
    what = f"`rejoinder {' '.join(_COMMAND)}` as a whole process"
    with Sandbox() as sandbox:
        project = sandbox.project()
        model = sandbox.model()
        client = sandbox.serve(project=project)
        for number in range(_SESSIONS):
            client.request("rejoinder/session/create", {"name": f"Session {number}"})
        try:
            figures = rounds(lambda: _run(sandbox, project), runs)
        except subprocess.CalledProcessError as error:
            return [Row(what=what, value=None, unit="ms", at_most=200.0, note=f"exit status {error.returncode}")]
        asked = rounds(lambda: _ask(sandbox, project, model), runs)
    return [
        Row(what=what, value=figures.median("seconds") * 1000, unit="ms", at_most=200.0),
        *(
            Row(
                what=f"model's first byte to the first one of `rejoinder ask`, {where}",
                value=asked.median(where) * 1000,
                unit="ms",
                at_most=300.0,
            )
            for where in ("piped", "on a terminal")
        ),
    ]


def _run(sandbox: Sandbox, project: Path) -> dict[str, float]:
    return {"seconds": statistics.median(_seconds(sandbox, project) for _ in range(_TIMES))}


def _seconds(sandbox: Sandbox, project: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [*rejoinder(), *_COMMAND], cwd=project, env=sandbox.environment, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began


def _ask(sandbox: Sandbox, project: Path, model: Model) -> dict[str, float]:
    """Seconds from the first word that the model sends to the first one that can be read."""
    return {
        "piped": _first_word(sandbox, project, model, *os.pipe()),
        "on a terminal": _first_word(sandbox, project, model, *pty.openpty()),
    }


def _first_word(sandbox: Sandbox, project: Path, model: Model, reading: int, writing: int) -> float:
    command = [*rejoinder(), *_QUESTION, "--base-url", model.url]
    with subprocess.Popen(
        command, cwd=project, env=sandbox.environment, stdin=subprocess.DEVNULL, stdout=writing
    ) as process:
        os.close(writing)
        seen = b""
        while b"word" not in seen:
            seen += os.read(reading, 1 << 16)
        there = time.monotonic()
        _drain(reading)
        assert process.wait() == 0
    (request,) = model.news()
    return there - float(request["firstSent"])


def _drain(reading: int) -> None:
    """Read to the end, which a terminal tells by an error."""
    try:
        while os.read(reading, 1 << 16):
            pass
    except OSError:
        pass
    os.close(reading)
