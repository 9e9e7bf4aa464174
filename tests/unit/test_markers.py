"""What a test may use without being marked: fakes, and folders of its own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = """
import os
from pathlib import Path

import pytest

import llama
from fake_model import FakeModel


@pytest.mark.real_model
def test_marked():
    assert llama.is_permitted


def test_unmarked():
    with pytest.raises(RuntimeError, match="real_model"):
        llama.LlamaServer().__enter__()


def test_folders_and_keys(private_home):
    assert Path.home() == private_home and not list(private_home.glob("data/*"))
    assert "OPENAI_API_KEY" not in os.environ and "REJOINDER_MODEL" not in os.environ
"""


def run_sample(folder: Path, *arguments: str) -> str:
    sample = folder / "test_sample.py"
    sample.write_text(SAMPLE)
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "-p", "conftest"]
    outside = {"PYTHONPATH": str(ROOT / "tests"), "OPENAI_API_KEY": "a-key", "REJOINDER_MODEL": "openai:x", "CI": ""}
    command += ["-p", "no:cacheprovider", f"--rootdir={folder}", str(sample), *arguments]
    return subprocess.run(command, env={**os.environ, **outside}, capture_output=True, text=True, timeout=120).stdout


def test_s1_09_tests_use_fakes_and_private_folders_unless_marked(tmp_path: Path) -> None:
    assert "3 passed" in run_sample(tmp_path)
    assert "2 passed, 1 deselected" in run_sample(tmp_path, "-m", "not real_model")


def test_s1_09_tests_have_markers_that_are_declared_and_documented() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert "--strict-markers" in settings["addopts"]
    guide = (ROOT / "server" / "ARCHITECTURE.md").read_text("utf-8")
    for marker in settings["markers"]:
        name, _, text = marker.partition(":")
        assert text.strip() and f"`{name}`" in guide
