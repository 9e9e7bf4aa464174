"""The chat port against llama.cpp's server, with a real model, tokenizer and event stream."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from llama import MISSING, SENTENCE, LlamaServer, installed
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.domain.errors import ContextTooLarge, ModelAuth
from rejoinder.domain.prompt import Finished, ModelEvent, ModelSettings, Prompt, PromptMessage, TextDelta
from rejoinder.services.model_ports import ModelChoice

pytestmark = [pytest.mark.real_model, pytest.mark.skipif(not installed(), reason=MISSING)]

KEY = "a-key-of-this-test"
PROMPT = Prompt(
    messages=(PromptMessage("system", "Answer in one line."), PromptMessage("user", "Who wrote this?")),
    question="Who wrote this?",
)


@pytest.fixture(scope="module")
def llama() -> Iterator[LlamaServer]:
    with LlamaServer(context=512, api_key=KEY) as server:
        yield server


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    found = ModelCatalogue(environment={"LLAMA_KEY": KEY}, remembered=RememberedModels(tmp_path))
    yield found
    await found.close()


def choice(llama: LlamaServer, key: str | None = "LLAMA_KEY") -> ModelChoice:
    return ModelChoice(model="openai-compatible:tiny", base_url=llama.url, api_key_env=key)


async def test_answer_and_usage_come_through(llama: LlamaServer, catalogue: ModelCatalogue) -> None:
    events = [event async for event in catalogue.get(choice(llama)).stream(PROMPT, ModelSettings(temperature=0))]
    assert text_of(events).strip() == SENTENCE
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason == "end_turn"
    assert events[-1].usage is not None
    assert events[-1].usage.input_tokens > 10
    assert events[-1].usage.output_tokens == len(SENTENCE.split()) + 1


async def test_limit_on_tokens_ends_the_answer(llama: LlamaServer, catalogue: ModelCatalogue) -> None:
    events = [event async for event in catalogue.get(choice(llama)).stream(PROMPT, ModelSettings(max_tokens=3))]
    assert text_of(events).split() == SENTENCE.split()[:3]
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason == "max_tokens"


async def test_refused_key(llama: LlamaServer, catalogue: ModelCatalogue) -> None:
    with pytest.raises(ModelAuth):
        _ = [event async for event in catalogue.get(choice(llama, None)).stream(PROMPT, ModelSettings())]


async def test_prompt_over_the_context(llama: LlamaServer, catalogue: ModelCatalogue) -> None:
    long = Prompt(messages=(PromptMessage("user", "zebra " * 2000),), question="")
    with pytest.raises(ContextTooLarge):
        _ = [event async for event in catalogue.get(choice(llama)).stream(long, ModelSettings())]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
