"""The models that can be chosen, and the connections to their servers.

Nothing here imports the model library, which takes over a second: `preload` does, in a thread.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

import attrs

from rejoinder.adapters.extractive_model import ExtractiveModel
from rejoinder.adapters.model_endpoint import DEFAULT_URLS, OPENAI_KEY, Endpoint, resolve
from rejoinder.adapters.retrying_model import RetryingModel, RetryPolicy
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import EXTRACTIVE, ModelEvent, ModelInfo, ModelSettings, Prompt
from rejoinder.services.ports import ChatModel, ModelChoice

if TYPE_CHECKING:
    from rejoinder.adapters.pydantic_ai_model import Connections

LOCAL_SERVERS: Mapping[str, str] = {"ollama": "Ollama", "lmstudio": "LM Studio"}


class ModelCatalogue:
    """Resolves choices to models. One event loop uses it."""

    def __init__(self, *, environment: Mapping[str, str], retry: RetryPolicy | None = None) -> None:
        self._environment = environment
        self._retry = retry or RetryPolicy()
        self._extractive = ExtractiveModel()
        self._connections: Connections | None = None
        self._loading: asyncio.Task[Connections] | None = None

    def get(self, choice: ModelChoice) -> ChatModel:
        """The model to use; the extractive answer when none is chosen. Raises ModelNotConfigured."""
        endpoint = resolve(choice, choice.environment or self._environment)
        if endpoint is None:
            return self._extractive

        async def attempt(prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
            connections = await self._loaded()
            async with aclosing(connections.attempt(endpoint, prompt, settings)) as events:
                async for event in events:
                    yield event

        return RetryingModel(_info(endpoint), attempt, self._retry)

    async def available(self, choice: ModelChoice) -> list[ModelInfo]:
        """What can be chosen: the extractive answer, what is configured, then what only lacks a setting."""
        found = {EXTRACTIVE: self._extractive.info}
        if choice.model is not None or choice.base_url is not None:
            configured = self._described(choice, choice.model or "")
            found.setdefault(configured.id, configured)
        for name in choice.named:
            found.setdefault(name, self._described(attrs.evolve(choice, model=name), name))
        for info in self._known(choice.environment or self._environment):
            found.setdefault(info.id, info)
        return list(found.values())

    async def preload(self) -> None:
        """Import the model library in a thread, so that the first turn does not wait for it."""
        await self._loaded()

    async def close(self) -> None:
        """Close all connections."""
        if self._loading is not None:
            await asyncio.wait({self._loading})
        if self._connections is not None:
            await self._connections.close()
            self._connections = None
        self._loading = None

    async def _loaded(self) -> "Connections":
        if self._connections is None:
            # Shielded: a turn that is cancelled while the library is loading must not take that from the others.
            self._loading = self._loading or asyncio.create_task(self._load())
            return await asyncio.shield(self._loading)
        return self._connections

    async def _load(self) -> "Connections":
        self._connections = await asyncio.to_thread(_open_connections)
        return self._connections

    def _described(self, choice: ModelChoice, id: str) -> ModelInfo:
        """What is known of a choice, under the ID by which it is chosen, even if it cannot be used as things are."""
        try:
            endpoint = resolve(choice, choice.environment or self._environment)
        except ModelNotConfigured:
            return ModelInfo(id=id, provider=id.partition(":")[0], label=id, configured=False)
        if endpoint is None:
            return self._extractive.info
        return attrs.evolve(_info(endpoint), id=id or endpoint.id)

    def _known(self, environment: Mapping[str, str]) -> list[ModelInfo]:
        """Servers that would be used once a setting names one of their models. No one is asked."""
        found = [
            ModelInfo(
                id=f"{provider}:NAME",
                provider=provider,
                label=f"{name}, if it runs at {DEFAULT_URLS[provider]}",
                configured=False,
                local=True,
            )
            for provider, name in LOCAL_SERVERS.items()
        ]
        if environment.get(OPENAI_KEY):
            label = f"OpenAI, with the key in {OPENAI_KEY}"
            found.append(ModelInfo(id="openai:NAME", provider="openai", label=label, configured=False))
        return found


def _info(endpoint: Endpoint) -> ModelInfo:
    return ModelInfo(
        id=endpoint.id,
        provider=endpoint.provider,
        label=f"{endpoint.name} at {endpoint.shown_url}",
        local=endpoint.local,
        context_tokens=endpoint.context_tokens,
    )


def _open_connections() -> "Connections":
    from rejoinder.adapters.pydantic_ai_model import Connections, warm_up

    warm_up()
    return Connections()
