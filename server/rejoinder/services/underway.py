"""A turn that is under way: what it was begun with, and how one that waited is taken up again."""

from collections.abc import Callable, Sequence

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.branching import Branch
from rejoinder.domain.conversation import Message, Session, ToolCall, Usage
from rejoinder.domain.events import (
    ApprovalWanted,
    TextPart,
    ToolCalled,
    ToolProgress,
    TurnEvent,
    TurnStarted,
    UserMessageTaken,
)
from rejoinder.domain.tools import BEGUN, OVER, WAITING, ended
from rejoinder.domain.tree import MessageTree
from rejoinder.domain.waiting import WaitingTurn
from rejoinder.services.answer import Answer
from rejoinder.services.model_ports import ChatModel
from rejoinder.services.request import TurnRequest
from rejoinder.services.turn_messages import reply_of
from rejoinder.services.turn_storing import TurnStoring, asked_of
from rejoinder.services.world import World


@frozen(kw_only=True)
class Underway:
    """All that a turn has when its model is asked. `kept` is the session's draft, if that is the turn's text."""

    request: TurnRequest
    session: Session
    before: Branch
    model: ChatModel
    question: Message
    answer: Answer
    kept: str | None = None

    def keep_waiting(self, storing: TurnStoring, world: World) -> None:
        """From now on the answer can be written down while it waits, if the turn leaves a trace at all."""
        if not self.request.remember:
            return

        async def keep() -> None:
            turn = WaitingTurn(
                question=self.question,
                reply=attrs.evolve(
                    reply_of(self.request, self.question, self.answer.turn_id, self.answer, world),
                    stop_reason="approval",
                    tool_calls=tuple(self.answer.calls),
                ),
                regenerated=self.before.regenerated is not None,
                asked=asked_of(self.request),
            )
            await storing.keep_waiting(self.session, turn, self.kept, self.request.images)

        async def permit(given: str) -> None:
            await storing.permit(self.session, given)

        self.answer.keeper, self.answer.permit = keep, permit


def answer_in(waiting: WaitingTurn, question: Message) -> Answer:
    """The answer of a turn that waited, as far as it had come."""
    reply = waiting.reply
    return Answer(
        model=reply.model or "",
        message_id=reply.message_id,
        question_id=question.message_id,
        turn_id=reply.turn_id,
        text=reply.content,
        citations=reply.citations,
        usage=reply.usage or Usage(),
        requests=1,
        calls=list(reply.tool_calls),
        is_kept=True,
        has_acted=any(call.status in BEGUN for call in reply.tool_calls),
    )


def resumed(waiting: WaitingTurn, tree: MessageTree, request: TurnRequest) -> tuple[Branch, TurnRequest]:
    """Where a turn that waited hangs, and its request."""
    question = waiting.question
    before = Branch(tree.path(question.parent_id), question if waiting.regenerated else None)
    is_action = request.action is not None and question.content == f"/{request.action}"
    text = "" if is_action else question.content
    return before, attrs.evolve(request, text=text, attachments=question.attachments)


def tell_cancelled(answer: Answer, emit: Callable[[TurnEvent], None]) -> None:
    """Tell of the calls that a cancelled turn leaves."""
    for call, now in zip(answer.calls, ended(answer.calls), strict=True):
        if now is not call:
            emit(ToolProgress(now.call_id, now.status, now.output))


def events_of(waiting: WaitingTurn, session_id: str) -> Sequence[TurnEvent]:
    """What a client is told of a turn that waits: what it would have been told, at once."""
    reply = waiting.reply
    events: list[TurnEvent] = [
        TurnStarted(reply.model or "", session_id, reply.agent),
        UserMessageTaken(waiting.question),
    ]
    told = 0
    for call in reply.tool_calls:
        if text := reply.content[told : call.at]:
            events.append(TextPart(text))
            told = call.at
        events += _call_events(call)
    if text := reply.content[told:]:
        events.append(TextPart(text))
    return [*events, *(ApprovalWanted(call.call_id) for call in reply.tool_calls if call.status == WAITING)]


def _call_events(call: ToolCall) -> list[TurnEvent]:
    called = ToolCalled(call.call_id, call.name, call.args, call.status == WAITING)
    return [called, *([ToolProgress(call.call_id, call.status, call.output)] if call.status in OVER else [])]
