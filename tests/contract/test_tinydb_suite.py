"""TinyDB's own tests pass on the journaled pair. They come from its source distribution, which no wheel holds."""

import os
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

import rejoinder

REPOSITORY = Path(__file__).parents[2]
SUITES = ("test_tinydb.py", "test_tables.py", "test_operations.py")
LEFT_OUT = ("test_tables.py::test_table_repr",)
"""It compares what is printed with the names of TinyDB's own storages."""

# pip needs the settings of the user who runs the tests; all else in them is kept away from every test
ENVIRONMENT = dict(os.environ)


@pytest.fixture
def source() -> Path:
    """The folder of TinyDB's tests, of the version that is installed."""
    name = f"tinydb-{version('tinydb')}"
    cache = REPOSITORY / ".tools" / "tinydb-sdist"
    archive = cache / f"{name}.tar.gz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--no-deps"]
        command += ["--no-binary", "tinydb", "--dest", str(cache), name.replace("-", "==")]
        subprocess.run(command, check=True, env=ENVIRONMENT)
    with tarfile.open(archive) as packed:
        packed.extractall(cache, filter="data")
    return cache / name / "tests"


def test_tinydbs_own_tests_pass(source: Path, tmp_path: Path) -> None:
    for suite in SUITES:
        shutil.copy(source / suite, tmp_path / suite)
    shutil.copy(Path(__file__).with_name("tinydb_pair.py"), tmp_path / "conftest.py")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-c", os.devnull]
    command += ["-p", "no:cacheprovider", "--junit-xml", str(tmp_path / "report.xml"), *SUITES]
    command += [f"--deselect={name}" for name in LEFT_OUT]
    environment = os.environ | {"PYTHONPATH": str(Path(rejoinder.__file__).parents[1])}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (report,) = ElementTree.parse(tmp_path / "report.xml").getroot().iter("testsuite")
    written = sum((tmp_path / suite).read_text(encoding="utf-8").count("\ndef test_") for suite in SUITES)
    assert int(report.get("tests", 0)) == written - len(LEFT_OUT)
    assert report.get("skipped") == "0"
