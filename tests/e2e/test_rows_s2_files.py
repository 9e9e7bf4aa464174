"""Sessions as files: cleaning up, export and import, and what becomes of damage."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Home, messages
from e2e.python_kit import program, texts
from fake_model import FakeModel
from rejoinder_client import Client, Message, RejoinderError

TOON = {
    "session_id": "my_project",
    "created_at": "2025-11-22T20:30:15",
    "messages": [
        {"role": "system", "content": "You are a helpful AI assistant."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi! How can I help?"},
    ],
}
OLD = "2001-02-03T04:05:06.000Z"


def export_with(client_or_text: str, session_id: str, **fields: Any) -> str:
    """An export whose session has other fields."""
    value = json.loads(client_or_text)
    (entry,) = [entry for entry in value["sessions"] if entry["session"]["sessionId"] == session_id]
    entry["session"] |= fields
    return json.dumps({**value, "sessions": [entry]})


async def test_s2_05_lsp_cleanup_tells_first_and_removes_only_what_is_asked_for(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="old", messages=messages("a"))
        exported = (await editor.call("session/export", format="json", sessionIds=["old"]))["content"]
        await editor.call("session/delete", sessionId="old", permanent=True)
        aged = export_with(exported, "old", createdAt=OLD, updatedAt=OLD)
        await editor.call("session/import", format="json", content=aged)
        await editor.call("session/create", sessionId="empty")
        await editor.call("session/create", sessionId="new", messages=messages("b"))

        async def listed() -> set[str]:
            return {session["sessionId"] for session in (await editor.call("session/list"))["sessions"]}

        told = await editor.call("session/cleanup", empty=True, olderThanDays=30)
        found = {candidate["sessionId"]: candidate["reason"] for candidate in told["candidates"]}
        assert (found, told["sessions"]) == ({"old": "old", "empty": "empty"}, 2)
        assert await listed() == {"old", "empty", "new"}
        await editor.call("session/cleanup", empty=True, dryRun=False)
        assert await listed() == {"old", "new"}
        await editor.call("session/cleanup", olderThanDays=30, dryRun=False)
        assert await listed() == {"new"}
        await editor.call("session/restore", sessionId="old")
        assert await editor.contents("old") == ["a"]
        assert (await editor.refused("session/cleanup", dryRun=False))["code"] == -32602


async def test_s2_05_lsp_a_limit_keeps_the_newest_messages_and_the_system_prompt(home: Home, project: Path) -> None:
    said = [{"role": "system", "content": "Be brief."}, *messages(*(str(number) for number in range(20)))]
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="long", messages=said, system="In French.")
        await editor.call("session/create", sessionId="short", messages=messages("a"))
        told = await editor.call("session/cleanup", keepMessages=4)
        assert [candidate["sessionId"] for candidate in told["candidates"]] == ["long"]
        assert len(await editor.contents("long")) == 21
        await editor.call("session/cleanup", keepMessages=4, dryRun=False)
        kept = await editor.contents("long")
        assert (kept[0], kept[-4:], len(kept) <= 5) == ("Be brief.", ["16", "17", "18", "19"], True)
        assert (await editor.call("session/get", sessionId="long"))["system"] == "In French."
        assert await editor.contents("short") == ["a"]


async def test_s2_05_lsp_nothing_goes_by_itself(fresh_home: Home, project: Path) -> None:
    async with fresh_home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a"))
        exported = (await editor.call("session/export", format="json"))["content"]
        await editor.call("session/delete", sessionId="s", permanent=True)
        aged = export_with(exported, "s", createdAt=OLD, updatedAt=OLD)
        await editor.call("session/import", format="json", content=aged)
        await editor.call("session/create", sessionId="empty")
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        listed = {session["sessionId"] for session in (await editor.call("session/list"))["sessions"]}
        assert listed == {"s", "empty"}


def test_s2_05_py_cleanup_tells_first_and_removes_only_what_is_asked_for(home: Home, project: Path) -> None:
    with program(home, project) as client:
        client.session("old", messages=[Message.user("a")])
        aged = export_with(client.sessions.export("old"), "old", createdAt=OLD, updatedAt=OLD)
        client.sessions.delete("old", permanent=True)
        client.sessions.import_(aged)
        client.session("empty")
        client.session("long", messages=[Message.system("Be brief."), *(Message.user(str(n)) for n in range(9))])
        told = client.sessions.cleanup(empty=True, older_than_days=30, keep_messages=3)
        assert {found.session_id: found.reason for found in told.candidates} == {
            **{"old": "old", "empty": "empty", "long": "long"}
        }
        assert len(client.sessions.list()) == 3
        client.sessions.cleanup(empty=True, older_than_days=30, keep_messages=3, dry_run=False)
        assert [info.session_id for info in client.sessions.list()] == ["long"]
        kept = texts(client.existing("long").messages)
        assert (kept[0], kept[-3:]) == ("Be brief.", ["6", "7", "8"]) and len(kept) <= 4
        assert {info.session_id for info in client.sessions.list(trashed=True)} == {"old", "empty"}


async def test_s2_06_lsp_a_toon_file_comes_in(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        came = await editor.call("session/import", format="json", content=json.dumps(TOON))
        assert (came["sessions"], came["messages"]) == (1, 3)
        assert await editor.contents("my_project") == [message["content"] for message in TOON["messages"]]
        session = await editor.call("session/get", sessionId="my_project")
        assert session["createdAt"].startswith("2025-11-22T")


def test_s2_06_py_export_delete_import_is_equal(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s", label="l", metadata={"a": 1}, system="Be brief.")
        first = session.run("Hello?")
        session.run("Edited", parent_id=session.messages[0].message_id)
        session.save_state({"k": [1, {"x": None}]})
        exported, said, info = client.sessions.export("s"), session.messages, session.refresh()
        assert client.sessions.delete("s", permanent=True)
        came = client.sessions.import_(exported)
        assert (came.sessions, came.messages, came.skipped) == (1, 4, 0)
        again = client.existing("s")
        assert (again.messages, again.state) == (said, {"k": [1, {"x": None}]})
        assert (again.info.metadata, again.info.created_at, again.info.label) == (info.metadata, info.created_at, "l")
        again.rollback(str(first.message_id))
        assert texts(again.messages)[0] == "Hello?"
        assert client.sessions.import_(exported).skipped == 1
        markdown = client.sessions.export("s", format="markdown")
        assert "## User\n\nHello?" in markdown and "## Assistant" in markdown
        came = client.sessions.import_(markdown)
        assert (came.sessions, came.messages) == (1, 2)


def test_s2_06_py_lists_and_toon_files_of_others_come_in(home: Home, project: Path, tmp_path: Path) -> None:
    (tmp_path / "my_project_chat.toon").write_text(json.dumps(TOON))
    (tmp_path / "export.json").write_text(json.dumps(TOON["messages"]))
    with program(home, project) as client:
        client.sessions.import_path(tmp_path / "my_project_chat.toon")
        assert texts(client.existing("my_project").messages)[1:] == ["Hello", "Hi! How can I help?"]
        assert client.sessions.import_path(tmp_path / "export.json", dry_run=True).messages == 3
        assert len(client.sessions.list()) == 1
        client.sessions.import_path(tmp_path / "export.json")
        client.sessions.save("imported", json.loads((tmp_path / "export.json").read_text()))
        assert [info.message_count for info in client.sessions.list()] == [3, 3, 3]
        with pytest.raises(RejoinderError, match="content"):
            client.sessions.import_("[5]")


def damage(home: Home, session_text: bytes) -> tuple[Path, bytes]:
    """Turn the first bytes of the last line of the file that holds a text into rubbish; the file and its content."""
    (file,) = [path for path in home.data.rglob("messages*.jsonl") if session_text in path.read_bytes()]
    *lines, last, end = file.read_bytes().split(b"\n")
    broken = b"\n".join([*lines, b"\0rubbish" + last[8:], end])
    file.write_bytes(broken)
    return file, broken


def damaged_home(client: Client) -> None:
    """Two sessions, the first with two writes."""
    session = client.session("s", messages=[Message.user("quokka one")])
    session.add(Message.user("quokka two"))
    client.session("other", messages=[Message.user("wombat")])


async def test_s2_08_lsp_the_sound_part_is_recovered_and_the_rest_goes_on(fresh_home: Home, project: Path) -> None:
    with program(fresh_home, project) as client:
        damaged_home(client)
    fresh_home.kill()
    file, broken = damage(fresh_home, b"quokka one")
    async with fresh_home.editor(project) as editor:
        assert await editor.contents("s") == ["quokka one"]
        assert await editor.contents("other") == ["wombat"]
        await editor.call("session/add", sessionId="s", messages=messages("quokka three"))
        assert await editor.contents("s") == ["quokka one", "quokka three"]
    kept = [path for path in file.parent.iterdir() if path.is_file() and path.read_bytes() == broken]
    assert kept, sorted(file.parent.iterdir())
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        assert await editor.contents("s") == ["quokka one", "quokka three"]


async def test_s2_08_lsp_the_user_is_told_which_file_is_damaged(fresh_home: Home, project: Path) -> None:
    with program(fresh_home, project) as client:
        damaged_home(client)
    fresh_home.kill()
    file, _ = damage(fresh_home, b"quokka one")
    async with fresh_home.editor(project) as editor:
        await editor.contents("s")
        told = await editor.notification("window/showMessage")
        assert str(file.parent) in told["message"] or file.name in told["message"]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_s2_08_py_a_damaged_session_is_read_as_far_as_it_is_sound(
    fresh_home: Home, project: Path, caplog: pytest.LogCaptureFixture, end: signal.Signals
) -> None:
    with program(fresh_home, project) as client:
        damaged_home(client)
    fresh_home.kill(end)
    damage(fresh_home, b"quokka one")
    with program(fresh_home, project) as client:
        session = client.existing("s")
        assert texts(session.messages) == ["quokka one"]
        session.add(Message.user("quokka three"))
        assert texts(session.messages) == ["quokka one", "quokka three"]
        assert texts(client.existing("other").messages) == ["wombat"]
    assert any("damaged" in record.getMessage() for record in caplog.records)
