"""The terminal command as its users run it: a process for each call, one engine behind them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from e2e.kit import Home
from fake_model import FakeModel

REJOINDER = (sys.executable, "-m", "rejoinder")


class Ran(NamedTuple):
    """What a call came to."""

    code: int
    out: str
    err: str


class Command:
    """Runs commands in a project's folder."""

    def __init__(self, home: Home, project: Path) -> None:
        self.home = home
        self.project = project

    def __call__(self, *arguments: str, text: str = "", code: int = 0, **environment: str) -> Ran:
        """Run one; fails when it ends with another exit code."""
        ran = subprocess.run(
            [*REJOINDER, *arguments],
            cwd=self.project,
            env={**self.home.environment, **environment},
            input=text,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == code, (arguments, ran.returncode, ran.stdout, ran.stderr)
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def json(self, *arguments: str, text: str = "") -> Any:
        """What a command answers to programs."""
        return json.loads(self(*arguments, "--json", text=text).out)

    def sessions(self, *arguments: str) -> dict[str, Any]:
        """The listed sessions by name."""
        return {session["name"]: session for session in self.json("session", "list", *arguments)["sessions"]}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begin one whose answer is read while it comes."""
        return subprocess.Popen(
            [*REJOINDER, *arguments],
            cwd=self.project,
            env=self.home.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def asking(model: FakeModel, name: str = "fake") -> tuple[str, ...]:
    """The options that make a fake model answer."""
    return ("--model", f"openai-compatible:{name}", "--base-url", model.url, "--no-retrieve")
