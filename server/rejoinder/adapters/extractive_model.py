"""The answer that is there without any model: the best passages, quoted."""

from collections.abc import AsyncGenerator

from rejoinder.domain.conversation import Usage
from rejoinder.domain.extractive import CLOSING, NOTHING, OPENING, quotes
from rejoinder.domain.prompt import EXTRACTIVE, Cited, Finished, ModelEvent, ModelInfo, ModelSettings, Prompt, TextDelta


class ExtractiveModel:
    """Answers with quotes from the prompt's passages."""

    @property
    def info(self) -> ModelInfo:
        """What is known of it."""
        return ModelInfo(id=EXTRACTIVE, provider="rejoinder", label="The best passages, quoted; no model", local=True)

    def cost(self, usage: Usage) -> float | None:
        """It costs nothing."""
        return None

    async def sees(self) -> bool:
        """It reads no images."""
        return False

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        """The answer, a quote at a time, each with its citation. Settings change nothing."""
        found = quotes(prompt.question, prompt.hits, folder=prompt.folder)
        yield TextDelta(" ".join(filter(None, (OPENING if found else NOTHING, prompt.unread))) + "\n\n")
        for quote in found:
            yield TextDelta(quote.markdown + "\n")
            yield Cited(quote.hit)
        yield TextDelta(CLOSING + "\n")
        yield Finished("end_turn")
