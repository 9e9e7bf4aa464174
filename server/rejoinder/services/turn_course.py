"""The course of one turn: from where it may run to where it is stored, or has failed."""

import asyncio
from contextlib import nullcontext

import attrs

from rejoinder.domain.branching import Branch, branch
from rejoinder.domain.conversation import Session, Usage
from rejoinder.domain.errors import NotFound, RejoinderError
from rejoinder.domain.events import TurnEnded, TurnResult, TurnStarted, UsageKnown, UserMessageTaken
from rejoinder.domain.tree import MessageTree
from rejoinder.domain.waiting import WaitingTurn
from rejoinder.services.answer import Answer
from rejoinder.services.answering import Answering
from rejoinder.services.conversations import Conversations
from rejoinder.services.parts import Parts
from rejoinder.services.pictures import Pictures
from rejoinder.services.request import TurnRequest, read_part, with_text_of
from rejoinder.services.running import RunningTurn, RunningTurns
from rejoinder.services.tool_approvals import TurnParked
from rejoinder.services.turn_messages import question_of, reply_of
from rejoinder.services.turn_sessions import TurnSessions
from rejoinder.services.turn_storing import TurnStoring
from rejoinder.services.underway import Underway, answer_in, resumed, tell_cancelled
from rejoinder.services.unforeseen import as_told


class TurnCourse:
    """Sees turns through."""

    def __init__(
        self,
        conversations: Conversations,
        found: TurnSessions,
        running: RunningTurns,
        answering: Answering,
        pictures: Pictures,
        storing: TurnStoring,
    ) -> None:
        self._conversations = conversations
        self._found = found
        self._running = running
        self._answering = answering
        self._pictures = pictures
        self._storing = storing
        self._parts = Parts(conversations)
        self._world = conversations.world

    async def run(self, turn: RunningTurn, request: TurnRequest, waiting: WaitingTurn | None = None) -> TurnResult:
        """Run a turn once it is released and the first of its session; `waiting` is one that is taken up again.

        Raises what it fails with, after its end was told.
        """
        try:
            await turn.released.wait()
            await self._running.turn_of(turn)
            outcome = await self._answer(turn, request, waiting)
        except TurnParked:
            turn.emit(TurnEnded("approval", Usage()))
            return TurnResult.unanswered(turn.address.session_id, turn.address.turn_id, "approval")
        except asyncio.CancelledError:
            if not turn.cancelled:
                raise
            return self._cancelled_before_its_time(turn)
        except Exception as exc:
            outcome = as_told(exc)
            turn.settled = True
            if turn.unsent.strip():
                await self._storing.offer_again(turn.address, turn.unsent)
            turn.emit(TurnEnded("end_turn", Usage(), error=outcome))
        finally:
            turn.flush()
            await asyncio.shield(self._running.remove(turn))
        if isinstance(outcome, RejoinderError):
            raise outcome
        return outcome

    def _cancelled_before_its_time(self, turn: RunningTurn) -> TurnResult:
        """The end of a turn that was cancelled before its prompt was made: nothing is stored."""
        turn.emit(TurnEnded("cancelled", Usage()))
        return TurnResult.unanswered(turn.address.session_id, turn.address.turn_id)

    async def _answer(
        self, turn: RunningTurn, request: TurnRequest, waiting: WaitingTurn | None
    ) -> TurnResult | RejoinderError:
        """The result that was stored; or what made the turn fail, if what there is of it was stored all the same."""
        begun = await (self._begun(turn, request) if waiting is None else self._taken_up(turn, request, waiting))
        begun.keep_waiting(self._storing, self._world)
        failure = await self._have_answered(turn, begun)
        turn.settled = True
        answer, request = begun.answer, begun.request
        reply = reply_of(request, begun.question, turn.address.turn_id, answer, self._world)
        if request.remember:
            storing = self._storing.store(
                begun.session, begun.before, begun.question, reply, begun.kept, request.images
            )
            await asyncio.shield(storing)
        turn.emit(UsageKnown(answer.usage))
        turn.emit(TurnEnded(answer.stop_reason, answer.usage, answer.citations, reply.message_id, failure))
        return failure or TurnResult.of(begun.session.session_id, reply)

    async def _begun(self, turn: RunningTurn, request: TurnRequest) -> Underway:
        """A turn from its beginning to where its model is asked."""
        here = attrs.evolve(request, session_id=turn.address.session_id)
        stored = await self._found.existing(here)
        if stored is not None and stored.waiting is not None:
            # nobody has decided about it, and the conversation goes on
            stored = await self._storing.end_waiting(stored)
        session = stored or self._found.passing(here)
        tree = await self._found.tree(stored)
        before = await self._branch(turn, tree, session, request)
        kept = await self._keep_draft(turn, session, request) if before.regenerated is None else None
        request = with_text_of(request, before.regenerated)
        model = self._answering.model(request, session)
        request = await self._pictures.taken_in(request, stored, read_part(request, before), model)
        turn.images = request.images
        turn_id = turn.address.turn_id
        question = before.regenerated or question_of(request, turn_id, before.parent_id, self._world)
        turn.emit(TurnStarted(model.info.id, session.session_id, request.agent_name))
        turn.emit(UserMessageTaken(question, tree.siblings_with(question)))
        answer = Answer(model.info.id, self._world.new_id(), question.message_id, turn_id)
        return Underway(
            request=request,
            session=session,
            before=before,
            model=model,
            question=question,
            answer=answer,
            kept=kept,
        )

    async def _taken_up(self, turn: RunningTurn, request: TurnRequest, waiting: WaitingTurn) -> Underway:
        """A turn that waited, where its model was asked."""
        session = await self._conversations.session(turn.address.project_id, turn.address.session_id)
        before, request = resumed(waiting, await self._found.tree(session), request)
        model = self._answering.model(request, session)
        request = await self._pictures.taken_in(request, session, read_part(request, before), model)
        turn.images = request.images
        answer = answer_in(waiting, waiting.question)
        return Underway(
            request=request,
            session=session,
            before=before,
            model=model,
            question=waiting.question,
            answer=answer,
        )

    async def _branch(self, turn: RunningTurn, tree: MessageTree, session: Session, request: TurnRequest) -> Branch:
        try:
            return branch(tree, session.head, parent_id=request.parent_id, text=request.text)
        except NotFound:
            await self._keep_draft(turn, session, request)
            raise

    async def _keep_draft(self, turn: RunningTurn, session: Session, request: TurnRequest) -> str | None:
        """Keep the text for the case that the turn fails; answers it as it is the draft now, if it is."""
        if not request.remember:
            return None
        kept = await self._storing.keep_draft(session, request.text, turn.draft_before)
        turn.unsent = kept or request.text
        return kept

    async def _have_answered(self, turn: RunningTurn, begun: Underway) -> RejoinderError | None:
        """Fill the answer; what it fails with after a call that may have changed something. Raises other failures."""
        answer, request, session = begun.answer, begun.request, begun.session
        answer.approvals = turn.approvals
        keeping = self._parts.keeping(session, turn.address.turn_id, answer) if request.remember else nullcontext()
        try:
            path = read_part(request, begun.before)
            async with keeping:
                await self._answering.answer(request, session, path, answer, model=begun.model, emit=turn.emit)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not turn.cancelled or task is None:
                raise
            task.uncancel()  # the part that came is stored like any other answer
            _cut_off(answer, turn)
        except TurnParked:
            raise
        except Exception as exc:
            if answer.has_acted and request.remember:
                _cut_off(answer, turn)
                return as_told(exc)
            if answer.is_kept:
                await self._storing.fail_waiting(session, request.text)
            raise
        return None


def _cut_off(answer: Answer, turn: RunningTurn) -> None:
    answer.stop_reason = "cancelled"
    tell_cancelled(answer, turn.emit)
