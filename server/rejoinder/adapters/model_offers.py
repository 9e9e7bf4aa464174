"""What is said of models that can be chosen, and of those that only lack a choice."""

from collections.abc import Mapping

import attrs

from rejoinder.adapters.model_endpoint import DEFAULT_URLS, KEY_VARIABLES, Endpoint
from rejoinder.adapters.model_senses import sees
from rejoinder.domain.prompt import ModelInfo
from rejoinder.services.model_ports import ModelChoice

LOCAL_SERVERS: Mapping[str, str] = {
    "ollama": "Ollama",
    "lmstudio": "LM Studio",
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
}
"""Servers that people run on their own machine, on the ports that these use unless told otherwise."""
_KEYS: Mapping[str, str] = {"openai": "OpenAI", "anthropic": "Anthropic", "google": "Google"}


def model_info(endpoint: Endpoint, *, id: str | None = None) -> ModelInfo:
    """What is known of an endpoint's model, under the ID by which it is chosen."""
    return ModelInfo(
        id=id or endpoint.id,
        provider=endpoint.provider,
        label=f"{endpoint.name} at {endpoint.shown_url}",
        vision=sees(endpoint.provider, endpoint.name) if endpoint.vision is None else endpoint.vision,
        tools=endpoint.tools,
        local=endpoint.local,
        context_tokens=endpoint.context_tokens,
        defaults=endpoint.defaults,
    )


def siblings(endpoint: Endpoint, listed: Mapping[str, bool | None], *, table: str | None = None) -> list[ModelInfo]:
    """The other models of an endpoint's server, by what it says of each: what is set for this one holds for none."""
    bare = attrs.evolve(endpoint, context_tokens=None)
    return [
        model_info(attrs.evolve(bare, name=name, vision=vision), id=f"{table or endpoint.provider}:{name}")
        for name, vision in listed.items()
        if name != endpoint.name
    ]


def local_servers(choice: ModelChoice) -> list[Endpoint]:
    """Where servers of this machine would be; none that is switched off by an empty address."""
    urls = {provider: choice.servers.get(provider, DEFAULT_URLS[provider]) for provider in LOCAL_SERVERS}
    return [
        Endpoint(id=f"{provider}:", provider=provider, name="", base_url=url) for provider, url in urls.items() if url
    ]


def keys_at_hand(environment: Mapping[str, str]) -> list[ModelInfo]:
    """Providers whose key the environment holds. The key is not used until one of their models is chosen."""
    return [
        ModelInfo(
            id=f"{provider}:NAME",
            provider=provider,
            label=f"{_KEYS[provider]}, with the key in {key}",
            configured=False,
        )
        for provider, key in KEY_VARIABLES.items()
        if environment.get(key)
    ]


def placeholders(choice: ModelChoice, environment: Mapping[str, str]) -> list[ModelInfo]:
    """Servers that would be used once a setting names one of their models. No one is asked."""
    found = [
        ModelInfo(
            id=f"{endpoint.provider}:NAME",
            provider=endpoint.provider,
            label=f"{LOCAL_SERVERS[endpoint.provider]}, if it runs at {endpoint.shown_url}",
            configured=False,
            local=True,
        )
        for endpoint in local_servers(choice)
    ]
    return [*found, *keys_at_hand(environment)]
