"""Runs every check: `python3 tests/run.py [pytest arguments]`.

Needs Python 3.11 or newer and a C++ compiler. Makes `.venv` beside this folder and installs into it; everything else
goes on there. With CI=true in the environment a skipped test counts as a failure.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SIDE_BY_SIDE = ["--numprocesses=2", "--dist=loadscope", "--no-loadscope-reorder"]
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")


def main() -> int:
    """Install, lint, check types, test. The exit code is the first one that is not 0."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs before anything has checked
        print("Rejoinder needs Python 3.11 or newer.", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    if not BIN.exists():
        venv.create(VENV, with_pip=True)
    steps: list[list[str]] = [
        [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[test]"],
        # as an installed package is: else each of the many processes compiles its modules anew, where Python is kept
        # from writing what it has compiled
        [python(), "-m", "compileall", "-q", "server", "clients"],
        [python(), "-m", "ruff", "check"],
        [python(), "-m", "ruff", "format", "--check"],
        [python(), "-m", "mypy"],
        [python(), "-m", "pytest", *SIDE_BY_SIDE, *sys.argv[1:]],
    ]
    for step in steps:
        print("$", " ".join(["python", *step[1:]]), flush=True)
        code = subprocess.run(step, check=False).returncode
        if code != 0:
            return code
    return 0


def python() -> str:
    """The virtual environment's interpreter."""
    return str(BIN / "python")


if __name__ == "__main__":
    sys.exit(main())
