"""Models that stand in for one another: the next is asked when one cannot answer."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import ModelRateLimited, ModelTimeout, ModelUnavailable
from rejoinder.domain.prompt import (
    FellBack,
    ModelEvent,
    ModelInfo,
    ModelSettings,
    Prompt,
    TextDelta,
    ThoughtDelta,
    ToolAsked,
)
from rejoinder.services.model_ports import ChatModel

_log = logging.getLogger(__name__)
_PASSING = (ModelRateLimited, ModelUnavailable, ModelTimeout)
"""What another model may help against; a refused key or a prompt that is too long is the user's to know."""


class FallbackModel:
    """A chat model made of several, asked in their order until one has begun to answer."""

    def __init__(self, models: Sequence[ChatModel]) -> None:
        self._models = models
        self._asked = models[0]

    @property
    def info(self) -> ModelInfo:
        """What is known of the model that is asked at present."""
        return self._asked.info

    def cost(self, usage: Usage) -> float | None:
        """What a use of that model costs."""
        return self._asked.cost(usage)

    async def sees(self) -> bool:
        """Whether that model takes images."""
        return await self._asked.sees()

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        """The first answer that begins. Raises what the last model raised, or what came after a beginning."""
        for model, following in zip(self._models, [*self._models[1:], None], strict=True):
            self._asked, said = model, False
            try:
                async with aclosing(model.stream(prompt, settings)) as events:
                    async for event in events:
                        said = said or isinstance(event, TextDelta | ThoughtDelta | ToolAsked)
                        yield event
                return
            except _PASSING as fault:
                if said or following is None:
                    raise
                _log.info("%s does not answer, %s is asked: %s", model.info.id, following.info.id, fault.message)
                fell_back = FellBack(following.info.id, fault.message)
            yield fell_back
