"""What a call has changed stays readable: when the model fails after it, and when the engine is killed after it."""

from pathlib import Path

import pytest

from e2e.kit import Home
from e2e.test_rows_s3_approvals import DONE, FACT, REMEMBER, begin, decide, memories
from fake_model import Call, FakeModel, Reply


async def test_a_model_that_fails_after_an_allowed_call_leaves_question_and_call(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(REMEMBER, Reply(status=401))
    async with home.editor(project, model=model) as editor, home.editor(project) as watcher:
        turn = begin(editor)
        await editor.update("approval")
        await watcher.call("session/open", sessionId="s")
        await decide(editor, "allow")
        assert (await editor.error_of(turn))["code"] == -31005
        end = (await editor.update("end"))["update"]
        assert (end["error"]["code"], end["stopReason"]) == (-31005, "cancelled")
        question, answer = (await editor.call("session/history", sessionId="s"))["messages"]
        assert (question["content"], answer["messageId"]) == ("remember it", end["messageId"])
        assert (answer["stopReason"], answer["toolCalls"][0]["status"]) == ("cancelled", "done")
        assert (await watcher.update("end"))["update"] == end
        session = await editor.call("session/get", sessionId="s")
        assert session.get("draft") is None and session["messageCount"] == 2
        # the same turn again does nothing twice
        again = await editor.call("chat", text="remember it", sessionId="s", turnId="t1", tools=["remember"])
        assert again["messageId"] == answer["messageId"]
        assert await memories(editor) == [FACT] and len(model.requests) == 2


@pytest.mark.parametrize("verdict", ["allow", "allow_session"])
async def test_an_engine_that_is_killed_after_a_call_leaves_it_too(
    fresh_home: Home, project: Path, model: FakeModel, verdict: str
) -> None:
    async with fresh_home.editor(project, model=model) as editor:
        turn_id = "t1"
        if verdict == "allow_session":
            model.script(REMEMBER, DONE)
            turn = begin(editor, turnId="t0")
            await editor.update("approval")
            await decide(editor, verdict, turnId="t0")
            await editor.result_of(turn)
        model.script(Reply(text="", calls=(Call("remember", '{"text": "More."}'),)), Reply(gate=model.gate()))
        begin(editor, turnId=turn_id)
        if verdict == "allow":
            await editor.update("approval")
            await decide(editor, verdict)
        while len(model.requests) < (4 if verdict == "allow_session" else 2):
            await model.next_request()
        fresh_home.kill()
    async with fresh_home.editor(project, model=model) as editor:
        # without opening it: whoever reads the history is told
        answer = (await editor.call("session/history", sessionId="s"))["messages"][-1]
        assert (answer["turnId"], answer["stopReason"]) == (turn_id, "cancelled")
        assert answer["toolCalls"][0]["args"] == {"text": "More."}
        assert answer["toolCalls"][0]["status"] == "done"
        assert "More." in await memories(editor)
