"""Everything is killed and started again: what was acknowledged is there, what was running is offered again."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from e2e.kit import Editor, Home
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder.engine.claim import read_holder


async def lose(home: Home, editor: Editor) -> None:
    """Kill the engine; its editor's pipe ends with an error, which makes an editor start it again."""
    home.kill()
    assert editor.process is not None and await editor.process.wait() == 1


async def test_the_conversation_is_there_after_everything_was_killed(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        answer = await editor.call("chat", text="Hello?")
        await editor.call("session/state/set", sessionId=answer["sessionId"], state={"a": 1})
        before = await editor.call("session/history", sessionId=answer["sessionId"])
        session = await editor.call("session/get", sessionId=answer["sessionId"])
        editor.process.kill()
        fresh_home.kill()
    async with fresh_home.editor(project, model=model) as editor:
        opened = await editor.call("session/open")
        assert (opened["session"], opened["messages"]) == (session, before["messages"])
        assert await editor.call("session/state/get", sessionId=session["sessionId"]) == {"state": {"a": 1}}
        again = await editor.call("chat", text="And then?")
        assert again["sessionId"] == answer["sessionId"]
        assert await editor.contents(again["sessionId"]) == ["Hello?", DEFAULT_TEXT, "And then?", DEFAULT_TEXT]


async def test_a_turn_that_was_running_is_offered_as_a_draft(fresh_home: Home, project: Path, model: FakeModel) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?", sessionId="s")
        gate = model.gate()
        model.script(Reply(text="one two three", gate=gate))
        editor.send_for("chat", text="Lost?", sessionId="s", turnId="t")
        gate.release(2)
        editor.taken()
        await editor.update("text")
        await lose(fresh_home, editor)
    async with fresh_home.editor(project, model=model) as editor:
        opened = await editor.call("session/open", sessionId="s")
        assert opened["session"]["draft"] == "Lost?" and "running" not in opened
        assert [message["content"] for message in opened["messages"]] == ["Hello?", DEFAULT_TEXT]
        await editor.call("chat", text="Lost?", sessionId="s", turnId="t")
        assert await editor.contents("s") == ["Hello?", DEFAULT_TEXT, "Lost?", DEFAULT_TEXT]


async def test_the_part_of_a_lost_answer_is_kept_and_marked(fresh_home: Home, project: Path, model: FakeModel) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        gate = model.gate()
        model.script(Reply(text="one two three", gate=gate))
        editor.send_for("chat", text="Lost?", sessionId="s", turnId="t")
        gate.release(2)
        await editor.update("text")
        while "interrupted" not in (await editor.call("session/get", sessionId="s"))["metadata"]:
            pass
        await lose(fresh_home, editor)
    async with fresh_home.editor(project, model=model) as editor:
        session = await editor.call("session/get", sessionId="s")
        assert session["draft"] == "Lost?" and session["metadata"]["interrupted"]["turnId"] == "t"
        assert session["metadata"]["interrupted"]["text"].startswith("one")
        await editor.call("chat", text="Lost?", sessionId="s")
        assert "interrupted" not in (await editor.call("session/get", sessionId="s"))["metadata"]


async def test_a_turn_id_counts_once_only_over_a_restart(fresh_home: Home, project: Path, model: FakeModel) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        first = await editor.call("chat", text="Hello?", sessionId="s", turnId="t")
        await editor.call("session/create", sessionId="current")
        await lose(fresh_home, editor)
    async with fresh_home.editor(project, model=model) as editor:
        for named in ({"sessionId": "s"}, {}, {"sessionId": "another"}):
            assert await editor.call("chat", text="Hello?", turnId="t", **named) == first
        assert len(model.requests) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_engine_that_is_told_to_leave_finishes_its_turns(
    fresh_home: Home, project: Path, model: FakeModel, number: signal.Signals
) -> None:
    gate = model.gate()
    model.script(Reply(text="whole", gate=gate))
    async with fresh_home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s")
        await model.next_request()
        holder = read_holder(fresh_home.data)
        assert holder is not None
        os.kill(holder.pid, number)
        gate.open()
        assert (await editor.result_of(request))["text"] == "whole"
    fresh_home.wait_until_free()
    async with fresh_home.editor(project, model=model) as editor:
        assert await editor.contents("s") == ["Hello?", "whole"]


async def test_what_was_deleted_stays_deleted_and_the_trash_is_kept(fresh_home: Home, project: Path) -> None:
    said = [{"role": "user", "content": "x"}]
    async with fresh_home.editor(project) as editor:
        for session_id in ("gone", "trashed", "kept"):
            await editor.call("session/create", sessionId=session_id, messages=said)
        await editor.call("session/delete", sessionId="gone", permanent=True)
        await editor.call("session/delete", sessionId="trashed")
        await lose(fresh_home, editor)
    async with fresh_home.editor(project) as editor:
        listed = await editor.call("session/list")
        assert [session["sessionId"] for session in listed["sessions"]] == ["kept"]
        assert (await editor.refused("session/restore", sessionId="gone"))["code"] == -31001
        await editor.call("session/restore", sessionId="trashed")
        assert await editor.contents("trashed") == ["x"]


async def test_a_kill_between_a_new_file_and_the_end_of_the_old_one_shows_the_new(
    fresh_home: Home, project: Path
) -> None:
    said = [{"role": role, "content": role} for role in ("system", "user", "assistant")]
    async with fresh_home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=said)
        fresh_home.kill(signal.SIGTERM)
    before = {path: path.read_bytes() for path in fresh_home.data.rglob("*.jsonl")}
    async with fresh_home.editor(project) as editor:
        await editor.call("session/clear", sessionId="s")
        fresh_home.kill()
    assert any(path not in before for path in fresh_home.data.rglob("messages.*.jsonl"))
    # as it was when the new file had its name, and neither the old one was gone nor the registry written
    for path in fresh_home.data.rglob("sessions.*.jsonl"):
        path.unlink()
    for path, data in before.items():
        path.write_bytes(data)
        path.chmod(0o600)
    async with fresh_home.editor(project) as editor:
        assert (await editor.call("session/list"))["sessions"][0]["messageCount"] == 1
        assert await editor.contents("s") == ["system"]


async def test_a_project_that_was_moved_with_its_repository_is_known_again(fresh_home: Home, project: Path) -> None:
    for command in (["init"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@e.org", "commit", "-m", "x"]):
        subprocess.run(["git", *command], cwd=project, check=True, capture_output=True)
    async with fresh_home.editor(project) as editor:
        created = await editor.call("session/create", sessionId="s")
    moved = project.rename(project.parent / "moved")
    async with fresh_home.editor(moved) as editor:
        assert (await editor.call("session/get", sessionId="s"))["projectId"] == created["projectId"]
