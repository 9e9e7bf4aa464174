"""Answers of a shape: checked by a JSON schema, and asked for again with what was wrong."""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import orjson

from rejoinder.domain.answer_json import json_in
from rejoinder.domain.budget import TokenEstimate
from rejoinder.domain.errors import ModelNotConfigured, RequestRefused, SchemaInvalid
from rejoinder.domain.events import StatusChanged, TextPart, TurnEvent
from rejoinder.domain.prompt import EXTRACTIVE, ModelInfo, Prompt, PromptMessage
from rejoinder.domain.quoting import fenced
from rejoinder.services.conversing import Conversation, Conversing
from rejoinder.services.model_ports import AnswerShape, AnswerShapes

MOST_ATTEMPTS = 3

_ENDED = {
    "max_tokens": "The model's answer was cut off before its end.",
    "refusal": "The model refuses to answer.",
    "limit": "The model used its tools up to the limit without an answer.",
}


class Structuring:
    """Has questions answered by JSON."""

    def __init__(self, shapes: AnswerShapes) -> None:
        self._shapes = shapes

    async def check(self, schema: dict[str, Any], model: ModelInfo) -> AnswerShape:
        """The shape of a schema. Raises SchemaInvalid, and ModelNotConfigured when there is no model to ask."""
        shape = await asyncio.to_thread(self._shapes.of, schema)
        if model.id == EXTRACTIVE:
            raise ModelNotConfigured(
                "An answer by a schema takes a model, and none is set.", hint="Set `model`, for example `ollama:NAME`."
            )
        return shape

    async def answer(
        self, prompt: Prompt, schema: dict[str, Any], conversation: Conversation, conversing: Conversing
    ) -> None:
        """Fill the conversation's answer with JSON that is valid; its text is told when it is whole.

        Raises SchemaInvalid with what was wrong with the last of the attempts.
        """
        shape = await self.check(schema, conversation.model.info)
        answer, emit = conversation.answer, conversation.emit
        asked, problems = prompt, list[str]()
        for attempt in range(1, MOST_ATTEMPTS + 1):
            text, asked = await _said(asked, conversation, conversing)
            found, problems = await asyncio.to_thread(_read, text, shape)
            if not problems:
                answer.text = found
                emit(TextPart(found))
                return
            if answer.stop_reason in _ENDED:
                raise _unlike(_ENDED[answer.stop_reason], problems)
            if attempt < MOST_ATTEMPTS:
                emit(StatusChanged(f"The answer is not as the schema wants it; asking again. {problems[0]}"))
                again = attrs.evolve(prompt, schema=asked.schema)
                asked = await asyncio.to_thread(_again, again, text, problems, conversation.mask)
        raise _unlike(f"The model gave no valid answer in {MOST_ATTEMPTS} attempts.", problems)


async def _said(prompt: Prompt, conversation: Conversation, conversing: Conversing) -> tuple[str, Prompt]:
    """What a model says to a prompt, and the prompt as its server took it.

    Of an answer that is cancelled nothing stays: half of a value is none.
    """

    def tell(event: TurnEvent) -> None:
        if not isinstance(event, TextPart):
            conversation.emit(event)

    answer = conversation.answer
    quiet = attrs.evolve(conversation, emit=tell)
    try:
        try:
            await conversing.answer(prompt, quiet)
        except RequestRefused:
            if prompt.schema is None or answer.text or answer.calls:
                raise
            conversation.emit(StatusChanged("The model's server takes no schema; asking in words."))
            prompt = attrs.evolve(prompt, schema=None)
            await conversing.answer(prompt, quiet)
        return answer.text, prompt
    finally:
        # what calls stood behind is no part of the value
        answer.text, answer.calls[:] = "", [attrs.evolve(call, at=0) for call in answer.calls]


def _read(text: str, shape: AnswerShape) -> tuple[str, list[str]]:
    """The JSON in an answer, and what is wrong with it."""
    try:
        found = json_in(text)
        # what a reply can hold: no half of a surrogate pair, for example
        value = orjson.loads(found)
    except ValueError as error:
        return "", [f"$: {error}"]
    return found, shape.problems(value)


def _again(prompt: Prompt, text: str, problems: list[str], mask: Callable[[str], str]) -> Prompt:
    """The prompt with an answer and what was wrong with it; with the latter alone where both are too much."""
    wrong = "\n".join(problems)
    complaint = mask(
        f"That is not valid by the schema:\n{fenced(wrong)}\nAnswer again, with the whole JSON value and nothing else."
    )
    told = [PromptMessage("user", complaint)]
    if text.strip():
        told.insert(0, PromptMessage("assistant", mask(text)))
    estimate = TokenEstimate()
    while len(told) > 1 and prompt.tokens + sum(estimate.of(one.content) for one in told) > prompt.budget:
        del told[0]
    tokens = prompt.tokens + sum(estimate.of(one.content) for one in told)
    return attrs.evolve(prompt, messages=(*prompt.messages, *told), tokens=tokens)


def _unlike(what: str, problems: list[str]) -> SchemaInvalid:
    return SchemaInvalid(what, errors=problems, hint="Ask again, make the schema simpler, or choose another model.")
