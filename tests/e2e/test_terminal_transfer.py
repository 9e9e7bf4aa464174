"""What goes out of the terminal and comes in again, what is cleaned up, and where it all lies."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from e2e.command import Command
from e2e.kit import Home


@pytest.fixture
def rejoinder(home: Home, project: Path) -> Command:
    return Command(home, project)


def test_s2_04_cli_sessions_lie_in_a_folder_of_the_users_choice(rejoinder: Command, tmp_path: Path) -> None:
    chosen = ("--data-dir", str(tmp_path / "chosen"))
    rejoinder("session", "create", "--id", "mine", *chosen, REJOINDER_IDLE_SECONDS="0")
    assert "mine" in rejoinder("session", "list", *chosen, REJOINDER_IDLE_SECONDS="0").out
    assert list((tmp_path / "chosen").rglob("sessions.*"))
    assert rejoinder("session", "list").out == "No sessions found.\n"


def test_s2_05_cli_cleaning_up_shows_first_what_would_go(rejoinder: Command) -> None:
    rejoinder("session", "create", "Nothing in it", "--id", "empty")
    rejoinder(
        "session", "create", "--id", "long", "--message", "system:Rules", *(f"--message=user:{n}" for n in range(6))
    )
    wanted = ("cleanup", "--empty", "--keep-messages", "2")
    rejoinder("cleanup", code=2)
    shown = rejoinder(*wanted, "--dry-run").out
    assert "Nothing in it" in shown and "no messages" in shown and "too long" in shown
    assert rejoinder(*wanted, code=2).err.endswith("hint: Say --yes.\n")
    assert len(rejoinder.sessions()) == 2
    assert "Cleaned up: " in rejoinder(*wanted, "--yes").out
    assert list(rejoinder.sessions()) == ["long"]
    left = rejoinder.json("session", "show", "long")["messages"]
    assert [message["content"] for message in left] == ["Rules", "4", "5"]
    assert rejoinder(*wanted, "--dry-run").out == "Nothing is to be cleaned up.\n"


def test_s2_06_cli_exported_deleted_imported_and_equal(rejoinder: Command, tmp_path: Path) -> None:
    rejoinder(
        "session", "create", "Plans", "--id", "plans", "--message", "user:Go north?", "--message", "assistant:Yes."
    )
    before = rejoinder("export", "plans").out
    rejoinder("export", "plans", "-o", str(tmp_path / "plans.json"))
    rejoinder("export", "plans", "-o", str(tmp_path / "plans.json"), code=2)
    rejoinder("export", "plans", "-o", str(tmp_path / "plans.md"))
    assert "Go north?" in (tmp_path / "plans.md").read_text()
    rejoinder("session", "delete", "plans", "--permanent", "--yes")
    would = rejoinder("import", str(tmp_path / "plans.json"), "--dry-run").out
    assert "Plans" in would and would.endswith("\nWould come in: 1 session with 2 messages.\n")
    assert rejoinder("session", "list").out == "No sessions found.\n"
    rejoinder("import", str(tmp_path / "plans.json"))
    assert json.loads(rejoinder("export", "plans").out) == json.loads(before)
    assert "here already: 1" in rejoinder("import", "-", text=before).out
    came = rejoinder.json("import", str(tmp_path / "plans.md"))
    assert (came["detected"], came["sessions"], came["messages"]) == ("markdown", 1, 2)
    assert "1 session with 2 messages" in rejoinder("import", "-", text="# Y\n\n## User\n\n1\n\n## Tool\n\n2").out


def test_s2_06_cli_files_of_other_programs(rejoinder: Command, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([{"role": "user", "content": "From a list"}]))
    messages = [{"role": "system", "content": "Help."}, {"role": "user", "content": "Hello"}]
    (tmp_path / "task_chat.toon").write_text(
        json.dumps({"session_id": "coding_task", "created_at": "2025-11-22T20:30:15", "messages": messages})
    )
    came = rejoinder.json("import", str(tmp_path / "list.json"), str(tmp_path / "task_chat.toon"))
    assert (came["sessions"], came["messages"]) == (2, 3)
    shown = rejoinder.json("session", "show", "coding_task")
    assert [message["content"] for message in shown["messages"]] == ["Help.", "Hello"]
    assert rejoinder("import", str(tmp_path / "nowhere.json"), code=3).err.startswith("error: ")


def test_s5_01_cli_a_folder_with_sessions_json_and_messages_json(rejoinder: Command, tmp_path: Path) -> None:
    session_id = "f8d2a1b9-0e1f-4345-8789-0abcde1f2a3b"
    known = {
        "session_id": session_id,
        "name": "Learning Python",
        "created_at": "2024-07-19T18:00:00",
        "updated_at": "2024-07-19T18:01:05",
        "message_count": 2,
        "description": "My Python studies",
    }
    folder = tmp_path / "sessions"
    (folder / session_id).mkdir(parents=True)
    (folder / "sessions.json").write_text(json.dumps({"current_session_id": session_id, "sessions": [known]}))
    messages = [{"role": "user", "content": "What is a list?"}, {"role": "assistant", "content": "A sequence."}]
    (folder / session_id / "messages.json").write_text(json.dumps(messages))
    rejoinder("import", str(folder))
    session = rejoinder.sessions()["Learning Python"]
    assert (session["messageCount"], session["description"]) == (2, "My Python studies")
    assert "A sequence." in rejoinder("session", "show", "f8d2a1b9").out


def test_s1_10_cli_an_sqlite_database_of_sessions_and_chunks(rejoinder: Command, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "memory.db")) as database:
        database.executescript(
            """
            CREATE TABLE sessions (id TEXT PRIMARY KEY, label TEXT, created_at TIMESTAMP);
            CREATE TABLE chunks (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, source TEXT,
                created_at TIMESTAMP);
            INSERT INTO sessions VALUES ('project_a', 'The first', '2025-01-02 03:04:05');
            INSERT INTO chunks VALUES (1, 'project_a', 'user', 'hello there', 'ask', '2025-01-02 03:04:06');
            INSERT INTO chunks VALUES (2, 'project_a', 'agent', 'general', 'ask', '2025-01-02 03:04:07');
            """
        )
    rejoinder("import", str(tmp_path / "memory.db"))
    messages = rejoinder.json("history", "show", "--session", "project_a")["messages"]
    assert [(each["role"], each["content"]) for each in messages] == [("user", "hello there"), ("assistant", "general")]


def test_s2_08_cli_of_a_damaged_session_the_sound_part_is_there_and_the_user_is_told(
    fresh_home: Home, project: Path
) -> None:
    rejoinder = Command(fresh_home, project)
    rejoinder("session", "create", "--id", "hurt", "--message", "user:first")
    rejoinder("history", "add", "--session", "hurt", "user:second")
    rejoinder("session", "create", "--id", "sound", "--message", "user:whole")
    fresh_home.kill()
    (journal,) = (path for path in fresh_home.data.rglob("messages.*") if b"second" in path.read_bytes())
    journal.write_bytes(journal.read_bytes().replace(b"second", b"sec\0nd"))
    told = rejoinder("session", "show", "hurt")
    told_later = rejoinder("session", "list")
    assert "first" in told.out
    assert "damaged" in told.err + told_later.err
    assert list(fresh_home.data.rglob("*damaged*"))
    assert "whole" in rejoinder("session", "show", "sound").out


def test_a_backup_brings_everything_back(fresh_home: Home, project: Path, tmp_path: Path) -> None:
    rejoinder = Command(fresh_home, project)
    rejoinder("session", "create", "--id", "kept", "--message", "user:remember me")
    archive = str(tmp_path / "all.zip")
    assert rejoinder("backup", archive).out.startswith(f"Written to {archive}: 1 session ")
    rejoinder("backup", archive, code=1)
    rejoinder("session", "delete", "kept", "--permanent", "--yes")
    assert rejoinder.json("restore", archive)["sessions"] == 1
    assert "remember me" in rejoinder("session", "show", "kept").out


def test_projects_are_listed_and_found_again_after_a_move(rejoinder: Command, tmp_path: Path) -> None:
    rejoinder("session", "create", "--id", "travels")
    moved = rejoinder.project.rename(tmp_path / "moved")
    there = Command(rejoinder.home, tmp_path)
    assert "project " in there("project", "list").out
    (known,) = (each for each in there.json("project", "list")["projects"] if str(rejoinder.project) in each["paths"])
    there("project", "relink", known["projectId"], str(moved))
    assert "travels" in Command(rejoinder.home, moved).sessions()
    assert there("project", "trust", known["projectId"][:8]).out.startswith("Trusted: ")
    assert there("project", "distrust", known["projectId"][:8]).out.startswith("Not trusted: ")
    there("project", "trust", "no such project", code=3)


def test_settings_are_shown_with_their_source(rejoinder: Command) -> None:
    rejoinder.home.config.parent.mkdir(parents=True, exist_ok=True)
    rejoinder.home.config.write_text("trashDays = 30\n")
    try:
        shown = rejoinder("config", REJOINDER_TIMEOUT="5")
        lines = {line.split()[0]: line.split()[1:] for line in shown.out.splitlines()}
        assert lines["trashDays"] == ["30", "config.toml"]
        assert lines["timeout"][-1] == "environment"
        assert lines["retrieve"] == ["true", "default"]
        assert str(rejoinder.home.config) in shown.err
        assert [each["key"] for each in rejoinder.json("config", "trashDays")["settings"]] == ["trashDays"]
        rejoinder("config", "nosuch", code=3)
    finally:
        rejoinder.home.config.unlink()
