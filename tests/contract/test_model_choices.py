"""How a model is chosen: by tables, by names, by a yes that is remembered; and who stands in for it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.retrying_model import RetryPolicy
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import ModelAuth, ModelNotConfigured, ModelTimeout, ModelUnavailable
from rejoinder.domain.prompt import FellBack, Finished, ModelEvent, ModelSettings, Prompt, PromptMessage, TextDelta
from rejoinder.services.model_ports import ChatModel, ModelChoice

PROMPT = Prompt(messages=(PromptMessage("user", "Two?"),), question="Two?")
NOWHERE = {"ollama": "", "lmstudio": "", "llamacpp": "", "vllm": ""}
"""No server of this machine is looked for."""


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with FakeModel(models=("small", "large")) as found:
        yield found


@pytest.fixture
def other() -> Iterator[FakeModel]:
    with FakeModel(models=("spare",)) as found:
        yield found


def catalogue_in(folder: Path, **environment: str) -> ModelCatalogue:
    retry = RetryPolicy(attempts=1)
    return ModelCatalogue(environment=environment, remembered=RememberedModels(folder), retry=retry)


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    found = catalogue_in(tmp_path, A_KEY="a-key")
    yield found
    await found.close()


def tables(**named: dict[str, Any]) -> ModelChoice:
    return ModelChoice(model=next(iter(named)), named=named, servers=NOWHERE)


async def answer(model: ChatModel, settings: ModelSettings | None = None) -> list[ModelEvent]:
    return [event async for event in model.stream(PROMPT, settings or ModelSettings())]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


WRONG = {
    "timeout": "long",
    "contextTokens": 1.5,
    "maxTokens": 0,
    "temperature": True,
    "effort": "much",
    "fallbacks": "other",
    "inputPrice": -1,
    "apiKeyEnv": "",
    "model": 5,
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_value_in_a_table_is_named(catalogue: ModelCatalogue, key: str) -> None:
    with pytest.raises(ModelNotConfigured) as caught:
        catalogue.get(tables(mine={"model": "ollama:x", key: WRONG[key]}))
    assert f"`{key}` in [models.mine]" in caught.value.message and f"`{key}`" in caught.value.hint


def test_an_unknown_key_asks_for_the_near_one(catalogue: ModelCatalogue) -> None:
    with pytest.raises(ModelNotConfigured) as caught:
        catalogue.get(tables(mine={"model": "ollama:x", "baseURL": "http://localhost/v1"}))
    assert "'baseURL'" in caught.value.message and "`baseUrl`" in caught.value.hint


@pytest.mark.parametrize(("name", "near"), [("wrk", "`work`"), ("olama:x", "`ollama`"), ("antropic:x", "`anthropic`")])
def test_an_unknown_name_asks_for_the_near_ones(catalogue: ModelCatalogue, name: str, near: str) -> None:
    with pytest.raises(ModelNotConfigured) as caught:
        catalogue.get(tables(work={"model": "ollama:x"}).instead(name))
    assert near in caught.value.hint


async def test_a_tables_settings_count_unless_the_call_says_otherwise(
    server: FakeModel, catalogue: ModelCatalogue
) -> None:
    table = {"model": "openai-compatible:x", "baseUrl": server.url, "temperature": 0.25, "maxTokens": 70}
    choice = tables(mine=table)
    model = catalogue.get(choice)
    assert model.info.defaults.max_tokens == 70
    await answer(model)
    await answer(model, ModelSettings(temperature=0.5))
    sent = [(request.json["temperature"], request.json["max_tokens"]) for request in server.requests]
    assert sent == [(0.25, 70), (0.5, 70)]


async def test_another_model_of_a_tables_server(server: FakeModel, catalogue: ModelCatalogue) -> None:
    choice = tables(mine={"model": "openai-compatible:small", "baseUrl": server.url, "apiKeyEnv": "A_KEY"})
    await answer(catalogue.get(choice.instead("mine:large")))
    assert server.requests[0].json["model"] == "large"
    assert server.requests[0].headers["authorization"] == "Bearer a-key"


async def test_an_address_and_its_key_are_not_for_another_server(server: FakeModel, catalogue: ModelCatalogue) -> None:
    choice = ModelChoice(model="openai-compatible:x", base_url=server.url, api_key_env="A_KEY")
    assert server.url in catalogue.get(choice.instead("openai-compatible:y")).info.label
    assert server.url in catalogue.get(choice.instead("llama3.2:3b")).info.label
    assert "localhost:11434" in catalogue.get(choice.instead("ollama:x")).info.label
    with pytest.raises(ModelNotConfigured, match="ANTHROPIC_API_KEY"):
        catalogue.get(choice.instead("anthropic:x"))


def fallbacks(server: FakeModel, other: FakeModel, **more: Any) -> ModelChoice:
    first = {"model": "openai-compatible:first", "baseUrl": server.url, "fallbacks": ["second"], **more}
    second = {"model": "openai-compatible:second", "baseUrl": other.url, "fallbacks": ["first"], "inputPrice": 2}
    return tables(first=first, second=second)


async def test_a_fallback_answers_and_says_so(server: FakeModel, other: FakeModel, catalogue: ModelCatalogue) -> None:
    choice = fallbacks(server, other, timeout=0.3)
    for reply in (Reply(status=429), Reply(status=503), Reply(hangs_after=0)):
        server.script(reply)
        model = catalogue.get(choice)
        assert model.info.id == "openai-compatible:first"
        events = await answer(model)
        (fell_back,) = [event for event in events if isinstance(event, FellBack)]
        assert fell_back.model == model.info.id == "openai-compatible:second" and server.url in fell_back.reason
        assert text_of(events) == DEFAULT_TEXT
        assert model.cost(Usage(1_000_000, 0)) == 2


async def test_each_model_is_asked_once_though_they_stand_in_for_each_other(
    server: FakeModel, other: FakeModel, catalogue: ModelCatalogue
) -> None:
    server.script(Reply(status=503))
    other.script(Reply(status=503))
    with pytest.raises(ModelUnavailable, match=other.url):
        await answer(catalogue.get(fallbacks(server, other)))
    assert (len(server.requests), len(other.requests)) == (1, 1)


async def test_no_fallback_for_what_the_user_has_to_know(
    server: FakeModel, other: FakeModel, catalogue: ModelCatalogue
) -> None:
    server.script(Reply(status=401), Reply(tokens=("a ", "b"), dies_after=1), Reply(hangs_after=1))
    for kind in (ModelAuth, ModelUnavailable, ModelTimeout):
        with pytest.raises(kind):
            await answer(catalogue.get(fallbacks(server, other, timeout=0.3)))
    assert other.requests == []


async def test_the_settings_own_fallbacks(server: FakeModel, other: FakeModel, catalogue: ModelCatalogue) -> None:
    spare = {"model": "openai-compatible:spare", "baseUrl": other.url}
    choice = ModelChoice(model="x", base_url=server.url, named={"spare": spare}, fallbacks=("x", "spare", "extractive"))
    server.script(Reply(status=503))
    other.script(Reply(status=503))
    model = catalogue.get(choice)
    events = await answer(model)
    assert [event.model for event in events if isinstance(event, FellBack)] == ["openai-compatible:spare", "extractive"]
    assert isinstance(events[-1], Finished) and model.info.id == "extractive"


def test_a_fallback_that_cannot_be_used_is_named(catalogue: ModelCatalogue) -> None:
    with pytest.raises(ModelNotConfigured, match="fallback 'gone'"):
        catalogue.get(tables(mine={"model": "ollama:x", "fallbacks": ["gone"]}))


async def test_what_is_available(server: FakeModel, tmp_path: Path) -> None:
    found = catalogue_in(tmp_path, OPENAI_API_KEY="a-key", GEMINI_API_KEY="a-key")
    mine = {"model": "openai-compatible:small", "baseUrl": server.url}
    named = {"mine": mine, "bad": {"model": "nobody"}}
    servers = {**NOWHERE, "ollama": server.url}
    listed = await found.available(ModelChoice(model="ollama:x", named=named, servers=servers))
    assert [(info.id, info.configured) for info in listed] == [
        ("extractive", True),
        ("ollama:x", True),
        ("mine", True),
        ("bad", False),
        ("ollama:small", True),
        ("ollama:large", True),
        ("mine:large", True),
        ("ollama:NAME", False),
        ("openai:NAME", False),
        ("google:NAME", False),
    ]
    assert "nobody" in listed[3].label
    await found.close()


@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "google"])
async def test_a_servers_list_is_kept_for_a_while(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    url = server.url if provider == "openai-compatible" else server.root
    choice = tables(mine={"model": f"{provider}:small", "baseUrl": url, "apiKeyEnv": "A_KEY"})
    for refresh in (False, False, True):
        listed = await catalogue.available(choice, refresh=refresh)
        assert "mine:large" in [info.id for info in listed]
    assert len(server.listings) == 2
    told = server.listings[0].headers
    assert "a-key" in (told.get("x-api-key"), told.get("x-goog-api-key"), told.get("authorization", "")[7:])


async def test_a_server_without_a_list_is_no_fault(catalogue: ModelCatalogue) -> None:
    with FakeModel() as silent:
        listed = await catalogue.available(tables(mine={"model": "x", "baseUrl": silent.url}))
    assert [info.id for info in listed] == ["extractive", "mine"]
    assert await catalogue.available(tables(mine={"model": "x", "baseUrl": silent.url}), refresh=True) == listed


async def test_what_runs_here_is_offered_once_and_not_used_before_a_yes(server: FakeModel, tmp_path: Path) -> None:
    choice = ModelChoice(servers={**NOWHERE, "llamacpp": server.url})
    found = catalogue_in(tmp_path, ANTHROPIC_API_KEY="a-key")
    offered = await found.offers(choice)
    assert [info.id for info in offered] == ["llamacpp:small", "llamacpp:large", "anthropic:NAME"]
    assert found.get(choice).info.id == "extractive"
    assert await found.offers(choice) == []
    # who wants to choose sees it again
    assert await found.offers(choice, again=True) == offered
    await found.close()
    again = catalogue_in(tmp_path, ANTHROPIC_API_KEY="a-key")
    assert await again.offers(choice) == [] and server.requests == []
    await again.use(choice, "llamacpp:large")
    await again.close()
    remembered = catalogue_in(tmp_path)
    assert text_of(await answer(remembered.get(choice))) == DEFAULT_TEXT
    assert server.requests[0].json["model"] == "large" and "authorization" not in server.requests[0].headers
    # a setting is stronger than what was said yes to
    assert remembered.get(ModelChoice(model="extractive")).info.id == "extractive"
    await remembered.use(choice, None)
    assert remembered.get(choice).info.id == "extractive"
    await remembered.close()


async def test_only_a_model_that_can_be_used_is_remembered(catalogue: ModelCatalogue) -> None:
    with pytest.raises(ModelNotConfigured):
        await catalogue.use(ModelChoice(), "nobody")
    assert catalogue.get(ModelChoice()).info.id == "extractive"


def test_prices(catalogue: ModelCatalogue) -> None:
    used = Usage(1_000_000, 500_000, cached_tokens=400_000)
    priced = {"model": "ollama:x", "inputPrice": 3, "outputPrice": 8, "cachedInputPrice": 0.5}
    assert catalogue.get(tables(mine=priced)).cost(used) == pytest.approx(0.6 * 3 + 0.4 * 0.5 + 0.5 * 8)
    assert catalogue.get(tables(mine={"model": "ollama:x"})).cost(used) is None
    assert catalogue.get(tables(mine={"model": "x", "baseUrl": "http://gpu.invalid/v1"})).cost(used) is None
    known = catalogue.get(tables(mine={"model": "openai:gpt-4o", "apiKeyEnv": "A_KEY"})).cost(used)
    assert known is not None and 1 < known < 50
    assert catalogue.get(tables(mine={"model": "openai:no-such-model", "apiKeyEnv": "A_KEY"})).cost(used) is None
