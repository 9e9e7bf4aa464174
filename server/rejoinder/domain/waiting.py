"""A turn that waits for a decision about its calls, as it is kept with its session and taken up again."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import decode_message, digests, encode_message
from rejoinder.domain.tools import WAITING


@frozen(kw_only=True)
class WaitingTurn:
    """What there is of a turn. `reply` is its answer so far, with all calls."""

    question: Message
    reply: Message
    regenerated: bool = False
    """Whether the question was in the history before."""
    asked: Mapping[str, Any] = attrs.field(factory=dict)
    """What the request said besides, as the services wrote it."""

    @property
    def turn_id(self) -> str:
        """Which turn it is."""
        return self.reply.turn_id

    @property
    def waits(self) -> bool:
        """Whether a call has no decision yet; else an engine has ended while the turn went on."""
        return any(call.status == WAITING for call in self.reply.tool_calls)

    def waits_for(self, call_id: str) -> bool:
        """Whether a call of this ID has no decision yet."""
        return any(call.call_id == call_id and call.status == WAITING for call in self.reply.tool_calls)


def encode_waiting(turn: WaitingTurn) -> dict[str, Any]:
    """A waiting turn as a document."""
    return {
        "question": encode_message(turn.question),
        "reply": encode_message(turn.reply),
        "regenerated": turn.regenerated,
        "asked": dict(turn.asked),
    }


def waiting_in(session: Session | None) -> WaitingTurn | None:
    """The turn that waits in a session; None when there is none, or what is there cannot be read."""
    document = session.waiting if session is not None else None
    if document is None:
        return None
    try:
        return WaitingTurn(
            question=decode_message(document["question"]),
            reply=decode_message(document["reply"]),
            regenerated=document["regenerated"] is True,
            asked=dict(document["asked"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def referred_to(session: Session, messages: Iterable[Message]) -> set[str]:
    """The names of all binary content that a session's messages refer to, and a turn that waits in it."""
    waiting = waiting_in(session)
    return digests(messages) | (digests([waiting.question]) if waiting is not None else set())
