"""Past commits as a signal, on real repositories."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.git_history import GitHistory
from rejoinder.index.git_history_log import Commit, GitLog
from rejoinder.index.git_history_store import CommitStore
from rejoinder.index.static_table import StaticTable


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **identity, **alone},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str, *paths: str, text: str = "") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("a") as file:
            file.write(f"{text or message}\n" * 5)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture(scope="module")
def table() -> StaticTable:
    return StaticTable.load()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Start", "src/wire.c", "src/other.c", "README.md")
    commit(
        folder, "Retry the handshake when a certificate expired\n\nThe proxy closed it.\n\nSecond one.", "src/wire.c"
    )
    commit(folder, "Colour the prompt", "src/other.c")
    return folder


class Counting(GitLog):
    """Tells which commits were read."""

    read: list[str]

    def commits(self, ids: Sequence[str]) -> Iterator[Commit]:
        self.read = [*getattr(self, "read", []), *ids]
        return super().commits(ids)


def opened(folder: Path, table: StaticTable, store: Path | None = None) -> tuple[GitHistory, Counting]:
    log = Counting(folder)
    log.read = []
    return GitHistory(log, CommitStore(store), Tokenizer(), table), log


def all_read(history: GitHistory) -> None:
    for _ in history.refresh():
        pass


def best(history: GitHistory, table: StaticTable, question: str) -> str | None:
    found = history.scores(Tokenizer().question(question), table.embed([question])[0])
    return max(found, key=lambda path: sum(found[path])) if found else None


def test_a_message_leads_to_the_file_that_it_was_about(project: Path, table: StaticTable) -> None:
    history = GitHistory.open(project, None, table)
    all_read(history)
    scores = history.scores(["handshak", "certificat"], table.embed(["handshake certificate"])[0])
    assert scores["src/wire.c"] == (1.0, 1.0)
    assert all(0 <= each <= 1 for pair in scores.values() for each in pair)
    assert best(history, table, "the proxy closed it") == "src/wire.c"
    assert history.scores(["second"], None) == {}
    assert best(history, table, "prompt in another colour") == "src/other.c"
    history.close()


def test_commits_are_found_themselves(project: Path, table: StaticTable) -> None:
    history = GitHistory.open(project, None, table)
    all_read(history)
    (found, score), *_ = history.commits(["colour"], table.embed(["colours of the prompt"])[0], 5)
    assert (found.subject, found.id, score) == ("Colour the prompt", git(project, "rev-parse", "HEAD"), 1.0)
    assert [change.path for change in found.changes] == ["src/other.c"]
    assert len(history.commits(["colour"], None, 5)) == 1
    history.close()


def test_a_rename_is_followed_and_a_file_that_is_gone_does_not_count(project: Path, table: StaticTable) -> None:
    git(project, "mv", "src/wire.c", "src/secure.c")
    git(project, "rm", "-q", "src/other.c")
    commit(project, "Move things")
    history = GitHistory.open(project, None, table)
    all_read(history)
    assert best(history, table, "handshake certificate") == "src/secure.c"
    assert not {"src/wire.c", "src/other.c"} & history.scores(["handshak", "colour"], None).keys()
    history.close()


def test_a_commit_of_many_files_and_a_merge_say_nothing(project: Path, table: StaticTable) -> None:
    commit(project, "Reformat gizmo", *(f"many/{number}.c" for number in range(21)))
    git(project, "checkout", "-q", "-b", "side", "HEAD~1")
    commit(project, "On the side", "side.c")
    git(project, "checkout", "-q", "main")
    git(project, "merge", "-q", "--no-ff", "-m", "Merge gadget", "side")
    history = GitHistory.open(project, None, table)
    all_read(history)
    assert history.scores(["gizmo"], None) == history.scores(["gadget"], None) == {}
    assert set(history.scores(["sid"], None)) == {"side.c"}
    history.close()


def test_only_what_is_new_is_read(project: Path, table: StaticTable, tmp_path: Path) -> None:
    history, log = opened(project, table, tmp_path / "store")
    all_read(history)
    assert len(log.read) == 3
    commit(project, "Parse the timeout", "src/timeout.c")
    log.read.clear()
    all_read(history)
    assert log.read == [git(project, "rev-parse", "HEAD")]
    assert best(history, table, "timeout") == "src/timeout.c"
    history.close()
    again, log = opened(project, table, tmp_path / "store")
    all_read(again)
    assert log.read == [] and again.count == 4
    assert best(again, table, "timeout") == "src/timeout.c"
    again.close()


def test_a_rewritten_commit_is_forgotten(project: Path, table: StaticTable, tmp_path: Path) -> None:
    history, log = opened(project, table, tmp_path / "store")
    all_read(history)
    git(project, "commit", "-q", "--amend", "-m", "Paint the shell")
    log.read.clear()
    all_read(history)
    assert log.read == [git(project, "rev-parse", "HEAD")]
    assert history.scores(["colour"], None) == {} != history.scores(["paint"], None)
    history.close()


def test_a_reading_that_was_stopped_goes_on(project: Path, table: StaticTable, tmp_path: Path) -> None:
    stream = ["commit refs/heads/long\ncommitter a <a@b.c> 1700000000 +0000\ndata 5\nbegin\n"]
    stream += [
        f"commit refs/heads/long\ncommitter a <a@b.c> {1700000000 + n} +0000\ndata {len(f'Number w{n}')}\nNumber w{n}\n"
        f"M 100644 inline f{n % 7}.c\ndata {len(str(n))}\n{n}\n"
        for n in range(1, 1200)
    ]
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=project, input="".join(stream).encode(), check=True, timeout=60
    )
    git(project, "checkout", "-q", "-f", "long")
    history, log = opened(project, table, tmp_path / "store")
    steps = history.refresh()
    assert [next(steps), next(steps)] == [1199, 1099]
    steps.close()
    assert history.count == 0
    history.close()
    again, log = opened(project, table, tmp_path / "store")
    assert next(iter(again.refresh())) == 1099
    all_read(again)
    assert len(set(log.read)) == len(log.read) == 1099
    assert again.count == 1199 and set(again.scores(["w3"], None)) == {"f3.c"}
    again.close()


def test_a_folder_within_a_repository_has_its_own_paths(project: Path, table: StaticTable) -> None:
    history = GitHistory.open(project / "src", None, table)
    all_read(history)
    assert best(history, table, "handshake") == "wire.c"
    assert "README.md" not in history.scores(["start"], None)
    history.close()


@pytest.mark.parametrize("case", ["no repository", "no commit", "no folder"])
def test_where_there_is_no_history_there_is_nothing(tmp_path: Path, table: StaticTable, case: str) -> None:
    folder = tmp_path / "folder"
    if case != "no folder":
        folder.mkdir()
    if case == "no commit":
        git(folder, "init", "-q")
    history = GitHistory.open(folder, tmp_path / "store", table)
    all_read(history)
    assert history.scores(["x"], None) == {} and history.commits(["x"], None, 3) == [] and history.count == 0
    history.close()


def test_a_repository_that_goes_away_takes_its_history_along(project: Path, table: StaticTable) -> None:
    history = GitHistory.open(project, None, table)
    all_read(history)
    (project / ".git").rename(project / "was-git")
    all_read(history)
    assert history.count == 0
    history.close()


def test_a_damaged_store_is_made_anew(project: Path, table: StaticTable, tmp_path: Path) -> None:
    history = GitHistory.open(project, tmp_path / "store", table)
    all_read(history)
    history.close()
    (tmp_path / "store" / "history.sqlite").write_bytes(b"no database at all" * 100)
    again = GitHistory.open(project, tmp_path / "store", table)
    all_read(again)
    assert again.count == 3
    again.close()


def test_messages_and_names_of_any_kind_are_read(project: Path, table: StaticTable) -> None:
    commit(project, "Odd \x1f\x1e mess\x1eage M", "src/ü b\tc\n.c", "M", "R100")
    history = GitHistory.open(project, None, table)
    all_read(history)
    assert set(history.scores(["odd"], None)) == {"src/ü b\tc\n.c", "M", "R100"}
    history.close()


def test_no_program_of_the_repository_is_run(project: Path, table: StaticTable, tmp_path: Path) -> None:
    trap, marker = tmp_path / "trap.sh", tmp_path / "was-run"
    trap.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    trap.chmod(0o700)
    for key in ("diff.external", "core.fsmonitor", "core.pager", "gpg.program", "diff.trap.textconv"):
        git(project, "config", key, str(trap))
    git(project, "config", "log.showSignature", "true")
    (project / ".gitattributes").write_text("*.c diff=trap\n")
    history = GitHistory.open(project, None, table)
    all_read(history)
    assert best(history, table, "handshake") == "src/wire.c"
    assert not marker.exists()
    history.close()
