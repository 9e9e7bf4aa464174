"""The updates of a turn: their order, what they carry, and who gets them in which way."""

import asyncio
from pathlib import Path

import pytest

from e2e.kit import Home, text_of, types_of
from fake_model import FakeModel, Gate, Reply


async def test_s3_02_lsp_updates_are_numbered_without_gaps_and_end_before_the_reply(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(thoughts=("Let me ", "see."), text="All is well."))
    async with home.editor(project, model=model) as editor:
        answer = await editor.call("chat", text="Hello?", sessionId="s")
        updates = editor.taken()
        await editor.call("models")
        assert editor.taken() == []
        assert [update["seq"] for update in updates] == list(range(len(updates)))
        assert {(update["sessionId"], update["turnId"]) for update in updates} == {("s", answer["turnId"])}
        types = types_of(updates)
        assert types[:3] == ["started", "user_message", "thought"] and types[-2:] == ["usage", "end"]
        assert types.count("end") == 1 and text_of(updates) == answer["text"] == "All is well."
        end = updates[-1]["update"]
        assert (end["stopReason"], end["messageId"]) == ("end_turn", answer["messageId"])


async def test_passages_are_told_with_their_places(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options={"retrieve": True}) as editor:
        status = await editor.call("index/status")
        while status["state"] != "ready":
            status = await editor.call("index/status")
        await editor.call("chat", text="What does ConnectionPool check?")
        context = next(update["update"] for update in editor.taken() if update["update"]["type"] == "context")
        assert context["hits"][0]["uri"] == (project / "pool.py").as_uri()
        assert "connection.ping()" in context["hits"][0]["text"]


async def test_with_ack_the_reply_comes_first(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s", ack=True)
        reply = await editor.result_of(request)
        assert editor.taken() == []
        assert reply == {"sessionId": "s", "turnId": reply["turnId"]}
        end = await editor.update("end")
        updates = editor.taken()
        assert [update["seq"] for update in [*updates, end]] == list(range(end["seq"] + 1))
        assert {update["turnId"] for update in updates} == {reply["turnId"]}


async def test_the_first_delta_goes_at_once_and_the_others_are_joined(
    home: Home, project: Path, model: FakeModel
) -> None:
    gate = model.gate()
    words = tuple(f"word{number} " for number in range(400))
    model.script(Reply(tokens=words, gate=gate))
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s")
        gate.release(2)
        assert (await editor.update("text"))["update"]["text"] == "word0 "
        gate.open()
        answer = await editor.result_of(request)
        assert answer["text"] == "".join(words).strip() or answer["text"] == "".join(words)
        assert types_of(editor.taken()).count("text") < 100


async def test_a_partial_result_token_turns_updates_into_progress(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        answer = await editor.call("chat", text="Hello?", sessionId="s", partialResultToken="mine")
        assert editor.taken() == []
        progress = editor.taken("$/progress")
        assert {item["token"] for item in progress} == {"mine"}
        values = [item["value"] for item in progress]
        assert all("kind" not in value for value in values)
        assert [value["seq"] for value in values] == list(range(len(values)))
        assert text_of(values) == answer["text"]


async def test_a_work_done_token_gets_begin_and_end(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.run("chat", text="Hello?", workDoneToken=7)
        progress = editor.taken("$/progress")
        assert [(item["token"], item["value"]["kind"]) for item in progress] == [(7, "begin"), (7, "end")]


async def test_a_plain_client_is_not_sent_what_it_does_not_know(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, handshake=None) as editor:
        await editor.run("chat", text="Hello?", sessionId="s")
        assert [message for message in editor.aside if "method" in message] == []


async def test_since_gives_what_was_missed(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="one two three", gate=gate))
    async with home.editor(project, model=model) as editor:
        turn = await editor.call("chat", text="Hello?", sessionId="s", ack=True)
        gate.release(2)
        seen = await editor.update("text")
        since = {"turnId": turn["turnId"], "seq": seen["seq"] - 1}
        opened = await editor.call("session/open", sessionId="s", since=since)
        assert opened["running"]["turnId"] == turn["turnId"]
        assert opened["running"]["updates"][0] == seen
        everything = (await editor.call("session/open", sessionId="s"))["running"]["updates"]
        assert [update["seq"] for update in everything] == list(range(len(everything)))
        gate.open()
        end = await editor.update("end")
        later = [update for update in editor.taken() if update["seq"] > everything[-1]["seq"]]
        assert [update["seq"] for update in [*later, end]] == list(range(len(everything), end["seq"] + 1))
        assert "running" not in await editor.call("session/open", sessionId="s")


async def test_a_second_turn_in_a_session_is_refused_with_the_first_ones_id(
    home: Home, project: Path, model: FakeModel
) -> None:
    gate = model.gate()
    model.script(Reply(gate=gate))
    async with home.editor(project, model=model) as editor:
        first = await editor.call("chat", text="One", sessionId="s", ack=True)
        error = await editor.refused("chat", text="Two", sessionId="s")
        assert (error["code"], error["data"]["turnId"]) == (-31003, first["turnId"])
        gate.open()
        await editor.update("end")
        await editor.call("chat", text="Two", sessionId="s")
        assert [text for text in await editor.contents("s") if len(text) == 3] == ["One", "Two"]


async def test_with_queue_turns_wait_in_their_order(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="1", gate=gate), Reply(text="2"), Reply(text="3"))
    async with home.editor(project, model=model) as editor:
        requests = [editor.send_for("chat", text=text, sessionId="s", queue=True) for text in ("One", "Two", "Three")]
        await model.next_request()
        assert await editor.call("models") and len(model.requests) == 1
        gate.open()
        assert [(await editor.result_of(request))["text"] for request in requests] == ["1", "2", "3"]
        assert await editor.contents("s") == ["One", "1", "Two", "2", "Three", "3"]


async def test_s1_08_lsp_four_sessions_stream_side_by_side_without_mixing(
    home: Home, project: Path, model: FakeModel
) -> None:
    gates = {name: model.gate() for name in ("a", "b", "c", "d")}
    async with home.editor(project, model=model) as editor:
        requests = {}
        for name, gate in gates.items():
            model.script(Reply(text=f"{name} and {name}", gate=gate))
            requests[name] = editor.send_for("chat", text=f"Say {name}!", sessionId=name)
            await model.next_request()
            gate.release(2)
        begun = {(await editor.update("text"))["sessionId"] for _ in gates}
        for gate in gates.values():
            gate.open()
        for name, request in requests.items():
            assert (await editor.result_of(request))["text"] == f"{name} and {name}"
            assert await editor.contents(name) == [f"Say {name}!", f"{name} and {name}"]
        assert begun == set(gates)
        assert all(
            set(update["update"]["text"].split()) <= {update["sessionId"], "and"}
            for update in editor.taken()
            if update["update"]["type"] == "text"
        )


async def _follow(editor, turn_id: str) -> list:
    """All updates of a turn from its first to its last, in the order in which they came."""
    updates = []
    while not updates or updates[-1]["update"]["type"] != "end":
        params = (await editor.message(lambda message: message.get("method") == "rejoinder/chat/update"))["params"]
        if params["turnId"] == turn_id:
            updates.append(params)
    return updates


@pytest.mark.parametrize("begun", ["before", "after"])
async def test_another_process_sees_a_turn_live(home: Home, project: Path, model: FakeModel, begun: str) -> None:
    gate: Gate = model.gate()
    model.script(Reply(text="one two three", gate=gate))
    async with home.editor(project, model=model) as one, home.editor(project) as two:
        await one.call("session/create", sessionId="s")
        if begun == "before":
            turn = await one.call("chat", text="Hello?", sessionId="s", ack=True)
            gate.release(2)
            await one.update("text")
        opened = await two.call("session/open", ref="s")
        assert opened["session"]["sessionId"] == "s"
        if begun == "after":
            turn = await one.call("chat", text="Hello?", sessionId="s", ack=True)
        earlier = opened["running"]["updates"] if begun == "before" else []
        following = asyncio.ensure_future(_follow(two, turn["turnId"]))
        gate.open()
        seen = earlier + await following
        assert [update["seq"] for update in seen] == list(range(len(seen)))
        assert text_of(seen) == "one two three"
        assert (await two.contents("s"))[-1] == "one two three"


async def test_after_close_a_client_is_told_no_more(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as one, home.editor(project) as two:
        await one.call("session/create", sessionId="s")
        await two.call("session/open", sessionId="s")
        await two.call("session/close", sessionId="s")
        await one.call("chat", text="Hello?", sessionId="s")
        await two.call("models")
        assert two.taken() == []


async def test_every_client_is_told_that_sessions_change(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as one, home.editor(project) as two:
        created = await one.call("session/create", sessionId="s")
        told = await two.notification("rejoinder/session/changed")
        assert told == {"projectId": created["projectId"], "sessionId": "s", "kind": "created", "revision": 0}
        await one.call("chat", text="Hello?", sessionId="s")
        while (told := await two.notification("rejoinder/session/changed"))["kind"] != "message":
            pass
        assert told["revision"] == (await two.call("session/get", sessionId="s"))["revision"]
        await one.call("session/delete", sessionId="s")
        assert (await two.notification("rejoinder/session/changed"))["kind"] == "deleted"
