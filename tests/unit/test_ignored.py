"""Why a file is in the index or out of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rejoinder.index.explaining import explanation
from rejoinder.index.walk import ProjectFiles

CODE = "def acquire(): ...\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's configuration folder of our own, for git as for us."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "config" / "git").mkdir(parents=True)
    return tmp_path / "config" / "git"


@pytest.fixture(params=[True, False], ids=["git", "no git"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    if request.param:
        subprocess.run(["git", "init", "-q", str(folder)], check=True, timeout=30)
    return folder


def write(folder: Path, *names: str, text: str | bytes = CODE) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def listed(files: ProjectFiles) -> list[str]:
    return sorted(found.path for found in files.listing() if found)


def test_every_ignore_file_counts(folder: Path, home: Path) -> None:
    write(home.parent, "git/ignore", text="*.everywhere\n")
    write(folder, ".gitignore", text="# logs\n*.log\n/build/\n")
    write(folder, ".ignore", text="data/\n")
    write(folder, "deep/.rejoinderignore", text="\n*.gen.py\n!kept.gen.py\n")
    write(folder, "deep/.gitignore", text="hidden.py\n")
    write(folder, "in.py", "a.log", "build/b.py", "data/d.py", "deep/x.gen.py", "deep/kept.gen.py", "y.gen.py")
    write(folder, "deep/hidden.py", "a.everywhere", "set/s.py")
    files = ProjectFiles(folder, ["set/"])
    assert [name for name in listed(files) if "ignore" not in name] == ["deep/kept.gen.py", "in.py", "y.gen.py"]
    places = {
        "a.log": ".gitignore:2",
        "build/b.py": ".gitignore:3",
        "data/d.py": ".ignore:1",
        "deep/x.gen.py": "deep/.rejoinderignore:2",
        "deep/hidden.py": "deep/.gitignore:1",
        "set/s.py": "setting `ignore`",
        "a.everywhere": f"{home / 'ignore'}:1",
    }
    for path, place in places.items():
        indexed, reason = explanation(files, path, None)
        assert not indexed and f"({place})" in reason, (path, reason)
    assert "the pattern /build/ (" in explanation(files, "build/b.py", None)[1]
    for path in ("deep/kept.gen.py", "in.py"):
        assert explanation(files, path, None) == (True, "indexed")


def test_a_tracked_file_comes_in_though_a_pattern_names_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=30)
    write(tmp_path, "a.log", "b.log")
    subprocess.run(["git", "add", "a.log"], cwd=tmp_path, check=True, timeout=30)
    write(tmp_path, ".gitignore", text="*.log\n")
    files = ProjectFiles(tmp_path, [])
    assert "a.log" in listed(files) and "b.log" not in listed(files)
    assert explanation(files, "a.log", None)[0] and not explanation(files, "b.log", None)[0]


def test_a_changed_ignore_file_is_read_again(folder: Path) -> None:
    write(folder, "a.py")
    files = ProjectFiles(folder, [])
    assert files.accepts("a.py")
    write(folder, ".ignore", text="a.py\n")
    assert "a.py" not in listed(files) and not files.accepts("a.py")


def test_a_pattern_that_makes_no_sense_is_nothing(folder: Path) -> None:
    write(folder, ".ignore", text="!\n[\nb.py\n\udcff".encode("utf-8", "surrogateescape"))
    write(folder, "a.py", "b.py")
    files = ProjectFiles(folder, ["!", ""])
    assert "a.py" in listed(files)
    assert ".ignore:3" in explanation(files, "b.py", None)[1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (".env", CODE, "may hold secrets"),
        ("node_modules/a.js", CODE, "in a folder that is never indexed"),
        ("yarn.lock", CODE, "made by a program"),
        ("a.py", b"\0" + CODE.encode(), "binary"),
        ("a.py", b"caf\xe9\n", "not UTF-8"),
        ("a.js", "x=1;" * 9000, "minified"),
        ("a.py", "x = 1\n" * 200_000, "larger than 1 MiB"),
    ],
)
def test_what_stays_out_says_why(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    write(tmp_path, name, text=content)
    indexed, found = explanation(ProjectFiles(tmp_path, []), name, None)
    assert not indexed and reason in found


def test_what_ranks_lower_says_why(tmp_path: Path) -> None:
    write(tmp_path, "tests/test_a.py")
    write(tmp_path, "b.py", text="# @generated\n")
    files = ProjectFiles(tmp_path, [])
    assert explanation(files, "tests/test_a.py", None) == (True, "indexed, ranked lower because it is a test")
    assert explanation(files, "b.py", None) == (True, "indexed, ranked lower because a program made it")


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "folder/b.py")
    (tmp_path / "link.py").symlink_to("a.py")
    files = ProjectFiles(tmp_path, [])
    for name, reason in {"gone.py": "not there", "folder": "a folder", "link.py": "a link"}.items():
        indexed, found = explanation(files, name, None)
        assert not indexed and reason in found
    assert explanation(files, "a.py", "not indexed yet") == (False, "not indexed yet")


def test_links_that_lead_back_are_told_and_not_followed(folder: Path) -> None:
    write(folder, "deep/a.py")
    (folder / "deep" / "up").symlink_to("..")
    (folder / "round").symlink_to("round")
    (folder / "gone").symlink_to("nowhere")
    files = ProjectFiles(folder, [])
    assert listed(files) == ["deep/a.py"]
    assert files.faults.keys() == {"deep/up", "round"}


LOOKING = """
import json, pathlib, sys
from rejoinder.index.walk import ProjectFiles
files = ProjectFiles(pathlib.Path(sys.argv[1]), [])
print(json.dumps([[found.path for found in files.listing() if found], dict(files.faults)]))
"""
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""To the superuser no folder is locked, unless that right is given away."""


def test_a_folder_without_permission_is_told(folder: Path) -> None:
    write(folder, "a.py", "locked/b.py")
    (folder / "locked").chmod(0)
    try:
        command = [*WITHOUT_PRIVILEGES, sys.executable, "-c", LOOKING, str(folder)]
        found = subprocess.run(command, capture_output=True, check=True).stdout
    finally:
        (folder / "locked").chmod(0o700)
    assert json.loads(found) == [["a.py"], {"locked": "Permission denied"}]
