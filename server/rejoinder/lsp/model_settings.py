"""What a client's settings say about models and searches."""

from collections.abc import Mapping

from rejoinder.domain.prompt import ModelSettings
from rejoinder.domain.retrieval import IndexOptions
from rejoinder.domain.spending import Limits
from rejoinder.protocol.settings import Settings
from rejoinder.services.model_ports import ModelChoice


def choice_of(settings: Settings, environment: Mapping[str, str]) -> ModelChoice:
    """Which model the settings name, and how it is reached; keys are looked up in `environment`."""
    return ModelChoice(
        model=settings.model,
        base_url=settings.base_url,
        api_key_env=settings.api_key_env,
        api_key_keyring=settings.api_key_keyring,
        timeout=settings.timeout,
        context_tokens=settings.context_tokens,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
        fallbacks=tuple(settings.fallbacks),
        defaults=ModelSettings(settings.temperature, settings.max_tokens, settings.effort),
        servers=settings.servers,
        named=settings.models,
        environment=environment,
    )


def index_options_of(settings: Settings) -> IndexOptions:
    """What a search is made of, the model that embeds among it."""
    return IndexOptions(
        embedder=settings.embedder,
        base_url=settings.base_url,
        api_key_env=settings.api_key_env,
        history=settings.history,
    )


def limits_of(settings: Settings) -> Limits:
    """What the settings allow to be used."""
    budget = settings.budget
    return Limits(
        day=budget.day, session=budget.session, day_tokens=budget.day_tokens, session_tokens=budget.session_tokens
    )
