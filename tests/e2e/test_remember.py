"""`/remember` in a conversation: the user's own way into the long-term memory, whatever client sends it."""

from pathlib import Path

import pytest

from e2e.command import REJOINDER, Command, asking
from e2e.kit import SECRET, Home, types_of
from e2e.python_kit import async_program, program
from fake_model import DEFAULT_TEXT, FakeModel
from rejoinder_client import End, Started, errors
from terminal import Terminal

NOTE = "The staging server is called Moby."


async def test_s4_02_lsp_remember_stores_the_text_and_asks_no_model(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        answer = await editor.call("chat", text=f"/remember {NOTE}", sessionId="s")
        (entry,) = (await editor.call("memory/list"))["entries"]
        assert (entry["text"], entry["kind"]) == (NOTE, "long")
        assert f"> {NOTE}" in answer["text"] and f"rejoinder memory forget {entry['memoryId']}" in answer["text"]
        assert (answer["stopReason"], answer["model"], answer["usage"]["inputTokens"]) == ("end_turn", "memory", 0)
        updates = editor.taken()
        assert types_of(updates) == ["started", "user_message", "text", "usage", "end"]
        said = (await editor.call("session/history", sessionId="s"))["messages"]
        assert [message["role"] for message in said] == ["user", "assistant"]
        assert entry["source"] == {"sessionId": "s", "messageId": said[0]["messageId"]}
        assert model.requests == []


async def test_s4_02_lsp_remember_alone_takes_the_last_answer(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        assert (await editor.refused("chat", text="/remember", sessionId="s"))["code"] == -32602
        answered = await editor.call("chat", text="Tell me something.", sessionId="s")
        await editor.call("chat", text="/remember", sessionId="s")
        (entry,) = (await editor.call("memory/list"))["entries"]
        assert entry["text"] == DEFAULT_TEXT
        assert entry["source"] == {"sessionId": "s", "messageId": answered["messageId"]}
        again = await editor.call("ask", text=" /remember ", sessionId="s")
        assert "remembered before" in again["text"]
        assert len((await editor.call("memory/list"))["entries"]) == 1
        assert len(model.requests) == 1


async def test_s4_02_lsp_remember_in_a_question_over_all_sessions(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("ask", text="Tell me something.")
        answer = await editor.call("ask", text="/remember", userId="default")
        (entry,) = (await editor.call("memory/list"))["entries"]
        assert (entry["text"], entry["source"]["sessionId"]) == (DEFAULT_TEXT, answer["sessionId"])
        await editor.call("ask", text="/remember for ann alone", userId="ann")
        assert len((await editor.call("memory/list"))["entries"]) == 1
        assert [one["text"] for one in (await editor.call("memory/list", userId="ann"))["entries"]] == ["for ann alone"]


async def test_s4_02_lsp_remember_goes_to_no_model_and_leaves_no_half(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        preview = await editor.call("preview", of="chat", text=f"/remember {NOTE}", sessionId="s")
        assert (preview["messages"], preview["tokens"]) == ([], 0)
        for params in ({"ephemeral": True}, {}):
            text = NOTE if params else "x" * 66_000
            refused = await editor.refused("chat", text=f"/remember {text}", sessionId="s", **params)
            assert refused["code"] in (-32602, -31019)
        assert (await editor.call("memory/list"))["entries"] == []
        answer = await editor.call("chat", text=f"/remember my key is {SECRET}", sessionId="s", turnId="once")
        assert await editor.call("chat", text=f"/remember my key is {SECRET}", sessionId="s", turnId="once") == answer
        (entry,) = (await editor.call("memory/list"))["entries"]
        assert SECRET not in entry["text"] + answer["text"]
        assert model.requests == []
    assert SECRET.encode() not in home.everything_written()


async def test_s4_02_lsp_what_is_forgotten_is_nowhere_any_more(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, handshake={"protocolVersion": 1}) as editor:
        await editor.call("chat", text="/remember the safe is behind the almanac", sessionId="s")
        await editor.call("transcript/open", sessionId="s")
        await editor.call("session/fork", sessionId="s", newSessionId="fork")
        (entry,) = (await editor.call("memory/list"))["entries"]
        assert b"almanac" in home.everything_written()
        await editor.call("memory/delete", memoryId=entry["memoryId"])
        assert b"almanac" not in home.everything_written()
        # open pages are told that what they show is not what is stored
        await editor.message(lambda each: each.get("params", {}).get("rewritten") is True)
        said = [one["content"] for one in (await editor.call("session/history", sessionId="s"))["messages"]]
        assert "forgotten" in said[0] and "taken out" in said[1]
        exported = (await editor.call("session/export", format="json"))["content"]
        assert "almanac" not in exported and "fork" in exported


async def test_s4_02_lsp_remember_is_proposed(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        items = (await editor.call("complete", text="/rem", offset=4))["items"]
        assert [(item["label"], item["insertText"]) for item in items] == [("/remember", "/remember ")]


def test_s4_02_py_remember_is_a_turn_like_any_other(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s")
        started, *_, end = session.stream(f"/remember {NOTE}")
        assert isinstance(started, Started) and started.model == "memory"
        assert isinstance(end, End) and end.stop_reason == "end_turn"
        assert [entry.text for entry in client.memory.list()] == [NOTE]
        assert "Moby" in str(client.ask("/remember Moby has two disks"))
        assert len(session.messages) >= 2 and model.requests == []
        with pytest.raises(errors.InvalidParams):
            client.ask("/remember", remember=False)


async def test_s4_02_py_memory_that_is_off_remembers_nothing(home: Home, project: Path) -> None:
    async with async_program(home, project) as client:
        session = await client.session("s", memory_config={"provider": "none"})
        with pytest.raises(errors.InvalidParams):
            await session.run(f"/remember {NOTE}")
        with pytest.raises(errors.InvalidParams):
            await session.remember(NOTE)
        assert await client.memory.list() == await session.search_memory("staging") == []


def test_s4_02_cli_remember_with_ask_and_from_a_pipe(home: Home, project: Path, model: FakeModel) -> None:
    run = Command(home, project)
    assert "Remembered for this project" in run("ask", f"/remember {NOTE}", *asking(model)).out
    out = run("chat", *asking(model), text="Tell me something.\n/remember\n").out
    assert DEFAULT_TEXT in out and "Remembered for this project" in out
    assert [entry["text"] for entry in run.json("memory", "list")["entries"]] == [DEFAULT_TEXT, NOTE]
    assert len(model.requests) == 1


def test_s4_02_cli_remember_on_a_terminal(home: Home, project: Path, model: FakeModel) -> None:
    run = Command(home, project)
    command = (*REJOINDER, "chat", *asking(model), "--new", "Notes")
    with Terminal(command, folder=project, environment=home.environment) as terminal:
        terminal.wait_for("Notes ›")
        terminal.type(f"/remember {NOTE}\r")
        terminal.wait_for("Remembered for this project")
        terminal.type("/help\r")
        terminal.wait_for("/remember")
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
    assert [entry["text"] for entry in run.json("memory", "list")["entries"]] == [NOTE]
