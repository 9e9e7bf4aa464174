"""The chat page's own tests: its real bundle in a real browser, with a stand-in for VS Code around it."""

import subprocess
from pathlib import Path

import pytest

from editors.vscode.code_server import EXTENSION, TOOLS, missing

PATIENCE = 600.0


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("name", sorted(path.name for path in (EXTENSION / "test" / "page").glob("*.test.mjs")))
def test_page(name: str) -> None:
    """One file of tests, run by Node's test runner."""
    if lack := missing():
        pytest.skip(lack)
    node = TOOLS / "node-home" / "bin" / "node"
    tests = Path("test", "page", name)
    done = subprocess.run(
        [str(node), "--test", "--test-reporter=spec", str(tests)],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
