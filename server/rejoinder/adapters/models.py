"""The models that can be chosen, and the connections to their servers.

Nothing here imports the model library, which takes over a second: `preload` does, in a thread. Nor is what speaks
HTTP imported before it is needed.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

import attrs

from rejoinder.adapters.extractive_model import ExtractiveModel
from rejoinder.adapters.fallback_model import FallbackModel
from rejoinder.adapters.keyring_keys import key_of
from rejoinder.adapters.model_endpoint import Endpoint, fallbacks_of, resolve
from rejoinder.adapters.model_offers import keys_at_hand, local_servers, model_info, placeholders, siblings
from rejoinder.adapters.model_prices import cost_of
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.retrying_model import RetryingModel, RetryPolicy
from rejoinder.domain.errors import ModelNotConfigured
from rejoinder.domain.prompt import EXTRACTIVE, ModelEvent, ModelInfo, ModelSettings, Prompt
from rejoinder.services.model_ports import ChatModel, ModelChoice

if TYPE_CHECKING:
    from rejoinder.adapters.model_lists import Listed, ModelLists
    from rejoinder.adapters.model_sight import ModelSight
    from rejoinder.adapters.pydantic_ai_model import Connections


class ModelCatalogue:
    """Resolves choices to models. One event loop uses it."""

    def __init__(
        self, *, environment: Mapping[str, str], remembered: RememberedModels, retry: RetryPolicy | None = None
    ) -> None:
        self._environment = environment
        self._remembered = remembered
        self._retry = retry or RetryPolicy()
        self._extractive = ExtractiveModel()
        self._lists: ModelLists | None = None
        self._sight: ModelSight | None = None
        self._connections: Connections | None = None
        self._loading: asyncio.Task[Connections] | None = None

    def get(self, choice: ModelChoice) -> ChatModel:
        """The model to use: what is chosen, else what was said yes to, else the extractive answer.

        Raises ModelNotConfigured.
        """
        choice = self._settled(choice)
        model = self._single(choice)
        others = [name for name in fallbacks_of(choice) if name != choice.model]
        return FallbackModel([model, *(self._fallback(choice, name) for name in others)]) if others else model

    async def available(self, choice: ModelChoice, *, refresh: bool = False) -> list[ModelInfo]:
        """What can be chosen: the extractive answer, what is configured, its servers' others, what lacks a setting."""
        choice = self._settled(choice)
        found = {EXTRACTIVE: self._extractive.info}
        asked: list[tuple[Endpoint, str | None]] = []
        is_open = choice.model is None and choice.base_url is None
        chosen = [] if is_open or choice.model in choice.named else [choice]
        for one in [*chosen, *(choice.instead(name) for name in choice.named)]:
            try:
                endpoint = self._endpoint(one)
            except ModelNotConfigured as error:
                found.setdefault(one.model or "", _unusable(one.model or "", error))
                continue
            if endpoint is not None:
                table = one.model if one.model in choice.named else None
                found.setdefault(table or endpoint.id, model_info(endpoint, id=table))
                asked.append((endpoint, table))
        lists = await asyncio.gather(*(self._listed(endpoint, refresh=refresh) for endpoint, _ in asked))
        for (endpoint, table), listed in zip(asked, lists, strict=True):
            own, vision = table or endpoint.id, endpoint.vision
            told = listed.get(endpoint.name) if vision is None else vision
            found[own] = model_info(attrs.evolve(endpoint, vision=told), id=table)
            for info in siblings(endpoint, listed, table=table):
                found.setdefault(info.id, info)
        for info in placeholders(choice, self._keys(choice)):
            found.setdefault(info.id, info)
        return list(found.values())

    async def offers(self, choice: ModelChoice, *, again: bool = False) -> list[ModelInfo]:
        """What would be there after a yes: servers on this machine, and keys; offered once, or `again`."""
        known = frozenset[str]() if again else self._remembered.offered
        servers = [server for server in local_servers(choice) if _offer(server) not in known]
        lists = await asyncio.gather(*(self._listed(server, refresh=True) for server in servers))
        running = {server: listed for server, listed in zip(servers, lists, strict=True) if listed}
        keys = [info for info in keys_at_hand(self._keys(choice)) if info.id not in known]
        told = frozenset([*(_offer(server) for server in running), *(info.id for info in keys)])
        await asyncio.to_thread(self._remembered.offer, told)
        return [info for server, listed in running.items() for info in siblings(server, listed)] + keys

    async def use(self, choice: ModelChoice, model: str | None) -> None:
        """Remember which model to use where none is chosen; None forgets it. Raises ModelNotConfigured."""
        if model is not None:
            self.get(choice.instead(model))
        await asyncio.to_thread(self._remembered.choose, model)

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
        self._remembered.close()

    def _settled(self, choice: ModelChoice) -> ModelChoice:
        """The choice, or what was said yes to where nothing is chosen."""
        remembered = self._remembered.model
        is_open = choice.model is None and choice.base_url is None
        return choice.instead(remembered) if is_open and remembered is not None else choice

    def _keys(self, choice: ModelChoice) -> Mapping[str, str]:
        return choice.environment or self._environment

    def _endpoint(self, choice: ModelChoice) -> Endpoint | None:
        return resolve(choice, self._keys(choice))

    def _single(self, choice: ModelChoice) -> ChatModel:
        endpoint = self._endpoint(choice)
        if endpoint is None:
            return self._extractive

        async def attempt(prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
            connections = await self._loaded()
            at = await _with_key(endpoint)
            async with aclosing(connections.attempt(at, prompt, settings.over(at.defaults))) as events:
                async for event in events:
                    yield event

        async def sees() -> bool:
            return await self._seeing(endpoint)

        return RetryingModel(
            model_info(endpoint), attempt, self._retry, cost=lambda usage: cost_of(endpoint, usage), sees=sees
        )

    def _fallback(self, choice: ModelChoice, name: str) -> ChatModel:
        try:
            return self._single(choice.instead(name))
        except ModelNotConfigured as error:
            raise ModelNotConfigured(
                f"The fallback {name!r} cannot be used. {error.message}", hint=error.hint
            ) from None

    async def _seeing(self, endpoint: Endpoint) -> bool:
        if endpoint.vision is not None:
            return endpoint.vision
        if self._sight is None:
            opened = await asyncio.to_thread(_open_sight)
            self._sight = self._sight or opened
        return await self._sight.of(await _with_key(endpoint))

    async def _listed(self, endpoint: Endpoint, *, refresh: bool) -> "Listed":
        # a keyring may ask its user something, which a list is not worth
        if endpoint.keyring:
            return {}
        if self._lists is None:
            opened = await asyncio.to_thread(_open_lists)
            self._lists = self._lists or opened
        return await self._lists.of(endpoint, refresh=refresh)

    async def _loaded(self) -> "Connections":
        if self._connections is None:
            # Shielded: a turn that is cancelled while the library is loading must not take that from the others.
            self._loading = self._loading or asyncio.create_task(self._load())
            return await asyncio.shield(self._loading)
        return self._connections

    async def _load(self) -> "Connections":
        self._connections = await asyncio.to_thread(_open_connections)
        return self._connections


async def _with_key(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its key, where the keyring has it."""
    if endpoint.keyring is None:
        return endpoint
    return attrs.evolve(endpoint, api_key=await asyncio.to_thread(key_of, endpoint.keyring))


def _offer(server: Endpoint) -> str:
    return f"{server.provider} at {server.base_url}"


def _open_lists() -> "ModelLists":
    from rejoinder.adapters.model_lists import ModelLists

    return ModelLists()


def _open_sight() -> "ModelSight":
    from rejoinder.adapters.model_sight import ModelSight

    return ModelSight()


def _open_connections() -> "Connections":
    from rejoinder.adapters.pydantic_ai_model import Connections, warm_up

    warm_up()
    return Connections()


def _unusable(id: str, error: ModelNotConfigured) -> ModelInfo:
    return ModelInfo(id=id, provider=id.partition(":")[0], label=f"{id}: {error.message}", configured=False)
