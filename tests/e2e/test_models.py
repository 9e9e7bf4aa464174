"""Models behind real HTTP: what a fault is told as, and what a request carries."""

from pathlib import Path

import pytest

from e2e.kit import Home, options_for, types_of
from fake_model import DEFAULT_TEXT, FakeModel, Reply, error_body

FAULTS = {
    "401": (Reply(status=401), -31005),
    "403": (Reply(status=403), -31005),
    "404": (Reply(status=404), -31007),
    "400": (Reply(status=400), -31007),
    "nonsense": (Reply(body=b"<html>", headers={"content-type": "text/html"}), -31007),
    "dying": (Reply(dies_after=2), -31007),
    "cut off": (Reply(finish=None, done=False, dies_after=5), -31007),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_has_its_code_and_nothing_is_lost(
    home: Home, project: Path, model: FakeModel, fault: str
) -> None:
    reply, code = FAULTS[fault]
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Before", sessionId="s")
        model.script(reply)
        error = await editor.refused("chat", text="Hello?", sessionId="s")
        assert (error["code"], types_of(editor.taken())[-1]) == (code, "end")
        assert await editor.contents("s") == ["Before", DEFAULT_TEXT]
        assert (await editor.call("chat", text="Hello?", sessionId="s"))["text"] == DEFAULT_TEXT


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_passes_is_tried_again(home: Home, project: Path, model: FakeModel, status: int) -> None:
    model.script(Reply(status=status, headers={"retry-after": "0"}))
    async with home.editor(project, model=model) as editor:
        assert (await editor.call("chat", text="Hello?"))["text"] == DEFAULT_TEXT
        told = [update["update"]["message"] for update in editor.taken() if update["update"]["type"] == "status"]
        assert any("Trying again" in message for message in told) and len(model.requests) == 2


async def test_a_silent_model_is_given_up(home: Home, project: Path, model: FakeModel) -> None:
    model.script(*[Reply(hangs_after=1)] * 9)
    async with home.editor(project, model=model, options={"timeout": 0.3}) as editor:
        assert (await editor.refused("chat", text="Hello?", sessionId="s"))["code"] == -31008
        await model.requests[0].disconnect()


async def test_nobody_at_the_address_is_told(home: Home, project: Path) -> None:
    with FakeModel() as gone:
        options = options_for(gone)
    async with home.editor(project, options=options) as editor:
        error = await editor.refused("chat", text="Hello?", sessionId="s")
        assert (error["code"], error["data"]["retryable"]) == (-31007, True)
        assert "sessions" in await editor.call("session/list")


async def test_a_prompt_that_was_too_long_is_shrunk_once(home: Home, project: Path, model: FakeModel) -> None:
    too_long = error_body("maximum context length is 100 tokens", code="context_length_exceeded")
    async with home.editor(project, model=model) as editor:
        said = [{"role": role, "content": "word " * 300} for role in ("user", "assistant") * 20]
        await editor.call("session/create", sessionId="s", messages=said)
        model.script(Reply(status=400, body=too_long))
        assert (await editor.call("chat", text="Hello?", sessionId="s", settings={}))["text"] == DEFAULT_TEXT
        model.script(*[Reply(status=400, body=too_long)] * 9)
        assert (await editor.refused("chat", text="Hello?", sessionId="s"))["code"] == -31010


async def test_a_text_that_fits_no_window_is_refused(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options={"contextTokens": 1000}) as editor:
        error = await editor.refused("chat", text="word " * 5000, sessionId="s")
        assert error["code"] == -31010 and model.requests == []


async def test_s3_02_lsp_the_settings_of_a_call_reach_the_model(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, settings={"temperature": 0.5, "maxTokens": 70}) as editor:
        given = {"temperature": 0.25, "topP": 0.5, "seed": 7, "stop": ["END"], "effort": "low"}
        await editor.call("chat", text="Hello?", settings=given)
        await editor.call("ask", text="Hello?", settings={"maxTokens": 30})
        chat, ask = (request.json for request in model.requests)
        sent = {"temperature": 0.25, "top_p": 0.5, "seed": 7, "stop": ["END"], "reasoning_effort": "low"}
        assert sent.items() <= chat.items() and chat["max_tokens"] == 70
        assert (ask["temperature"], ask["max_tokens"]) == (0.5, 30) and "seed" not in ask


async def test_the_turns_model_wins_over_the_sessions_over_the_settings(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s")
        await editor.call("session/update", sessionId="s", model="openai-compatible:second")
        await editor.call("chat", text="x", sessionId="s")
        await editor.call("chat", text="x", sessionId="s", model="openai-compatible:third")
        answer = await editor.call("chat", text="x", sessionId="s", model="extractive")
        assert [request.json["model"] for request in model.requests] == ["second", "third"]
        assert answer["model"] == "extractive"


async def test_a_named_model_has_its_own_address_and_key(home: Home, project: Path, model: FakeModel) -> None:
    table = {"model": "openai-compatible:echo", "baseUrl": model.url, "apiKeyEnv": "PROJECT_API_KEY"}
    options = {"trusted": True, "model": "mine", "models": {"mine": table}, "retrieve": False}
    async with home.editor(project, options=options, PROJECT_API_KEY="the-key") as editor:
        answer = await editor.call("chat", text="Hello?")
        assert model.requests[0].headers["authorization"] == "Bearer the-key" and "Hello?" in answer["text"]


@pytest.mark.parametrize("name", ["nonsense", "openai-compatible:", "unknown:x", "openai:x"])
async def test_a_model_that_cannot_be_used_says_how_it_could(home: Home, project: Path, name: str) -> None:
    async with home.editor(project, options={"model": name}) as editor:
        assert (await editor.refused("chat", text="Hello?", sessionId="s"))["code"] == -31004
        assert (await editor.call("session/get", sessionId="s"))["draft"] == "Hello?"
        listed = await editor.call("models")
        assert "extractive" in [item["id"] for item in listed["models"]]
