"""The two messages of a turn."""

from rejoinder.domain.conversation import Message, Source
from rejoinder.domain.images import pictured
from rejoinder.domain.tools import ended, without_kept
from rejoinder.services.answer import Answer
from rejoinder.services.request import TurnRequest
from rejoinder.services.world import World


def question_of(request: TurnRequest, turn_id: str, parent_id: str | None, world: World) -> Message:
    """The user's message, as it will be stored."""
    return Message(
        message_id=world.new_id(),
        parent_id=parent_id,
        turn_id=turn_id,
        role="user",
        source=_source(request),
        content=request.text if request.text.strip() else f"/{request.action}",
        created_at=world.now(),
        user_id=request.user_id,
        attachments=request.attachments,
    )


def reply_of(request: TurnRequest, question: Message, turn_id: str, answer: Answer, world: World) -> Message:
    """The answer, as it will be stored."""
    return Message(
        message_id=answer.message_id,
        parent_id=question.message_id,
        turn_id=turn_id,
        role="assistant",
        source=_source(request),
        content=answer.text,
        created_at=world.now(),
        user_id=request.user_id,
        citations=answer.citations,
        model=answer.model,
        tool_calls=without_kept(ended(answer.calls)),
        usage=answer.usage,
        stop_reason=answer.stop_reason,
        agent=request.agent_name,
    )


def _source(request: TurnRequest) -> Source:
    """Where a turn came from: with an image it is about that."""
    return "image" if pictured(request.attachments) else request.kind
