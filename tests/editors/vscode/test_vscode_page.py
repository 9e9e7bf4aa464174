"""The extension with a stand-in for VS Code around it: its chat page in a real browser, parts of its host in Node."""

import subprocess

import pytest

from editors.vscode.code_server import EXTENSION, TOOLS, missing

PATIENCE = 600.0
TESTS = EXTENSION / "test"


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("name", sorted(str(path.relative_to(TESTS)) for path in TESTS.glob("*/*.test.mjs")))
def test_page(name: str) -> None:
    """One file of tests, run by Node's test runner."""
    if lack := missing():
        pytest.skip(lack)
    node = TOOLS / "node-home" / "bin" / "node"
    done = subprocess.run(
        [str(node), "--test", "--test-reporter=spec", str(TESTS / name)],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
