"""What the services need of models."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Usage
from rejoinder.domain.prompt import ModelEvent, ModelInfo, ModelSettings, Prompt
from rejoinder.domain.spending import DayUsage


class ChatModel(Protocol):
    """A model that answers a prompt. One object serves one turn."""

    @property
    def info(self) -> ModelInfo:
        """What is known of it; after a FellBack, of the model that answers instead."""
        ...

    def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        """The answer as it comes, ended by one Finished.

        Raises a ModelError, or ContextTooLarge when the provider says so. Cancelling the task that reads, or
        closing the iterator, closes the connection.
        """
        ...

    def cost(self, usage: Usage) -> float | None:
        """What this use costs in US dollars; None when no price is known."""
        ...

    async def sees(self) -> bool:
        """Whether it takes images. Where nobody has set that, its server is asked; `info` has a guess by its name."""
        ...


@frozen(kw_only=True)
class ModelChoice:
    """All that decides which model answers and how it is reached. `timeout` in seconds."""

    model: str | None = None
    instead_of: str | None = None
    """The model of the settings, to whose server address and key belong, where `model` is another one."""
    base_url: str | None = None
    api_key_env: str | None = None
    api_key_keyring: str | None = None
    """`SERVICE/USER`: where the system's keyring has the key."""
    timeout: float = 60.0
    context_tokens: int | None = None
    proxy: str | None = None
    ca_file: str | None = None
    fallbacks: tuple[str, ...] = ()
    """The models that are asked in turn when this one cannot answer."""
    defaults: ModelSettings = ModelSettings()
    """What is set for calls that do not say otherwise."""
    servers: Mapping[str, str] = attrs.field(factory=dict)
    """Addresses of servers on this machine, by provider; the usual ones for those that are not here."""
    named: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """The `[models.NAME]` tables, as they were written."""
    environment: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """The variables in which keys are looked up: those of the client, over those of the engine."""

    def instead(self, model: str) -> "ModelChoice":
        """The same with another model."""
        return attrs.evolve(self, model=model, instead_of=self.instead_of or self.model)


class Models(Protocol):
    """The models that can be chosen."""

    def get(self, choice: ModelChoice) -> ChatModel:
        """The model to use: what is chosen, else what was said yes to, else the extractive answer.

        Raises ModelNotConfigured.
        """
        ...

    async def available(self, choice: ModelChoice, *, refresh: bool = False) -> list[ModelInfo]:
        """What can be chosen, the extractive answer and the configured ones first.

        Servers that are configured are asked for their lists, no others; for a while the answer is kept, unless it is
        to be refreshed.
        """
        ...

    async def offers(self, choice: ModelChoice, *, again: bool = False) -> list[ModelInfo]:
        """What would be there after a yes: servers on this machine, and keys; offered once, or `again`."""
        ...

    async def use(self, choice: ModelChoice, model: str | None) -> None:
        """Remember which model to use where none is chosen; None forgets it. Raises ModelNotConfigured."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class AnswerShape(Protocol):
    """A JSON schema that answers are checked by."""

    def problems(self, value: Any) -> list[str]:
        """What is wrong with a JSON value, in sentences that say where; none when it is valid. May take long."""
        ...


class AnswerShapes(Protocol):
    """Knows JSON schemas."""

    def of(self, schema: dict[str, Any]) -> AnswerShape:
        """The shape that a schema describes. May take long. Raises SchemaInvalid; nothing is fetched from anywhere."""
        ...


class UsageLedger(Protocol):
    """What was used by day and model. One thread at a time uses it."""

    def add(self, day: str, model: str, usage: Usage) -> None:
        """Count one more turn; durable when the call returns."""
        ...

    def days(self) -> Sequence[DayUsage]:
        """All that was counted, by day and model."""
        ...
