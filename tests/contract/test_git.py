"""The contract of a folder's version control, on real repositories."""

import os
import subprocess
from pathlib import Path

import pytest

from rejoinder.adapters.git import GitRepository


def git(folder: Path, *arguments: str, when: int = 1_700_000_000) -> str:
    identity = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": f"@{when} +0000", "GIT_COMMITTER_DATE": f"@{when} +0000"}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment = {**os.environ, **identity, **dates, **alone}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "inner").mkdir(parents=True)
    git(folder, "init", "-q")
    for number in (1, 2):
        (folder / "inner" / "a.txt").write_text(f"version {number}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"commit {number}", when=1_700_000_000 + number)
    return folder


def test_a_clone_has_the_fingerprint_of_its_origin(repository: Path, tmp_path: Path) -> None:
    root = git(repository, "rev-list", "--max-parents=0", "HEAD")
    git(tmp_path, "clone", "-q", str(repository), "clone")
    assert GitRepository().fingerprint(repository) == (root, "")
    assert GitRepository().fingerprint(tmp_path / "clone" / "inner") == (root, "inner")


def test_of_several_roots_the_oldest_counts(repository: Path) -> None:
    root = git(repository, "rev-list", "--max-parents=0", "HEAD")
    first = git(repository, "branch", "--show-current")
    git(repository, "checkout", "-q", "--orphan", "other")
    git(repository, "commit", "-q", "-m", "another root", when=1_800_000_000)
    git(repository, "merge", "-q", "--allow-unrelated-histories", "-s", "ours", "-m", "merged", first)
    assert GitRepository().fingerprint(repository) == (root, "")


def test_a_shallow_clone_has_none(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    assert GitRepository().fingerprint(tmp_path / "shallow") == (None, None)


@pytest.mark.parametrize("case", ["no repository", "no commit", "no folder", "no git", "too slow"])
def test_where_nothing_can_be_known_there_is_none(repository: Path, tmp_path: Path, case: str) -> None:
    folder, asked = repository, GitRepository()
    if case == "no repository":
        folder = tmp_path
    elif case == "no commit":
        folder = tmp_path / "fresh"
        folder.mkdir()
        git(folder, "init", "-q")
    elif case == "no folder":
        folder = tmp_path / "gone"
    elif case == "no git":
        asked = GitRepository(program=str(tmp_path / "git"))
    else:
        slow = tmp_path / "slow-git"
        slow.write_text("#!/bin/sh\nexec sleep 60\n")
        slow.chmod(0o700)
        asked = GitRepository(program=str(slow), timeout=0.05)
    assert asked.fingerprint(folder) == (None, None)
    assert asked.diff(folder, limit=100) == ""


def test_a_diff_has_what_is_staged_and_what_is_not(repository: Path) -> None:
    (repository / "inner" / "a.txt").write_text("version 3\n")
    (repository / "b.txt").write_text("staged\n")
    git(repository, "add", "b.txt")
    everything = GitRepository().diff(repository, limit=10_000)
    assert "+version 3" in everything and "+staged" in everything
    inner = GitRepository().diff(repository / "inner", limit=10_000)
    assert "+version 3" in inner and "+staged" not in inner
    assert GitRepository().diff(repository, limit=10) == everything[:10]


def test_no_program_of_the_repository_is_run_and_nothing_changed(repository: Path, tmp_path: Path) -> None:
    trap, marker = tmp_path / "trap.sh", tmp_path / "was-run"
    trap.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat \"$1\"\n")
    trap.chmod(0o700)
    for key in ("diff.external", "core.fsmonitor", "core.pager", "diff.trap.textconv", "diff.trap.command"):
        git(repository, "config", key, str(trap))
    (repository / ".gitattributes").write_text("*.txt diff=trap\n")
    file = repository / "inner" / "a.txt"
    file.write_text("version 3\n")
    index = (repository / ".git" / "index").read_bytes()
    assert "+version 3" in GitRepository().diff(repository, limit=10_000)
    assert GitRepository().fingerprint(repository)[0]
    assert not marker.exists()
    assert (repository / ".git" / "index").read_bytes() == index


def test_the_environment_of_a_hook_does_not_mislead(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert GitRepository().fingerprint(repository)[1] == ""


def test_a_renamed_file_has_its_former_names(repository: Path) -> None:
    git(repository, "mv", "inner/a.txt", "inner/b.txt")
    assert GitRepository().former_names(repository, "inner/b.txt") == ["inner/a.txt"]
    git(repository, "commit", "-q", "-m", "renamed")
    assert GitRepository().former_names(repository, "inner/b.txt") == ["inner/a.txt"]
    (repository / "inner" / "b.txt").write_text("version 2\nand more, said at once\n")
    git(repository, "commit", "-q", "-am", "changed")
    git(repository, "mv", "inner/b.txt", "inner/c d.txt")
    assert GitRepository().former_names(repository, "inner/c d.txt") == ["inner/b.txt"]
    git(repository, "commit", "-q", "-m", "again")
    assert GitRepository().former_names(repository, "inner/c d.txt") == ["inner/b.txt", "inner/a.txt"]
    assert GitRepository().former_names(repository / "inner", "c d.txt") == ["b.txt", "a.txt"]


def test_what_git_does_not_know_has_no_former_names(repository: Path, tmp_path: Path) -> None:
    (repository / "new.txt").write_text("version 2\n")
    assert GitRepository().former_names(repository, "new.txt") == []
    assert GitRepository().former_names(repository, "inner/a.txt") == []
    assert GitRepository().former_names(tmp_path, "a.txt") == []
