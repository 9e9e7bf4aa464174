"""From a request to an answer: the prompt, the model, the stream."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import attrs

from rejoinder.domain.assembly import Parts, assemble
from rejoinder.domain.budget import TokenEstimate, prompt_budget
from rejoinder.domain.citations import Sent, find_citations, sent_with
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.errors import BudgetExceeded, ContextTooLarge
from rejoinder.domain.events import CitationAdded, ContextFound, StatusChanged, TextPart, TurnEvent
from rejoinder.domain.prompt import EXTRACTIVE, ModelInfo, Prompt
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.users import is_whole
from rejoinder.services.answer import Answer as Answer
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.conversing import Conversation, Conversing
from rejoinder.services.gathering import Gathering
from rejoinder.services.model_ports import ChatModel, Models
from rejoinder.services.remembering import REMEMBERING, Remembering
from rejoinder.services.request import TurnRequest, note_of
from rejoinder.services.spending import Spending
from rejoinder.services.structuring import Structuring
from rejoinder.services.summarising import Summarising, Writer
from rejoinder.services.tool_rounds import ToolRounds
from rejoinder.services.tooling import Toolbox, Tooling
from rejoinder.services.world import World

SHRUNK = 0.5
"""What is left of the budget when a provider says that a prompt was too long."""


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
        tooling: Tooling,
        structuring: Structuring,
        world: World,
    ) -> None:
        self._models = models
        self._remembering = remembering
        self._tooling = tooling
        self._structuring = structuring
        self._conversing = Conversing(world)
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

    async def check_schema(self, request: TurnRequest, model: ModelInfo) -> None:
        """Refuse a schema that is none, and one for an answer without a model."""
        if request.schema is not None:
            await self._structuring.check(request.schema, model)

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
        tools = await self._tooling.of_turn(request, session, model.info, tell)
        parts = await self._parts(request, session, path, model, tools, tell)
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
        tools = await self._tooling.of_turn(request, session, model.info, tell)
        parts = await self._parts(request, session, path, model, tools, tell)
        prompt = await self._fit(request, session, path, parts, model, 1.0)
        if prompt.hits:
            emit(ContextFound(prompt.hits))
        conversation = self._conversation(request, session, path, answer, model, tools, emit)
        try:
            await self._converse(prompt, request, conversation)
        except ContextTooLarge:
            if answer.text or answer.calls:
                raise
            emit(StatusChanged("The prompt was too long for the model; trying again with less."))
            prompt = await self._fit(request, session, path, parts, model, SHRUNK)
            await self._converse(prompt, request, conversation)
        finally:
            self._account(answer, prompt, model, self._world.seconds() - began)
        if not answer.citations:
            _cite(answer, sent_with(prompt.hits, parts.attachments, path), emit)
        if request.remember and is_whole(path):
            self._summarising.begin(session, path, self._writer(request, model))

    async def _converse(self, prompt: Prompt, request: TurnRequest, conversation: Conversation) -> None:
        if request.schema is None:
            await self._conversing.answer(prompt, conversation)
        else:
            await self._structuring.answer(prompt, request.schema, conversation, self._conversing)

    async def _parts(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        model: ChatModel,
        tools: Toolbox | None,
        tell: Callable[[str], None],
    ) -> Parts:
        # a summary may tell what other users said in between
        whole = is_whole(path)
        summary = await self._summarising.standing(session, path, self._writer(request, model)) if whole else None
        parts = await self._gathering.parts(
            request, session, path, summary=summary, quoting=model.info.id == EXTRACTIVE, tell=tell
        )
        return attrs.evolve(parts, tools=tools.specs if tools is not None else ())

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
            mask=redactor.mask if request.redact else _as_it_is,
        )

    def _redactor(self, request: TurnRequest, session: Session | None, path: Sequence[Message]) -> Redactor:
        if session is None:
            return Redactor()
        known = (message.content for message in path)
        return self._choke_point.redactor(request.project.project_id, session.session_id, known)

    def _conversation(
        self,
        request: TurnRequest,
        session: Session,
        path: Sequence[Message],
        answer: Answer,
        model: ChatModel,
        tools: Toolbox | None,
        emit: Callable[[TurnEvent], None],
    ) -> Conversation:
        redactor = self._redactor(request, session, path)

        async def may_go_on() -> bool:
            used = session.usage.plus(answer.usage)
            try:
                await self._spending.check(model.info.id, request.limits, session=used, tell=lambda _: None)
            except BudgetExceeded:
                return False
            return True

        return Conversation(
            model=model,
            settings=request.settings,
            answer=answer,
            emit=emit,
            mask=redactor.mask if request.redact else _as_it_is,
            estimate=self._writer(request, model).estimate,
            rounds=None if tools is None else ToolRounds(tools, answer, emit),
            most_rounds=0 if tools is None else tools.limits.rounds,
            may_go_on=may_go_on,
        )

    def _account(self, answer: Answer, prompt: Prompt, model: ChatModel, seconds: float) -> None:
        """Fill in who answered and what the provider did not report, and learn from what it did."""
        answer.model = model.info.id
        estimate = self._estimates.get(model.info.id, TokenEstimate())
        reported = answer.usage
        if reported.input_tokens and answer.requests == 1 and not prompt.has_images:
            self._estimates[model.info.id] = estimate.corrected(prompt.tokens, reported.input_tokens)
        answer.usage = attrs.evolve(
            reported,
            input_tokens=reported.input_tokens or prompt.tokens,
            output_tokens=reported.output_tokens or estimate.of(answer.text),
            seconds=seconds,
        )
        if answer.usage.cost is None:
            answer.usage = attrs.evolve(answer.usage, cost=model.cost(answer.usage))


def _as_it_is(text: str) -> str:
    return text


def _cite(answer: Answer, sent: Iterable[Sent], emit: Callable[[TurnEvent], None]) -> None:
    """Find in a finished answer which of the places that were sent it names."""
    answer.citations = find_citations(answer.text, sent, answer.message_id)
    for citation in answer.citations:
        emit(CitationAdded(citation))
