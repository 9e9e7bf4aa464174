"""Chat and ask over the pipe: the handshake, one turn, once only, branches, what a model is sent."""

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from e2e.kit import SECRET, Home, sent_texts, text_of, types_of
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder.protocol.methods import METHODS


async def test_the_handshake_names_version_methods_and_commands(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        capabilities = editor.result["capabilities"]
        offered = capabilities["experimental"]["rejoinder"]
        assert offered["protocolVersion"] == 1
        assert {"chat", "ask", "chat/cancel", "session/open"} <= set(offered["methods"])
        commands = {"rejoinder." + name.replace("/", ".") for name in offered["methods"]}
        assert commands == set(capabilities["executeCommandProvider"]["commands"])


async def test_what_is_declared_and_not_served_says_so(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        served = editor.result["capabilities"]["experimental"]["rejoinder"]["methods"]
        for method in METHODS:
            if method.name not in served:
                error = await editor.refused(method.name)
                assert (error["code"], "not served yet" in error["message"]) == (-32601, True)


async def test_without_a_model_the_project_is_quoted_with_file_and_line(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        answer = await editor.call("chat", text="How does the ConnectionPool check a connection?")
        assert "pool.py:" in answer["text"] and "connection.ping()" in answer["text"]
        assert answer["citations"][0]["uri"] == (project / "pool.py").as_uri()
        assert (answer["model"], answer["stopReason"]) == ("extractive", "end_turn")


async def test_a_turn_is_answered_and_remembered(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        answer = await editor.call("chat", text="Hello?")
        assert (answer["text"], answer["stopReason"]) == (DEFAULT_TEXT, "end_turn")
        page = await editor.call("session/history", sessionId=answer["sessionId"])
        question, reply = page["messages"]
        assert (question["role"], question["content"], question["source"]) == ("user", "Hello?", "chat")
        assert (reply["messageId"], reply["parentId"]) == (answer["messageId"], question["messageId"])
        assert question["turnId"] == reply["turnId"] == answer["turnId"]
        await editor.call("chat", text="And then?")
        await model.next_request()
        assert sent_texts(await model.next_request())[-3:] == ["Hello?", DEFAULT_TEXT, "And then?"]


async def test_requests_and_commands_are_the_same_thing(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        answer = await editor.run("chat", text="Hello?", sessionId="one")
        assert answer["text"] == DEFAULT_TEXT
        for name, params in [
            ("session/get", {"sessionId": "one"}),
            ("session/list", {}),
            ("session/history", {"sessionId": "one"}),
            ("config", {}),
            ("models", {}),
        ]:
            assert await editor.run(name, **params) == await editor.call(name, **params)


async def test_a_turn_id_counts_once_only(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        first = await editor.call("chat", text="Hello?", sessionId="s", turnId="t-1")
        again = await editor.call("chat", text="Hello?", sessionId="s", turnId="t-1")
        assert again == first
        assert len(model.requests) == 1
        assert len(await editor.contents("s")) == 2


async def test_a_turn_id_that_runs_is_joined(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(gate=gate))
    async with home.editor(project, model=model) as editor:
        first = editor.send_for("chat", text="Hello?", sessionId="s", turnId="t-1")
        await model.next_request()
        second = editor.send_for("chat", text="Hello?", sessionId="s", turnId="t-1")
        await editor.call("models")
        gate.open()
        assert await editor.result_of(first) == await editor.result_of(second)
        assert len(model.requests) == 1


async def test_editing_and_regenerating_make_siblings(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="one"), Reply(text="two"), Reply(text="three"))
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="First", sessionId="s")
        question = (await editor.call("session/history", sessionId="s"))["messages"][0]
        regenerated = await editor.call("chat", text="", sessionId="s", parentId=question["messageId"])
        page = (await editor.call("session/history", sessionId="s"))["messages"]
        assert [message["content"] for message in page] == ["First", "two"]
        assert len(page[1]["siblings"]) == 2 and regenerated["messageId"] in page[1]["siblings"]
        await editor.call("chat", text="Edited", sessionId="s", parentId=question["messageId"])
        page = (await editor.call("session/history", sessionId="s"))["messages"]
        assert [message["content"] for message in page] == ["Edited", "three"]
        assert len(page[0]["siblings"]) == 2
        assert (await editor.call("session/get", sessionId="s"))["messageCount"] == 2


async def test_an_unknown_parent_is_refused(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("chat", text="x", sessionId="s", parentId="nothing")
        assert (error["code"], error["data"]["id"]) == (-31018, "nothing")
        assert (await editor.call("session/get", sessionId="s"))["messageCount"] == 0


async def test_an_ask_is_stored_in_the_current_session_with_its_source(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        current = await editor.call("session/create", sessionId="here")
        answer = await editor.call("ask", text="Why?")
        assert answer["sessionId"] == current["sessionId"]
        messages = (await editor.call("session/history", sessionId="here"))["messages"]
        assert [message["source"] for message in messages] == ["ask", "ask"]


async def test_an_ask_without_a_session_looks_into_all_of_them(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        said = [{"role": "user", "content": "The zebra cache expires after nine minutes."}]
        await editor.call("session/create", sessionId="old", messages=said)
        await editor.call("session/create", sessionId="new")
        await editor.call("ask", text="When does the zebra cache expire?", retrieve=True)
        assert any("nine minutes" in text for text in sent_texts(await model.next_request()))
        await editor.call("chat", text="When does the zebra cache expire?", sessionId="new", retrieve=True)
        assert not any("nine minutes" in text for text in sent_texts(await model.next_request()))


@pytest.mark.parametrize("method", ["chat", "ask"])
async def test_s5_07_lsp_an_ephemeral_turn_leaves_no_trace(
    fresh_home: Home, project: Path, model: FakeModel, method: str
) -> None:
    model.script(Reply(text="quokka answer"))
    async with fresh_home.editor(project, model=model, arguments=["--log-level", "debug"]) as editor:
        answer = await editor.call(method, text="wombat question", sessionId="passing", ephemeral=True)
        assert (answer["text"], (await editor.call("session/list"))["sessions"]) == ("quokka answer", [])
        assert (await editor.refused("session/get", sessionId="passing"))["code"] == -31001
    written = fresh_home.everything_written()
    assert b"wombat" not in written and b"quokka" not in written


async def test_an_ask_that_is_not_to_be_remembered_leaves_history_as_it_is(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?", sessionId="s")
        before = await editor.call("session/get", sessionId="s")
        await editor.call("ask", text="Why?", sessionId="s", remember=False)
        assert await editor.call("session/get", sessionId="s") == before


@pytest.mark.parametrize("method", ["chat", "ask"])
async def test_a_preview_is_what_the_model_is_sent(home: Home, project: Path, model: FakeModel, method: str) -> None:
    (project / "AGENTS.md").write_text("Always answer in French.\n")
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Before", sessionId="s")
        await model.next_request()
        params = {
            "text": f"Look at @file:pool.py#L1-2 with {SECRET}",
            "sessionId": "s",
            "retrieve": True,
            "system": "Be brief.",
        }
        preview = await editor.call("preview", of=method, **params)
        assert len(model.requests) == 1 and preview["masked"] == 1 and preview["tokens"] <= preview["budget"]
        await editor.call(method, **params)
        assert in_one_voice((await model.next_request()).json["messages"]) == in_one_voice(preview["messages"])
        assert SECRET not in json.dumps(preview)


def in_one_voice(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Messages of one role in a row as one: a preview tells them apart, because each names its origin."""
    return [
        (role, "\n\n".join(message["content"] for message in row))
        for role, row in itertools.groupby(messages, key=lambda message: message["role"])
    ]


async def test_project_instructions_go_into_the_prompt(home: Home, project: Path, model: FakeModel) -> None:
    (project / "AGENTS.md").write_text("Always answer in French.\n")
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?")
        assert "Always answer in French." in sent_texts(await model.next_request())[0]


@pytest.mark.parametrize("action", ["explain", "fix", "test", "document"])
async def test_an_action_says_what_is_wanted(home: Home, project: Path, model: FakeModel, action: str) -> None:
    async with home.editor(project, model=model) as editor:
        attachments = [{"uri": (project / "pool.py").as_uri()}]
        await editor.call("ask", text="", action=action, attachments=attachments, remember=False)
        await editor.call("chat", text=f"/{action}", attachments=attachments, ephemeral=True)
        asked, slash = sent_texts(await model.next_request()), sent_texts(await model.next_request())
        assert asked[-1] == slash[-1] and len(asked[-1]) > 20
        assert any("connection.ping()" in text for text in asked)


async def test_a_review_takes_the_change_that_is_there(home: Home, project: Path, model: FakeModel) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    (project / "pool.py").write_text("pools = {}  # quokka\n")
    async with home.editor(project, model=model) as editor:
        await editor.call("ask", text="", action="review", remember=False)
        assert any("+pools = {}  # quokka" in text for text in sent_texts(await model.next_request()))


async def test_s3_10_lsp_a_failing_turn_leaves_history_as_it_was_and_keeps_the_text(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?", sessionId="s")
        before = await editor.call("session/history", sessionId="s")
        editor.taken()
        model.script(Reply(status=401))
        error = await editor.refused("chat", text="Once more", sessionId="s")
        updates = editor.taken()
        assert error["code"] == -31005
        assert types_of(updates)[-1] == "end" and updates[-1]["update"]["error"] == error
        assert await editor.call("session/history", sessionId="s") == before
        session = await editor.call("session/get", sessionId="s")
        assert (session["draft"], session["messageCount"]) == ("Once more", 2)
        answer = await editor.call("chat", text="Once more", sessionId="s")
        assert text_of(editor.taken()) == answer["text"]
        assert "draft" not in await editor.call("session/get", sessionId="s")


async def test_s3_10_lsp_a_model_that_dies_in_the_middle_leaves_history_as_it_was(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(dies_after=3))
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("chat", text="Hello?", sessionId="s")
        assert (error["code"], error["data"]["retryable"]) == (-31007, True)
        assert await editor.contents("s") == []


async def test_usage_adds_up(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        turns = [await editor.call("chat", text="Hello?", sessionId="s") for _ in range(2)]
        usage = (await editor.call("session/get", sessionId="s"))["usage"]
        assert usage["outputTokens"] == sum(turn["usage"]["outputTokens"] for turn in turns) > 0
