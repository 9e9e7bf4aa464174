"""Images and schemas in the requests of three providers' APIs."""

from base64 import b64decode, urlsafe_b64decode
from typing import Any

import pytest

from fake_model import DEFAULT_TEXT, FakeModel, Reply, error_body
from models_kit import KEY_VARIABLE, named, path_of, text_of
from pictures import JPEG, png
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.domain.errors import ModelNotConfigured, RequestRefused
from rejoinder.domain.images import Image, image_of
from rejoinder.domain.prompt import ModelSettings, Prompt, PromptMessage
from rejoinder.services.model_ports import ModelChoice

PROVIDERS = ("openai-compatible", "openai", "anthropic", "google")
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def shown(data: bytes) -> Image:
    return image_of(data, name="x")


PICTURED = Prompt(
    messages=(
        PromptMessage("system", "Be brief."),
        PromptMessage("user", "[attached image a.png]", images=(shown(png()),)),
        PromptMessage("user", "[attached image b.jpg]", images=(shown(JPEG),)),
        PromptMessage("user", "What are these?"),
    ),
    question="What are these?",
)


def choice(server: FakeModel, provider: str, **more: Any) -> ModelChoice:
    given = {"model": f"{provider}:one", "apiKeyEnv": KEY_VARIABLE, **more}
    return named(url=server.root + path_of(provider), **given)


async def answered(catalogue: ModelCatalogue, chosen: ModelChoice, prompt: Prompt) -> str:
    return text_of([event async for event in catalogue.get(chosen).stream(prompt, ModelSettings())])


def images_in(value: Any) -> list[tuple[str, bytes]]:
    """Type and bytes of every image in a request, in whichever form its API has them."""
    match value:
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            head, _, data = url.partition(";base64,")
            return [(head.removeprefix("data:"), b64decode(data))]
        case {"type": "base64", "media_type": str(kind), "data": str(data)}:
            return [(kind, b64decode(data))]
        case {"inlineData": {"mime_type": str(kind), "data": str(data)}}:
            return [(kind, urlsafe_b64decode(data))]
        case dict():
            return [found for each in value.values() for found in images_in(each)]
        case list():
            return [found for each in value for found in images_in(each)]
    return []


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_images_reach_the_request_in_their_order(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    assert await answered(catalogue, choice(server, provider), PICTURED) == DEFAULT_TEXT
    assert images_in(server.requests[0].json) == [("image/png", png()), ("image/jpeg", JPEG)]
    told = str(server.requests[0].json)
    assert "What are these?" in told and "[attached image b.jpg]" in told


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_schema_goes_in_the_providers_own_way(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    prompt = Prompt(messages=(PromptMessage("user", "One?"),), question="One?", schema=SCHEMA)
    await answered(catalogue, choice(server, provider), prompt)
    sent = server.requests[0].json
    match provider:
        case "google":
            assert sent["generationConfig"]["responseMimeType"] == "application/json"
            assert sent["generationConfig"]["responseJsonSchema"]["properties"] == SCHEMA["properties"]
        case "anthropic":
            # there the prompt itself asks for it
            assert "response_format" not in sent and "output_config" not in sent
        case _:
            assert sent["response_format"] == {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": SCHEMA},
            }


async def test_a_refused_request_can_be_told_from_other_failures(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.script(Reply(status=400, body=error_body("no such thing as response_format")))
    prompt = Prompt(messages=(PromptMessage("user", "One?"),), question="One?", schema=SCHEMA)
    with pytest.raises(RequestRefused, match="no such thing"):
        await answered(catalogue, choice(server, "openai-compatible"), prompt)


async def test_a_table_says_whether_its_model_sees(server: FakeModel, catalogue: ModelCatalogue) -> None:
    assert not catalogue.get(choice(server, "openai-compatible")).info.vision
    assert catalogue.get(choice(server, "openai-compatible", vision=True)).info.vision
    assert not catalogue.get(choice(server, "anthropic", vision=False, model="anthropic:claude-sonnet-4-5")).info.vision
    assert catalogue.get(choice(server, "anthropic", model="anthropic:claude-sonnet-4-5")).info.vision
    with pytest.raises(ModelNotConfigured) as caught:
        catalogue.get(choice(server, "openai-compatible", vision="yes"))
    assert caught.value.hint == "Give `vision` true or false."
