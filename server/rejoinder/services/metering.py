"""Models whose use is counted, whoever asks them and however the answer ends."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import attrs

from rejoinder.domain.budget import TokenEstimate
from rejoinder.domain.conversation import Usage
from rejoinder.domain.prompt import Finished, ModelEvent, ModelInfo, ModelSettings, Prompt, TextDelta, ThoughtDelta
from rejoinder.services.model_ports import ChatModel, ModelChoice, Models
from rejoinder.services.spending import Spending


class MeteredModels:
    """The port `Models`, over another one, with every answer counted."""

    def __init__(self, models: Models, spending: Spending) -> None:
        self._models = models
        self._spending = spending

    def get(self, choice: ModelChoice) -> ChatModel:
        """As the port says."""
        return _MeteredModel(self._models.get(choice), self._spending)

    async def available(self, choice: ModelChoice, *, refresh: bool = False) -> list[ModelInfo]:
        """As the port says."""
        return await self._models.available(choice, refresh=refresh)

    async def offers(self, choice: ModelChoice, *, again: bool = False) -> list[ModelInfo]:
        """As the port says."""
        return await self._models.offers(choice, again=again)

    async def use(self, choice: ModelChoice, model: str | None) -> None:
        """As the port says."""
        await self._models.use(choice, model)

    async def close(self) -> None:
        """As the port says."""
        await self._models.close()


class _MeteredModel:
    """A chat model whose answers are counted before their Finished is passed on, which then tells the cost."""

    def __init__(self, model: ChatModel, spending: Spending) -> None:
        self._model = model
        self._spending = spending

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def cost(self, usage: Usage) -> float | None:
        return self._model.cost(usage)

    async def sees(self) -> bool:
        return await self._model.sees()

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        answered, reported = "", None
        try:
            async with aclosing(self._model.stream(prompt, settings)) as events:
                async for event in events:
                    match event:
                        case TextDelta(text) | ThoughtDelta(text):
                            answered += text
                        case Finished(_, usage) if usage is not None:
                            reported = attrs.evolve(usage, cost=self._model.cost(usage))
                            event = attrs.evolve(event, usage=reported)
                    yield event
        finally:
            # of an answer that was cut off, or whose provider does not count, what it must have been about
            if reported is None and answered:
                estimate = TokenEstimate()
                reported = Usage(prompt.tokens, estimate.of(answered))
                reported = attrs.evolve(reported, cost=self._model.cost(reported))
            if reported is not None:
                await self._spending.record(self._model.info.id, reported)
