"""What the terminal says to who mistypes, and where its output cannot go."""

import os
import subprocess
from pathlib import Path
from typing import TextIO

import pytest

from e2e.command import REJOINDER, Command
from e2e.kit import Home

FULL = Path("/dev/full")


@pytest.fixture
def command(home: Home, project: Path) -> Command:
    return Command(home, project)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", "--file", "pool.py:900-950", "x"], 1, "Line 900 is outside of the document"),
        (["ask", "--file", "core", "x"], 1, "The file 'core' holds no text."),
        (["ask", "--file", "/bin/sh", "x"], 2, "'/bin/sh' holds no text."),
        (["ask", "--context", "core", "x"], 2, "'core' holds no text."),
        (["ask", "--session", "what?", "x"], 3, "no ID to make one with"),
        (["search", " "], 2, "nothing to look for"),
        (["serve", "--tcp", "127.0.0.1:0"], 1, "No token was named."),
        (["serve", "--tcp", "127.0.0.1:0", "--token-env", "NOT_SET"], 1, "'NOT_SET' holds no token."),
    ],
)
def test_a_mistake_is_named_with_what_to_do(command: Command, arguments: list[str], code: int, said: str) -> None:
    (command.project / "core").write_bytes(b"\x7fELF\0\0\0\1")
    ran = command(*arguments, code=code)
    assert said in ran.err and "\nhint: " in ran.err and "Traceback" not in ran.err


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments", [["--help"], ["ask", "--help"], ["session", "list"], ["session", "list", "--json"]]
)
def test_output_that_cannot_be_written_is_an_error_of_two_lines(
    home: Home, project: Path, arguments: list[str], unbuffered: str
) -> None:
    with FULL.open("w") as full:
        ran = printing_to(full, home, project, arguments, unbuffered)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 2)
    assert "The output cannot be written: No space left on device." in ran.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--help"], ["session", "list"], ["session", "list", "--json"]])
def test_who_reads_no_more_has_seen_enough(home: Home, project: Path, arguments: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        ran = printing_to(closed, home, project, arguments, unbuffered)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_closed_streams_are_no_error(home: Home, project: Path) -> None:
    for closed in ("<&-", ">&-", "2>&-"):
        for arguments in ("chat", "session list"):
            shell = f"exec {' '.join(REJOINDER)} {arguments} </dev/null {closed}"
            ran = subprocess.run(["sh", "-c", shell], cwd=project, env=home.environment, capture_output=True, text=True)
            assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), (shell, ran.stderr)


def printing_to(
    output: TextIO, home: Home, project: Path, arguments: list[str], unbuffered: str
) -> subprocess.CompletedProcess[str]:
    """A command that writes there. Python's own buffer decides when it learns that it cannot."""
    return subprocess.run(
        [*REJOINDER, *arguments],
        cwd=project,
        env={**home.environment, "PYTHONUNBUFFERED": unbuffered},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_who_looks_into_a_store_hears_whom_it_waits_for(command: Command) -> None:
    command("session", "create", "One")
    ran = command("store", "show", "--wait", "1", code=1)
    assert ran.err.startswith("Waiting for the engine") and "in use by the engine" in ran.err
