"""One prompt answered: the stream, and the rounds of calls until there is an answer."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.budget import TokenEstimate
from rejoinder.domain.citations import label_of
from rejoinder.domain.conversation import Citation, Usage
from rejoinder.domain.errors import RequestRefused
from rejoinder.domain.events import CitationAdded, StatusChanged, TextPart, ThoughtPart, TurnEvent
from rejoinder.domain.prompt import (
    Cited,
    FellBack,
    Finished,
    ModelSettings,
    Prompt,
    Retrying,
    TextDelta,
    ThoughtDelta,
    ToolAsked,
)
from rejoinder.domain.tool_messages import Mask, messages_of, weighed, without_tools
from rejoinder.services.answer import Answer
from rejoinder.services.model_ports import ChatModel
from rejoinder.services.tool_rounds import ToolRounds
from rejoinder.services.world import World

_SHORTER = (32_000, 16_000, 8_000, 4_000, 2_000, 1_000, 300)
"""Characters of each output, where all that tools answered does not fit."""


async def _always() -> bool:
    return True


@frozen(kw_only=True)
class Conversation:
    """What one prompt is answered with."""

    model: ChatModel
    settings: ModelSettings
    answer: Answer
    emit: Callable[[TurnEvent], None]
    mask: Mask
    estimate: TokenEstimate = TokenEstimate()
    rounds: ToolRounds | None = None
    """What sees calls through; None for a turn without tools."""
    most_rounds: int = 0
    may_go_on: Callable[[], Awaitable[bool]] = _always
    """Whether the model may be asked once more, by what was used so far."""


class Conversing:
    """Has prompts answered."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, prompt: Prompt, with_: Conversation) -> None:
        """Have a prompt answered, with as many rounds of calls as it takes; the answer is filled as it comes.

        Calls that the answer holds already, of a turn that waited, are seen through first.
        """
        answer, rounds = with_.answer, with_.rounds
        began = len(answer.text)
        if rounds is not None and answer.calls:
            await rounds.settle()
            _break(with_, 0)
        for number in range(with_.most_rounds + 1):
            if (fitting := _with_calls(prompt, with_)) is None:
                return _stop("What the tools answered is more than the model takes in.", with_)
            asked = await self._stream_or_less(fitting, with_)
            if not asked or rounds is None:
                return None
            if number == with_.most_rounds:
                return _stop(f"The model has called tools {number} times without an answer; it is stopped.", with_)
            if not await with_.may_go_on():
                return _stop("What may be used is used up; the model's calls are not made.", with_)
            await rounds.take(asked, self._world.new_id)
            _break(with_, began)
        return None

    async def _stream_or_less(self, prompt: Prompt, with_: Conversation) -> list[ToolAsked]:
        """The same, without tools for a model whose server refuses them before anything was said."""
        try:
            return await self._stream(prompt, with_)
        except RequestRefused as refused:
            said = with_.answer.text or with_.answer.calls
            if said or not prompt.tools or "tool" not in refused.message.lower():
                raise
            with_.emit(StatusChanged(f"{with_.model.info.id} takes no tools; answering without them."))
            return await self._stream(without_tools(prompt), with_)

    async def _stream(self, prompt: Prompt, with_: Conversation) -> list[ToolAsked]:
        """One request to the model; answers the calls that it asks for."""
        answer, emit = with_.answer, with_.emit
        asked: list[ToolAsked] = []
        answer.requests += 1
        # closed on the way out, so that a cancelled turn closes the model's connection at once
        async with aclosing(with_.model.stream(prompt, with_.settings)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        _say(text, with_)
                    case ThoughtDelta(text):
                        emit(ThoughtPart(text))
                    case Cited(hit):
                        citation = Citation(hit.uri, hit.place, label_of(hit, prompt.folder), hit.message_id)
                        answer.citations = (*answer.citations, citation)
                        emit(CitationAdded(citation))
                    case Retrying(attempt, delay, reason):
                        emit(StatusChanged(f"{reason} Trying again in {delay:.1f} s (attempt {attempt})."))
                    case FellBack(model_id, reason):
                        emit(StatusChanged(f"{reason} {model_id} is asked instead."))
                    case ToolAsked():
                        asked.append(event)
                    case Finished(stop_reason, usage):
                        answer.stop_reason = stop_reason
                        answer.usage = answer.usage.plus(self._usage(usage, prompt, asked, with_))
        return asked

    def _usage(self, usage: Usage | None, prompt: Prompt, asked: list[ToolAsked], with_: Conversation) -> Usage:
        """What one of several requests used; of the only one the whole answer is measured later."""
        if usage is not None or not (asked or with_.answer.calls):
            return usage or Usage()
        estimate = with_.estimate
        tokens = sum(estimate.of(weighed(message)) for message in prompt.messages)
        return Usage(tokens, sum(estimate.of(one.name + one.args) for one in asked))


def _stop(why: str, with_: Conversation) -> None:
    with_.answer.stop_reason = "limit"
    with_.emit(StatusChanged(why))


def _break(with_: Conversation, began: int) -> None:
    """What comes after calls is a paragraph of its own."""
    if with_.answer.text[began:] and not with_.answer.text.endswith("\n"):
        _say("\n\n", with_)


def _say(text: str, with_: Conversation) -> None:
    with_.answer.text += text
    with_.emit(TextPart(text))


def _with_calls(prompt: Prompt, with_: Conversation) -> Prompt | None:
    """The prompt with the calls of this turn so far behind it; None when they do not fit, however short."""
    answer = with_.answer
    if not answer.calls:
        return prompt
    for longest in (None, *_SHORTER):
        made = messages_of(answer.text, answer.calls, with_.mask, longest=longest)
        used = prompt.tokens + sum(with_.estimate.of(weighed(message)) for message in made)
        if not prompt.budget or used <= prompt.budget:
            return attrs.evolve(prompt, messages=(*prompt.messages, *made))
    return None
