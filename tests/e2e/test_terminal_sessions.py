"""Sessions from the terminal, each command a process of its own."""

from pathlib import Path

import pytest

from e2e.command import REJOINDER, Command, asking
from e2e.kit import Home
from fake_model import FakeModel
from terminal import Terminal


@pytest.fixture
def rejoinder(home: Home, project: Path) -> Command:
    return Command(home, project)


def test_s1_01_cli_a_session_is_made_by_its_first_use(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("ask", "hello", "--session", "bugfix2", *asking(model))
    rejoinder("chat", "--session", "draft3", *asking(model), text="hello\n")
    rejoinder("session", "update", "draft3", "--label", "the novel")
    assert {name: session["messageCount"] for name, session in rejoinder.sessions().items()} == {
        "bugfix2": 2,
        "draft3": 2,
    }
    table = rejoinder("session", "list").out
    assert "LABEL" in table and "the novel" in table
    assert rejoinder("session", "show", "the novel", "--json").out.count("draft3")


def test_s1_01_cli_the_home_folder_is_no_project_and_has_the_session_default(
    home: Home, rejoinder: Command, model: FakeModel
) -> None:
    at_home = Command(home, home.root)
    at_home("ask", "hello", *asking(model))
    assert [session["sessionId"] for session in at_home.json("session", "list")["sessions"]] == ["default"]
    assert rejoinder("session", "list").out == "No sessions found.\n"


def test_s1_02_cli_history_shows_role_source_and_time_after_a_restart(rejoinder: Command, model: FakeModel) -> None:
    rejoinder("chat", "--session", "s1", *asking(model), text="first\n")
    rejoinder("ask", "second", "--session", "s1", *asking(model))
    rejoinder.home.kill()
    messages = rejoinder.json("history", "show", "--session", "s1")["messages"]
    assert [(each["role"], each["source"]) for each in messages] == [
        ("user", "chat"),
        ("assistant", "chat"),
        ("user", "ask"),
        ("assistant", "ask"),
    ]
    assert all(each["createdAt"].endswith("Z") or "+00:00" in each["createdAt"] for each in messages)
    shown = rejoinder("history", "show", "--session", "s1", "--limit", "2").out
    assert "[user, ask, 20" in shown and "second" in shown and "first" not in shown


def test_s1_06_cli_history_of_one_session_and_of_all(rejoinder: Command) -> None:
    for name in ("plans", "notes"):
        rejoinder("session", "create", name, "--id", name, "--message", f"user:{name}", "--message", "assistant:yes")
    summary = rejoinder.json("history", "summary", "--session", "plans")
    assert "plans" in summary["summary"] and len(summary["covers"]) == 2
    assert "plans" in rejoinder("history", "summary", "--session", "plans").out
    refused = rejoinder("history", "clear", "--session", "plans", code=2)
    assert refused.err == "error: Nobody is there to be asked.\nhint: Say --yes.\n"
    rejoinder("history", "clear", "--session", "plans", "--yes")
    assert [each["messageCount"] for each in rejoinder.sessions().values()].count(2) == 1
    rejoinder("history", "clear", "--all", code=2)
    assert rejoinder("history", "clear", "--all", "--yes").out == "Cleared: 2 sessions, 2 messages\n"
    assert {each["messageCount"] for each in rejoinder.sessions().values()} == {0}


def test_s2_01_cli_save_load_list_exists_and_delete(rejoinder: Command) -> None:
    rejoinder("session", "show", "project_a", code=3)
    rejoinder("session", "create", "--id", "project_a", "--message", "user:Hello", "--message", "assistant:Hi!")
    assert "project_a" in rejoinder("session", "list").out
    shown = rejoinder("session", "show", "project_a").out
    assert "Hello" in shown and "Hi!" in shown
    rejoinder("session", "delete", "project_a", "--yes")
    rejoinder("session", "show", "project_a", code=3)
    assert "project_a" in rejoinder("session", "list", "--trash").out
    rejoinder("session", "restore", "project_a")
    rejoinder("session", "show", "project_a")


def test_s2_02_cli_a_session_has_id_messages_metadata_and_times(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "m1", "--message", "user:Hello", "--metadata", "team=blue")
    rejoinder("session", "update", "m1", "--metadata", "customer=7")
    shown = rejoinder.json("session", "show", "m1")
    assert shown["session"]["sessionId"] == "m1"
    assert shown["session"]["metadata"] == {"team": "blue", "customer": "7"}
    assert shown["session"]["createdAt"] <= shown["session"]["updatedAt"]
    assert [message["content"] for message in shown["messages"]] == ["Hello"]
    text = rejoinder("session", "show", "m1").out
    for line in ("ID", "messages", "created", "updated", "metadata"):
        assert f"\n{line} " in text


def test_s2_07_cli_messages_by_hand_and_a_system_prompt_that_stays(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "hand", "--system", "Be brief.", "--message", "system:You know birds.")
    rejoinder("history", "add", "--session", "hand", "user:What is a wren?", "assistant:A small bird.")
    assert rejoinder.json("session", "show", "hand")["session"]["messageCount"] == 3
    rejoinder("session", "clear", "hand", "--yes")
    cleared = rejoinder.json("session", "show", "hand")
    assert cleared["session"]["system"] == "Be brief."
    assert [message["role"] for message in cleared["messages"]] == ["system"]
    rejoinder("history", "add", "--session", "hand", "bird:chirp", code=2)


def test_s3_01_cli_a_session_with_its_own_id_system_prompt_and_messages(rejoinder: Command, model: FakeModel) -> None:
    rejoinder(
        *("session", "create", "--id", "tutor", "--system", "You teach."),
        *("--message", "user:My name is Alice.", "--message", "assistant:Hello Alice."),
    )
    rejoinder("ask", "What is my name?", "--session", "tutor", *asking(model))
    sent = [message["content"] for message in model.requests[0].json["messages"]]
    assert "You teach." in sent[0]
    assert "My name is Alice." in sent and "Hello Alice." in sent


def test_s3_05_cli_a_fork_from_the_end_and_from_a_message(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "trunk", *(f"--message=user:{number}" for number in range(4)))
    messages = rejoinder.json("session", "show", "trunk")["messages"]
    rejoinder("session", "fork", "trunk", "--id", "whole")
    rejoinder("session", "fork", "trunk", "--id", "part", "--at", messages[1]["messageId"], "--name", "A part")
    rejoinder("history", "add", "--session", "part", "user:more")
    counts = {each["sessionId"]: each["messageCount"] for each in rejoinder.sessions().values()}
    assert counts == {"trunk": 4, "whole": 4, "part": 3}
    assert rejoinder.json("session", "show", "part")["session"]["forkedFrom"]["sessionId"] == "trunk"


def test_s3_09_cli_a_new_session_starts_from_a_summary(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "long", *(f"--message=user:The number {n} is odd." for n in range(6)))
    rejoinder("session", "fork", "long", "--summary", "--id", "fresh")
    fresh = rejoinder.json("session", "show", "fresh")
    assert len(fresh["messages"]) == 1
    assert "odd" in fresh["messages"][0]["content"]
    assert rejoinder.json("session", "show", "long")["session"]["messageCount"] == 6


def test_s5_01_cli_a_table_of_sessions_with_names_and_descriptions(rejoinder: Command) -> None:
    assert rejoinder("session", "list").out == "No sessions found.\n"
    created = rejoinder("session", "create", "Pegasus", "--description", "Plans for a horse").out
    assert created.startswith("Created, and now the current session: Pegasus (")
    session_id = rejoinder.sessions()["Pegasus"]["sessionId"]
    rejoinder("session", "create")
    header, dated, pegasus = rejoinder("session", "list").out.splitlines()
    assert header.split() == ["ID", "NAME", "MESSAGES", "UPDATED", "DESCRIPTION"]
    assert dated.startswith("●") and " 20" in dated
    assert pegasus.split()[:3] == [session_id[:8], "Pegasus", "0"]
    assert pegasus.endswith("Plans for a horse")
    rejoinder("session", "use", session_id[:8])
    assert rejoinder.sessions()["Pegasus"]["current"]
    rejoinder("session", "update", "Pegasus", "--name", "Horse", "--description", "Wings")
    assert rejoinder.sessions()["Horse"]["description"] == "Wings"
    rejoinder("session", "rename", "Horse", "Steed")
    rejoinder("session", "delete", "Steed", code=2)
    assert rejoinder("session", "delete", "Steed", "--yes").out.startswith("Moved to the trash: Steed (")
    assert "Steed" not in rejoinder.sessions()


def test_s5_02_cli_the_current_session_is_remembered_for_each_project(
    rejoinder: Command, tmp_path: Path, model: FakeModel
) -> None:
    elsewhere = Command(rejoinder.home, tmp_path / "other")
    elsewhere.project.mkdir()
    rejoinder("session", "create", "--id", "here")
    elsewhere("session", "create", "--id", "there")
    rejoinder.home.kill()
    rejoinder("chat", *asking(model), text="hello\n")
    elsewhere("ask", "--continue", "hello", *asking(model))
    assert {name: each["messageCount"] for name, each in rejoinder.sessions().items()} == {"here": 2}
    assert {name: each["messageCount"] for name, each in elsewhere.sessions().items()} == {"there": 2}


def test_s5_03_cli_a_session_is_named_by_id_beginning_or_name(rejoinder: Command) -> None:
    rejoinder("session", "create", "Twins", "--id", "twin-one")
    rejoinder("session", "create", "Twins", "--id", "twin-two")
    for ref in ("twin-one", "twin-o"):
        assert rejoinder.json("session", "show", ref)["session"]["sessionId"] == "twin-one"
    for ref in ("Twins", "twin"):
        ambiguous = rejoinder("session", "show", ref, code=3).err
        assert "  twin-one  Twins\n" in ambiguous and "  twin-two  Twins\n" in ambiguous
    rejoinder("session", "rename", "twin-two", "Other")
    assert rejoinder.json("session", "show", "Twins")["session"]["sessionId"] == "twin-one"


def test_s5_04_cli_count_and_time_are_kept_with_the_session(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "counted", "--message", "user:one")
    before = rejoinder.sessions()["counted"]
    rejoinder("history", "add", "--session", "counted", "assistant:two")
    after = rejoinder.sessions()["counted"]
    assert (before["messageCount"], after["messageCount"]) == (1, 2)
    assert before["updatedAt"] < after["updatedAt"]


def test_s5_05_cli_after_the_current_session_the_latest_one_is_it(rejoinder: Command) -> None:
    for name in ("oldest", "latest", "current"):
        rejoinder("session", "create", "--id", name)
    assert rejoinder("session", "delete", "current", "--yes").out.endswith("\nCurrent session: latest (latest)\n")
    assert rejoinder.sessions()["latest"]["current"]


def test_s5_06_cli_deleting_for_good_leaves_nothing(rejoinder: Command) -> None:
    rejoinder("session", "create", "--id", "gone", "--message", "user:A xylophone stands in the attic.")
    assert "xylophone" in rejoinder("index", "search", "xylophone", "--source", "message").out
    assert b"xylophone" in rejoinder.home.everything_written()
    rejoinder("session", "delete", "gone", "--permanent", "--yes")
    assert rejoinder("index", "search", "xylophone", "--source", "message").out == "Nothing was found.\n"
    assert b"xylophone" not in rejoinder.home.everything_written()


def test_pinned_and_archived_sessions(rejoinder: Command) -> None:
    for name in ("first", "second", "third"):
        rejoinder("session", "create", "--id", name)
    rejoinder("session", "pin", "first")
    rejoinder("session", "archive", "second")
    assert list(rejoinder.sessions()) == ["first", "third"]
    assert "★ first" in rejoinder("session", "list").out
    assert list(rejoinder.sessions("--archived")) == ["second"]
    rejoinder("session", "unpin", "first")
    rejoinder("session", "unarchive", "second")
    assert not rejoinder.sessions()["first"]["pinned"]
    assert "second" in rejoinder.sessions()


def test_nothing_is_deleted_without_a_yes(rejoinder: Command) -> None:
    rejoinder("session", "create", "Precious", "--id", "precious", "--message", "user:one")
    call = [*REJOINDER, "session", "delete", "Precious"]
    for answer, said, code in (("n", "Nothing was changed.", 1), ("y", "Moved to the trash: Precious (precious)", 0)):
        assert "Precious" in rejoinder.sessions()
        with Terminal(call, folder=rejoinder.project, environment=rejoinder.home.environment) as terminal:
            terminal.wait_for("Delete Precious (1 message) to the trash? [y/N]")
            terminal.type(f"{answer}\r")
            assert terminal.wait_for_end() == code
            assert said in terminal.text
    assert "Precious" not in rejoinder.sessions()
