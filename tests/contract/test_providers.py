"""Anthropic's and Google's APIs over real HTTP: what is sent, what comes back, and every fault in between."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

import rejoinder.adapters
from fake_model import FakeModel, Reply
from models_kit import KEY_VARIABLE, MODELS, named, text_of
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.retrying_model import RetryPolicy
from rejoinder.domain.errors import (
    ContextTooLarge,
    ModelAuth,
    ModelNotConfigured,
    ModelRateLimited,
    ModelTimeout,
    ModelUnavailable,
    RejoinderError,
)
from rejoinder.domain.prompt import (
    Finished,
    ModelEvent,
    ModelSettings,
    Prompt,
    PromptMessage,
    Retrying,
    TextDelta,
    ThoughtDelta,
)
from rejoinder.services.model_ports import ModelChoice

KEY = "sk-this-key-must-not-be-told-to-anyone"
MESSAGES = (
    PromptMessage("system", "Be brief."),
    PromptMessage("user", "One?"),
    PromptMessage("assistant", "One."),
    PromptMessage("user", "A passage."),
    PromptMessage("user", "Two?"),
)
PROMPT = Prompt(messages=MESSAGES, question="Two?", stable=3)


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    retry = RetryPolicy(first_delay=0.001, longest_delay=0.5)
    found = ModelCatalogue(environment={KEY_VARIABLE: KEY}, remembered=RememberedModels(tmp_path), retry=retry)
    yield found
    await found.close()


@pytest.fixture(params=["anthropic", "google"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at(server: FakeModel, provider: str, **more: Any) -> ModelChoice:
    return named(MODELS[provider], server.root, apiKeyEnv=KEY_VARIABLE, **more)


async def answer(
    catalogue: ModelCatalogue, choice: ModelChoice, settings: ModelSettings | None = None
) -> list[ModelEvent]:
    return [event async for event in catalogue.get(choice).stream(PROMPT, settings or ModelSettings())]


async def fault(catalogue: ModelCatalogue, choice: ModelChoice) -> RejoinderError:
    with pytest.raises(RejoinderError) as caught:
        await answer(catalogue, choice)
    assert caught.value.hint
    return caught.value


async def test_thoughts_text_usage_and_end(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    server.script(Reply(thoughts=("Let me ", "think."), text="All is well.", cached=9))
    events = await answer(catalogue, at(server, provider))
    assert (text_of(events, ThoughtDelta), text_of(events)) == ("Let me think.", "All is well.")
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason == "end_turn"
    assert events[-1].usage is not None
    told = len(orjson.dumps(server.requests[0].json)) // 4
    usage = events[-1].usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (told, 5, 9)


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_tokens"), ("content_filter", "refusal")])
async def test_reasons_for_the_end_of_an_answer(
    server: FakeModel, catalogue: ModelCatalogue, provider: str, finish: str, reason: str
) -> None:
    server.script(Reply(finish=finish))
    events = await answer(catalogue, at(server, provider))
    assert isinstance(events[-1], Finished) and events[-1].stop_reason == reason


async def test_what_anthropic_is_sent(server: FakeModel, catalogue: ModelCatalogue) -> None:
    everything = ModelSettings(temperature=0.5, max_tokens=7000, top_p=0.5, stop=("END",))
    await answer(catalogue, at(server, "anthropic"), everything)
    request = server.requests[0]
    assert request.path.startswith("/v1/messages") and request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json["system"] == [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    texts = [[block["text"] for block in message["content"]] for message in request.json["messages"]]
    assert texts == [["One?"], ["One."], ["A passage.", "Two?"]]
    assert [message["role"] for message in request.json["messages"]] == ["user", "assistant", "user"]
    # what stays as it is in the next turn is marked, what belongs to this turn alone is not
    marks = [["cache_control" in block for block in message["content"]] for message in request.json["messages"]]
    assert marks == [[False], [True], [False, False]]
    wanted = {"temperature": 0.5, "max_tokens": 7000, "top_p": 0.5, "stop_sequences": ["END"]}
    assert wanted.items() <= request.json.items()


async def test_what_google_is_sent(server: FakeModel, catalogue: ModelCatalogue) -> None:
    everything = ModelSettings(temperature=0.5, max_tokens=7000, top_p=0.5, seed=3, stop=("END",))
    await answer(catalogue, at(server, "google"), everything)
    request = server.requests[0]
    assert "gemini-2.5-flash:streamGenerateContent" in request.path and request.headers["x-goog-api-key"] == KEY
    assert KEY not in request.path
    assert request.json["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    texts = [(content["role"], [part["text"] for part in content["parts"]]) for content in request.json["contents"]]
    assert texts == [("user", ["One?"]), ("model", ["One."]), ("user", ["A passage.\n\nTwo?"])]
    wanted = {"temperature": 0.5, "maxOutputTokens": 7000, "topP": 0.5, "seed": 3, "stopSequences": ["END"]}
    assert wanted.items() <= request.json["generationConfig"].items()


async def test_effort_asks_for_thoughts(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    await answer(catalogue, at(server, provider), ModelSettings(effort="low"))
    await answer(catalogue, at(server, provider), ModelSettings(effort="high"))
    await answer(catalogue, at(server, provider, effort="high"))
    if provider == "anthropic":
        low, high, table = (request.json["thinking"]["budget_tokens"] for request in server.requests)
    else:
        configs = [request.json["generationConfig"]["thinkingConfig"] for request in server.requests]
        assert all(config["include_thoughts"] for config in configs)
        low, high, table = (config["thinking_budget"] for config in configs)
    assert low < high == table


async def test_a_server_learns_nothing_of_the_machine(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    await answer(catalogue, at(server, provider))
    headers = server.requests[0].headers
    assert headers["user-agent"] == "rejoinder"
    assert not [name for name in headers if name.startswith(("x-stainless-", "x-goog-api-client"))]


@pytest.mark.parametrize("status", [429, 500, 529, 503])
async def test_passing_failures_of_a_provider_are_tried_again(
    server: FakeModel, catalogue: ModelCatalogue, provider: str, status: int
) -> None:
    server.script(Reply(status=status), Reply(status=status), Reply(text="At last."))
    events = await answer(catalogue, at(server, provider))
    assert [event.attempt for event in events if isinstance(event, Retrying)] == [1, 2]
    assert text_of(events) == "At last."


async def test_faults_of_a_provider(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    choice = at(server, provider)
    server.script(Reply(status=401), *[Reply(status=429, headers={"retry-after": "0"})] * 3, *[Reply(status=529)] * 3)
    assert isinstance(await fault(catalogue, choice), ModelAuth)
    limited = await fault(catalogue, choice)
    assert isinstance(limited, ModelRateLimited)
    overloaded = await fault(catalogue, choice)
    assert isinstance(overloaded, ModelUnavailable) and overloaded.data["retryable"]
    server.script(Reply(status=404), Reply(status=400))
    missing, refused = await fault(catalogue, choice), await fault(catalogue, choice)
    assert isinstance(missing, ModelUnavailable) and not missing.data["retryable"]
    assert isinstance(refused, ModelUnavailable) and "as the test asks" in refused.message


TOO_LONG = {
    "anthropic": b'{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}',
    "google": b'{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"The input token count (9) exceeds the '
    b'maximum number of tokens allowed (8)."}}',
}


async def test_a_prompt_that_is_too_long_for_a_provider(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    server.script(Reply(status=400, body=TOO_LONG[provider]))
    assert isinstance(await fault(catalogue, at(server, provider)), ContextTooLarge)


async def test_a_key_that_google_does_not_know(server: FakeModel, catalogue: ModelCatalogue) -> None:
    details = b'[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]'
    body = b'{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":%b}}' % details
    server.script(Reply(status=400, body=body))
    assert isinstance(await fault(catalogue, at(server, "google")), ModelAuth)


async def test_overload_within_a_stream(server: FakeModel, catalogue: ModelCatalogue) -> None:
    data = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    server.script(*[Reply(body=data, headers={"content-type": "text/event-stream"})] * 3)
    error = await fault(catalogue, at(server, "anthropic"))
    assert isinstance(error, ModelUnavailable) and error.data["retryable"]


async def test_silence_of_a_provider_is_a_time_out(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    server.script(Reply(hangs_after=1))
    assert isinstance(await fault(catalogue, at(server, provider, timeout=0.3)), ModelTimeout)


@pytest.mark.parametrize(
    "reply",
    [Reply(body=b"<html>", headers={"content-type": "text/html"}), Reply(dies_after=2), Reply(body=b"")],
    ids=["html", "dies", "empty"],
)
async def test_nonsense_of_a_provider_is_told(
    server: FakeModel, catalogue: ModelCatalogue, provider: str, reply: Reply
) -> None:
    server.script(*[reply] * 3)
    assert isinstance(await fault(catalogue, at(server, provider)), ModelUnavailable)


async def test_cancelling_closes_the_providers_connection(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    server.script(Reply(hangs_after=2))
    arrived = asyncio.Event()

    async def read() -> None:
        async for event in catalogue.get(at(server, provider)).stream(PROMPT, ModelSettings()):
            if isinstance(event, TextDelta):
                arrived.set()

    reading = asyncio.create_task(read())
    await arrived.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await server.requests[0].disconnect()


async def test_a_providers_key_is_never_told(
    server: FakeModel, catalogue: ModelCatalogue, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    quoting = TOO_LONG[provider].replace(b"prompt is too long: 9 > 8", KEY.encode()).replace(b"(9)", KEY.encode())
    server.script(
        Reply(status=400, body=quoting.replace(b"input token count", b"key")), Reply(status=401, body=quoting)
    )
    for error in (await fault(catalogue, at(server, provider)), await fault(catalogue, at(server, provider))):
        assert KEY not in f"{error} {error.hint} {error.data} {error.__cause__!r}"
    assert KEY not in caplog.text


async def test_without_the_extra_a_command_says_how_to_get_it(
    server: FakeModel, catalogue: ModelCatalogue, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(rejoinder.adapters, f"{provider}_dialect", raising=False)
    # what is None here cannot be imported
    monkeypatch.setitem(sys.modules, f"rejoinder.adapters.{provider}_dialect", None)
    error = await fault(catalogue, at(server, provider))
    assert isinstance(error, ModelNotConfigured)
    assert f"pip install 'rejoinder[{provider}]'" in error.hint
    assert server.requests == []


def test_what_is_not_used_is_not_imported() -> None:
    code = (
        "import sys, rejoinder.bootstrap; assert not {'httpx2', 'pydantic', 'openai', 'keyring'} & set(sys.modules);"
        "import rejoinder.adapters.pydantic_ai_model; assert 'openai' in sys.modules;"
        "assert not {'anthropic', 'google.genai', 'keyring'} & set(sys.modules)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, check=True, timeout=150)
