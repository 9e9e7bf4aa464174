"""From a request to an answer: the prompt, the model, the stream."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing

import attrs

from rejoinder.domain.assembly import Parts, assemble
from rejoinder.domain.budget import TokenEstimate, prompt_budget
from rejoinder.domain.citations import Sent, find_citations, label_of, sent_with
from rejoinder.domain.conversation import Citation, Message, Session, StopReason, Usage
from rejoinder.domain.errors import ContextTooLarge
from rejoinder.domain.events import (
    CitationAdded,
    ContextFound,
    StatusChanged,
    TextPart,
    ThoughtPart,
    TurnEvent,
)
from rejoinder.domain.prompt import (
    EXTRACTIVE,
    Cited,
    FellBack,
    Finished,
    Prompt,
    Retrying,
    TextDelta,
    ThoughtDelta,
)
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.users import is_whole
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.gathering import Gathering
from rejoinder.services.model_ports import ChatModel, Models
from rejoinder.services.remembering import REMEMBERING, Remembering
from rejoinder.services.request import TurnRequest, note_of
from rejoinder.services.spending import Spending
from rejoinder.services.summarising import Summarising, Writer
from rejoinder.services.world import World

SHRUNK = 0.5
"""What is left of the budget when a provider says that a prompt was too long."""


@attrs.define
class Answer:
    """An answer while it comes in. What it holds is good at any moment: a cancelled turn stores it as it is."""

    model: str
    message_id: str
    question_id: str = ""
    """The message that is answered."""
    text: str = ""
    citations: tuple[Citation, ...] = ()
    stop_reason: StopReason = "cancelled"
    usage: Usage = Usage()


class Answering:
    """Puts prompts together and has them answered."""

    def __init__(
        self,
        models: Models,
        gathering: Gathering,
        summarising: Summarising,
        choke_point: ChokePoint,
        spending: Spending,
        remembering: Remembering,
        world: World,
    ) -> None:
        self._models = models
        self._remembering = remembering
        self._spending = spending
        self._gathering = gathering
        self._summarising = summarising
        self._choke_point = choke_point
        self._world = world
        self._estimates: dict[str, TokenEstimate] = {}
        """What was learned of each model's tokens, by its ID."""

    def model(self, request: TurnRequest, session: Session | None) -> ChatModel:
        """The model that answers: the request's, else the session's, else the setting's.

        None is asked for what is only to be remembered.
        """
        if note_of(request) is not None:
            return REMEMBERING
        named = request.model or (session.model if session else None)
        return self._models.get(request.choice.instead(named) if named else request.choice)

    async def prompt(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        *,
        model: ChatModel,
        tell: Callable[[str], None],
    ) -> Prompt:
        """The exact prompt of a request; of one that goes to no model it is empty."""
        if model is REMEMBERING:
            return Prompt(messages=(), question=request.text)
        parts = await self._parts(request, session, path, model, tell)
        return await self._fit(request, session, path, parts, model, 1.0)

    async def answer(
        self,
        request: TurnRequest,
        session: Session,
        path: Sequence[Message],
        answer: Answer,
        *,
        model: ChatModel,
        emit: Callable[[TurnEvent], None],
    ) -> None:
        """Have a request answered; `answer` is filled as the text comes in.

        Raises BudgetExceeded before a model is asked for anything.
        """
        if model is not REMEMBERING:
            await self._ask(request, session, path, answer, model=model, emit=emit)
            return
        answer.text = await self._remembering.take(request, session, path, answer.question_id)
        answer.stop_reason = "end_turn"
        emit(TextPart(answer.text))

    async def _ask(
        self,
        request: TurnRequest,
        session: Session,
        path: Sequence[Message],
        answer: Answer,
        *,
        model: ChatModel,
        emit: Callable[[TurnEvent], None],
    ) -> None:
        def tell(message: str) -> None:
            emit(StatusChanged(message))

        began = self._world.seconds()
        await self._spending.check(model.info.id, request.limits, session=session.usage, tell=tell)
        parts = await self._parts(request, session, path, model, tell)
        prompt = await self._fit(request, session, path, parts, model, 1.0)
        if prompt.hits:
            emit(ContextFound(prompt.hits))
        try:
            await self._stream(model, prompt, request, answer, emit)
        except ContextTooLarge:
            if answer.text:
                raise
            emit(StatusChanged("The prompt was too long for the model; trying again with less."))
            prompt = await self._fit(request, session, path, parts, model, SHRUNK)
            await self._stream(model, prompt, request, answer, emit)
        finally:
            self._account(answer, prompt, model, self._world.seconds() - began)
        if not answer.citations:
            _cite(answer, sent_with(prompt.hits, parts.attachments, path), emit)
        if request.remember and is_whole(path):
            self._summarising.begin(session, path, self._writer(request, model))

    async def _parts(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        model: ChatModel,
        tell: Callable[[str], None],
    ) -> Parts:
        # a summary may tell what other users said in between
        whole = is_whole(path)
        summary = await self._summarising.standing(session, path, self._writer(request, model)) if whole else None
        return await self._gathering.parts(
            request, session, path, summary=summary, quoting=model.info.id == EXTRACTIVE, tell=tell
        )

    def _writer(self, request: TurnRequest, model: ChatModel) -> Writer:
        window = model.info.context_tokens or request.choice.context_tokens
        budget = prompt_budget(window, request.settings.over(model.info.defaults).max_tokens)
        return Writer(model, budget, self._estimates.get(model.info.id, TokenEstimate()))

    async def _fit(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        parts: Parts,
        model: ChatModel,
        share: float,
    ) -> Prompt:
        writer = self._writer(request, model)
        redactor = self._redactor(request, session, path)
        # large texts take long to be masked
        return await asyncio.to_thread(
            assemble,
            parts,
            budget=int(writer.budget * share),
            estimate=writer.estimate,
            mask=redactor.mask if request.redact else lambda text: text,
        )

    def _redactor(self, request: TurnRequest, session: Session | None, path: Sequence[Message]) -> Redactor:
        if session is None:
            return Redactor()
        known = (message.content for message in path)
        return self._choke_point.redactor(request.project.project_id, session.session_id, known)

    async def _stream(
        self,
        model: ChatModel,
        prompt: Prompt,
        request: TurnRequest,
        answer: Answer,
        emit: Callable[[TurnEvent], None],
    ) -> None:
        # closed on the way out, so that a cancelled turn closes the model's connection at once
        async with aclosing(model.stream(prompt, request.settings)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        answer.text += text
                        emit(TextPart(text))
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
                    case Finished(stop_reason, usage):
                        answer.stop_reason = stop_reason
                        answer.usage = usage or Usage()

    def _account(self, answer: Answer, prompt: Prompt, model: ChatModel, seconds: float) -> None:
        """Fill in who answered and what the provider did not report, and learn from what it did."""
        answer.model = model.info.id
        estimate = self._estimates.get(model.info.id, TokenEstimate())
        reported = answer.usage
        if reported.input_tokens:
            self._estimates[model.info.id] = estimate.corrected(prompt.tokens, reported.input_tokens)
        answer.usage = attrs.evolve(
            reported,
            input_tokens=reported.input_tokens or prompt.tokens,
            output_tokens=reported.output_tokens or estimate.of(answer.text),
            seconds=seconds,
        )
        if answer.usage.cost is None:
            answer.usage = attrs.evolve(answer.usage, cost=model.cost(answer.usage))


def _cite(answer: Answer, sent: Iterable[Sent], emit: Callable[[TurnEvent], None]) -> None:
    """Find in a finished answer which of the places that were sent it names."""
    answer.citations = find_citations(answer.text, sent, answer.message_id)
    for citation in answer.citations:
        emit(CitationAdded(citation))
