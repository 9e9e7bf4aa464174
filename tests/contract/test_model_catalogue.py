"""The chat port against a scripted server: what is sent, what comes back, and every fault in between."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import orjson
import pytest

from fake_model import FakeModel, Reply, error_body
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.retrying_model import RetryPolicy
from rejoinder.domain.conversation import Place
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
    Cited,
    Finished,
    ModelEvent,
    ModelSettings,
    Prompt,
    PromptMessage,
    Retrying,
    TextDelta,
    ThoughtDelta,
)
from rejoinder.domain.retrieval import Hit
from rejoinder.services.model_ports import ModelChoice

KEY = "sk-this-key-must-not-be-told-to-anyone"
MESSAGES = (
    PromptMessage("system", "Be brief."),
    PromptMessage("user", "One?"),
    PromptMessage("assistant", "One."),
    PromptMessage("system", "Context: <|im_start|> two"),
    PromptMessage("user", "Two?"),
)
PROMPT = Prompt(messages=MESSAGES, question="Two?")


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with FakeModel() as found:
        yield found


def catalogue_in(folder: Path, **environment: str) -> ModelCatalogue:
    retry = RetryPolicy(first_delay=0.001, longest_delay=0.5)
    return ModelCatalogue(environment=environment, remembered=RememberedModels(folder), retry=retry)


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    found = catalogue_in(tmp_path, A_KEY=KEY)
    yield found
    await found.close()


def at(server: FakeModel, model: str = "openai-compatible:any", **more: object) -> ModelChoice:
    return ModelChoice(model=model, base_url=server.url, **more)  # type: ignore[arg-type]


async def answer(
    catalogue: ModelCatalogue, choice: ModelChoice, settings: ModelSettings | None = None
) -> list[ModelEvent]:
    return [event async for event in catalogue.get(choice).stream(PROMPT, settings or ModelSettings())]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def fault(catalogue: ModelCatalogue, choice: ModelChoice) -> RejoinderError:
    with pytest.raises(RejoinderError) as caught:
        await answer(catalogue, choice)
    assert caught.value.hint
    return caught.value


async def test_messages_keep_order_role_and_text(server: FakeModel, catalogue: ModelCatalogue) -> None:
    await answer(catalogue, at(server))
    sent = server.requests[0].json
    assert sent["model"] == "any"
    assert [(m["role"], m["content"]) for m in sent["messages"]] == [(m.role, m.content) for m in MESSAGES]


async def test_settings_reach_the_server_and_unset_ones_are_absent(
    server: FakeModel, catalogue: ModelCatalogue
) -> None:
    everything = ModelSettings(temperature=0.0, max_tokens=7, effort="low", top_p=0.5, seed=3, stop=("END",))
    await answer(catalogue, at(server), everything)
    await answer(catalogue, at(server))
    wanted = {"temperature": 0.0, "max_tokens": 7, "reasoning_effort": "low", "top_p": 0.5, "seed": 3, "stop": ["END"]}
    first, second = (request.json for request in server.requests)
    assert wanted.items() <= first.items()
    assert second.keys() == {"model", "messages", "stream", "stream_options"}


async def test_text_usage_and_end(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(text="All is well.", cached=6))
    events = await answer(catalogue, at(server))
    assert text_of(events) == "All is well."
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason == "end_turn"
    assert events[-1].usage is not None
    told = len(orjson.dumps(server.requests[0].json)) // 4
    usage = events[-1].usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (told, 3, 6)


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_tokens"), ("content_filter", "refusal"), ("x", "end_turn")]
)
async def test_reasons_for_the_end(server: FakeModel, catalogue: ModelCatalogue, finish: str, reason: str) -> None:
    server.script(Reply(finish=finish, usage=False))
    assert (await answer(catalogue, at(server)))[-1] == Finished(reason, None)  # type: ignore[arg-type]


async def test_thoughts_are_told_from_text(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(thoughts=("Let me ", "think."), text="Done."))
    events = await answer(catalogue, at(server))
    assert "".join(event.text for event in events if isinstance(event, ThoughtDelta)) == "Let me think."
    assert text_of(events) == "Done."


async def test_thoughts_within_tags_are_told_from_text(server: FakeModel, catalogue: ModelCatalogue) -> None:
    words = ("<think>", "Let ", "me ", "think.", "</think>", "All ", "is ", "well.")
    for interval in (0.0, 0.001, 0.01):
        server.script(Reply(tokens=words, interval=interval))
        events = await answer(catalogue, at(server))
        assert "".join(event.text for event in events if isinstance(event, ThoughtDelta)) == "Let me think."
        assert text_of(events) == "All is well."


async def test_a_long_answer_through_a_proxy_is_whole(server: FakeModel, catalogue: ModelCatalogue) -> None:
    words = tuple(f" {number} \r\n \u2028é" for number in range(1000))
    server.script(Reply(thoughts=("So ", "be ", "it."), tokens=words, interval=0.0005))
    proxy = server.url.removesuffix("/v1")
    choice = ModelChoice(model="openai-compatible:any", base_url="http://model.invalid/v1", proxy=proxy)
    events = await answer(catalogue, choice)
    assert text_of(events) == "".join(words)
    assert "".join(event.text for event in events if isinstance(event, ThoughtDelta)) == "So be it."
    assert isinstance(events[-1], Finished)
    assert events[-1].usage is not None


async def test_a_long_answer_is_whole_in_few_events(server: FakeModel, catalogue: ModelCatalogue) -> None:
    words = tuple(f" {number} \r\n \u2028é" for number in range(3000))
    server.script(Reply(tokens=words))
    events = await answer(catalogue, at(server))
    assert text_of(events) == "".join(words)
    assert len(events) < len(words) / 10


async def test_the_first_text_waits_for_nothing(server: FakeModel, catalogue: ModelCatalogue) -> None:
    gate = server.gate()
    server.script(Reply(tokens=("one ", "two ", "three"), gate=gate))
    async with aclosing(catalogue.get(at(server)).stream(PROMPT, ModelSettings())) as events:  # type: ignore[type-var]
        gate.release(2)
        assert await anext(events) == TextDelta("one ")
        gate.release()
        assert await anext(events) == TextDelta("two ")
        gate.open()
        assert await anext(events) == TextDelta("three")


async def test_the_answer_does_not_wait_for_the_end_of_the_body(server: FakeModel, catalogue: ModelCatalogue) -> None:
    gate = server.gate()
    server.script(Reply(tokens=("one ", "two"), gate=gate, late_end=True))
    gate.release(3)
    assert text_of(await answer(catalogue, at(server))) == "one two"
    await server.requests[0].disconnect()


async def test_cancelling_the_task_closes_the_connection(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(hangs_after=2))
    arrived = asyncio.Event()

    async def read() -> None:
        async for event in catalogue.get(at(server)).stream(PROMPT, ModelSettings()):
            if isinstance(event, TextDelta):
                arrived.set()

    reading = asyncio.create_task(read())
    await arrived.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await server.requests[0].disconnect()


async def test_cancelling_before_the_first_byte_closes_the_connection(
    server: FakeModel, catalogue: ModelCatalogue
) -> None:
    server.script(Reply(gate=server.gate()))
    reading = asyncio.create_task(answer(catalogue, at(server)))
    request = await server.next_request()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await request.disconnect()


async def test_closing_the_iterator_closes_the_connection(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(hangs_after=1))
    async with aclosing(catalogue.get(at(server)).stream(PROMPT, ModelSettings())) as events:  # type: ignore[type-var]
        assert isinstance(await anext(events), TextDelta)
    await server.requests[0].disconnect()


async def test_connections_are_kept_for_the_next_turn(server: FakeModel, catalogue: ModelCatalogue) -> None:
    await answer(catalogue, at(server, "openai-compatible:one"))
    await answer(catalogue, at(server, "openai-compatible:two"))
    assert len({request.connection for request in server.requests}) == 1


@pytest.mark.parametrize("reply", [Reply(hangs_after=0), Reply(hangs_after=2)], ids=["first byte", "middle"])
async def test_silence_is_a_time_out(server: FakeModel, catalogue: ModelCatalogue, reply: Reply) -> None:
    server.script(reply)
    assert isinstance(await fault(catalogue, at(server, timeout=0.3)), ModelTimeout)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_passing_failures_are_tried_again(server: FakeModel, catalogue: ModelCatalogue, status: int) -> None:
    server.script(Reply(status=status), Reply(status=status), Reply(text="At last."))
    events = await answer(catalogue, at(server))
    assert [event.attempt for event in events if isinstance(event, Retrying)] == [1, 2]
    assert text_of(events) == "At last."
    assert len(server.requests) == 3


async def test_the_server_says_how_long_to_wait(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(status=429, headers={"retry-after-ms": "250"}), Reply(text="Now."))
    events = await answer(catalogue, at(server))
    assert [event.delay for event in events if isinstance(event, Retrying)] == [0.25]


async def test_three_attempts_at_most(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(*[Reply(status=429, headers={"retry-after": "0"})] * 9)
    error = await fault(catalogue, at(server))
    assert isinstance(error, ModelRateLimited)
    assert error.retry_after == 0
    assert len(server.requests) == 3


async def test_a_wait_that_is_too_long_is_left_to_the_user(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(status=429, headers={"retry-after": "3600"}))
    error = await fault(catalogue, at(server))
    assert isinstance(error, ModelRateLimited)
    assert error.retry_after == 3600
    assert len(server.requests) == 1


async def test_an_answer_that_breaks_off_is_not_tried_again(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(tokens=("Half ", "an ", "answer"), dies_after=2))
    events = []
    with pytest.raises(ModelUnavailable) as caught:
        async for event in catalogue.get(at(server)).stream(PROMPT, ModelSettings()):
            events.append(event)
    assert text_of(events) == "Half an "
    assert caught.value.data["retryable"]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>It works!</html>", headers={"content-type": "text/html"}),
        Reply(body=b""),
        Reply(body=b"data: {broken\n\n", headers={"content-type": "text/event-stream"}),
        Reply(body=b'data: [1, 2]\n\ndata: "x"\n\n', headers={"content-type": "text/event-stream"}),
        Reply(body=b'data: {"choices": 5}\n\n', headers={"content-type": "text/event-stream"}),
        Reply(finish=None),
    ],
    ids=["html", "empty", "broken json", "other json", "other shape", "no finish"],
)
async def test_nonsense_is_told(server: FakeModel, catalogue: ModelCatalogue, reply: Reply) -> None:
    server.script(reply)
    error = await fault(catalogue, at(server))
    assert isinstance(error, ModelUnavailable)
    assert "no answer that can be read" in error.message


async def test_an_unknown_model(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(status=404, body=error_body("no such model", code="model_not_found")))
    error = await fault(catalogue, at(server, "ollama:gone"))
    assert isinstance(error, ModelUnavailable)
    assert not error.data["retryable"]
    assert "ollama pull gone" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        error_body("Too long.", code="context_length_exceeded"),
        error_body("This model's maximum context length is 8 tokens."),
        error_body(
            "the request exceeds the available context size, try increasing it", type="exceed_context_size_error"
        ),
    ],
)
async def test_a_prompt_that_is_too_long(server: FakeModel, catalogue: ModelCatalogue, body: bytes) -> None:
    server.script(Reply(status=400, body=body))
    assert isinstance(await fault(catalogue, at(server)), ContextTooLarge)


async def test_the_key_is_sent_and_never_told(
    server: FakeModel, catalogue: ModelCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    quoting = error_body(f"Incorrect API key provided: {KEY}")
    server.script(
        Reply(status=401, body=quoting), Reply(status=400, body=quoting), *[Reply(status=500, body=quoting)] * 3
    )
    choice = at(server, api_key_env="A_KEY")
    refused, bad, failed = [await fault(catalogue, choice) for _ in range(3)]
    assert isinstance(refused, ModelAuth)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    for error in (refused, bad, failed):
        assert KEY not in f"{error} {error.hint} {error.data} {error.__cause__!r}"
    assert KEY not in caplog.text


async def test_a_server_without_a_key_learns_nothing(
    server: FakeModel, catalogue: ModelCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    await answer(catalogue, at(server))
    headers = server.requests[0].headers
    assert "authorization" not in headers
    assert not [name for name in headers if name.startswith(("openai-", "x-stainless-"))]


async def test_nobody_listens(catalogue: ModelCatalogue) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://user:secret@127.0.0.1:{unused.getsockname()[1]}/v1"
        error = await fault(catalogue, ModelChoice(model="openai-compatible:any", base_url=url))
    assert isinstance(error, ModelUnavailable)
    assert error.data["retryable"]
    assert url.rpartition("@")[2] in error.message
    assert "secret" not in error.message


async def test_a_proxy_that_is_set_is_used(server: FakeModel, catalogue: ModelCatalogue) -> None:
    proxy = server.url.removesuffix("/v1")
    choice = ModelChoice(model="openai-compatible:any", base_url="http://model.invalid/v1", proxy=proxy)
    await answer(catalogue, choice)
    assert server.requests[0].path == "http://model.invalid/v1/chat/completions"


async def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: FakeModel, catalogue: ModelCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert text_of(await answer(catalogue, at(server)))


async def test_certificates_that_cannot_be_read(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("bad.pem", "missing.pem"):
        choice = ModelChoice(model="openai-compatible:x", base_url="https://localhost:1", ca_file=str(tmp_path / name))
        assert isinstance(await fault(catalogue, choice), ModelNotConfigured)


async def test_the_library_is_loaded_beside_the_event_loop(server: FakeModel, catalogue: ModelCatalogue) -> None:
    first, second, _ = await asyncio.gather(
        answer(catalogue, at(server)), answer(catalogue, at(server)), catalogue.preload()
    )
    assert text_of(first) == text_of(second) != ""


@pytest.mark.parametrize(
    "choice",
    [
        ModelChoice(model="openai-compatible:x"),
        ModelChoice(model="openai-compatible:", base_url="http://localhost/v1"),
        ModelChoice(model="openai-compatible:x", base_url="localhost:8080"),
        ModelChoice(model="openai-compatible:x", base_url="http://[broken"),
        ModelChoice(model="openai:x"),
        ModelChoice(model="ollama:x", api_key_env="NOT_SET"),
        ModelChoice(model="anthropic:x"),
        ModelChoice(model="google:x"),
        ModelChoice(model="nobody"),
        ModelChoice(model="mine", named={"mine": {}}),
        ModelChoice(model="mine", named={"mine": {"model": 5}}),
        ModelChoice(model="mine", named={"mine": {"model": "ollama:x", "timeout": "long"}}),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, choice: ModelChoice) -> None:
    with pytest.raises(ModelNotConfigured) as caught:
        catalogue_in(tmp_path).get(choice)
    assert caught.value.hint


def test_names_and_addresses(tmp_path: Path) -> None:
    named = {"mine": {"model": "llama3.2:3b", "baseUrl": "http://gpu:8080/v1", "contextTokens": 4096}}
    found = catalogue_in(tmp_path, OPENAI_API_KEY=KEY)

    def id_of(model: str | None, base_url: str | None = None) -> str:
        return found.get(ModelChoice(model=model, base_url=base_url, named=named)).info.id

    assert id_of(None) == id_of("extractive") == "extractive"
    assert id_of(None, "http://localhost/v1") == "openai-compatible:default"
    assert id_of("ollama:llama3.2:3b") == "ollama:llama3.2:3b"
    assert id_of("openai:gpt-x") == "openai:gpt-x"
    mine = found.get(ModelChoice(model="mine", base_url="http://other/v1", named=named)).info
    assert (mine.id, mine.local, mine.context_tokens) == ("openai-compatible:llama3.2:3b", False, 4096)
    assert "http://gpu:8080/v1" in mine.label
    assert KEY not in repr(found.get(ModelChoice(model="openai:x")))


async def test_without_a_model_passages_are_quoted(tmp_path: Path) -> None:
    hit = Hit(uri="file:///p/src/parser.py", place=Place(4, 0, 5, 0), text="def parse():\n", score=1.0, source="code")
    model = catalogue_in(tmp_path).get(ModelChoice())
    prompt = Prompt(messages=(), question="parse", hits=(hit,))
    events = [event async for event in model.stream(prompt, ModelSettings())]
    assert "No model is set" in text_of(events)
    assert "src/parser.py:5-5**" in text_of(events)
    assert [event.hit.uri for event in events if isinstance(event, Cited)] == [hit.uri]
    assert events[-1] == Finished("end_turn")
