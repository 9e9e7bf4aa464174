"""Whether a model takes images: what is set, else what its server says, else its name; asked only when it matters."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_model import FakeModel
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.services.model_ports import ModelChoice


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    found = ModelCatalogue(environment={}, remembered=RememberedModels(tmp_path))
    yield found
    await found.close()


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with FakeModel() as found:
        yield found


def choice(server: FakeModel, model: str, **table: Any) -> ModelChoice:
    return ModelChoice(model="mine", named={"mine": {"model": model, "baseUrl": server.url, **table}})


def listing(name: str, **fields: Any) -> dict[str, Any]:
    return {"/v1/models": {"object": "list", "data": [{"id": name, "object": "model", **fields}]}}


SAID: list[tuple[str, dict[str, Any], bool]] = [
    ("ollama:mine", {"/api/show": {"capabilities": ["completion", "vision"]}}, True),
    ("ollama:llava", {"/api/show": {"capabilities": ["completion", "tools"]}}, False),
    ("llamacpp:mine", {"/props": {"modalities": {"vision": True, "audio": False}}}, True),
    ("llamacpp:llava", {"/props": {"modalities": {"vision": False, "audio": False}}}, False),
    ("lmstudio:mine", {"/api/v0/models/mine": {"type": "vlm"}}, True),
    ("openai-compatible:mine", listing("mine", architecture={"input_modalities": ["text", "image"]}), True),
    ("openai-compatible:gpt-4o", listing("gpt-4o", architecture={"input_modalities": ["text"]}), False),
    ("openai-compatible:mine", listing("mine", capabilities={"vision": True}), True),
    (
        "openai-compatible:mine",
        listing("mine", owned_by="library") | {"/api/show": {"capabilities": ["vision"]}},
        True,
    ),
    (
        "openai-compatible:default",
        listing("/models/a.gguf", owned_by="llamacpp") | {"/props": {"modalities": {"vision": True}}},
        True,
    ),
    # who says nothing, or what makes no sense, is known by name
    ("ollama:llava", {"/api/show": {"license": "free"}}, True),
    ("ollama:llava", {}, True),
    ("ollama:mine", {}, False),
    ("openai-compatible:gpt-4o", {"/v1/models": ["nonsense"]}, True),
]


@pytest.mark.parametrize(("model", "facts", "expected"), SAID)
async def test_the_server_says_it_and_is_asked_once(
    server: FakeModel, catalogue: ModelCatalogue, model: str, facts: dict[str, Any], expected: bool
) -> None:
    server.facts = facts
    found = catalogue.get(choice(server, model))
    assert server.listings == []
    assert await found.sees() is expected
    asked = [request.path for request in server.listings]
    assert set(asked) <= {*facts, "/v1/models"} and server.requests[1:] == []
    assert await catalogue.get(choice(server, model)).sees() is expected
    assert [request.path for request in server.listings] == asked


async def test_what_is_set_counts_and_nobody_is_asked(server: FakeModel, catalogue: ModelCatalogue) -> None:
    server.facts = {"/api/show": {"capabilities": ["vision"]}}
    assert not await catalogue.get(choice(server, "ollama:mine", vision=False)).sees()
    assert await catalogue.get(choice(server, "ollama:mine", vision=True)).sees()
    assert server.listings == []


async def test_a_list_to_choose_from_tells_it_too(server: FakeModel, catalogue: ModelCatalogue) -> None:
    entries = [{"id": "mine", "input_modalities": ["text", "image"]}, {"id": "gpt-4o", "input_modalities": ["text"]}]
    server.facts = {"/v1/models": {"data": [*entries, {"id": "llava"}]}}
    found = {info.id: info.vision for info in await catalogue.available(choice(server, "openai-compatible:mine"))}
    assert {name: found[name] for name in ("mine", "mine:gpt-4o", "mine:llava")} == {
        "mine": True,
        "mine:gpt-4o": False,
        "mine:llava": True,
    }


async def test_who_waits_no_more_closes_the_connection_and_nobody_elses(
    server: FakeModel, catalogue: ModelCatalogue
) -> None:
    server.facts = {"/v1/models": None}
    chosen = choice(server, "openai-compatible:mine")
    one, two = (asyncio.create_task(catalogue.available(chosen)) for _ in range(2))
    arrived = await server.next_request()
    one.cancel()
    await asyncio.wait([one])
    assert not arrived.disconnected.is_set() and not two.done()
    two.cancel()
    await arrived.disconnect()
    await asyncio.wait([two])
    assert len(server.listings) == 1
