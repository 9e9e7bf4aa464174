"""The turn that answers now, as far as it has come."""

import attrs

from rejoinder.domain.conversation import Message, ToolCall
from rejoinder.domain.events import ApprovalWanted, TextPart, ToolCalled, ToolProgress, TurnEvent, UserMessageTaken
from rejoinder.domain.tools import RUNNING, WAITING
from rejoinder.services.ports import TurnAddress


class ShownTurn:
    """What a transcript shows of it."""

    def __init__(self, address: TurnAddress) -> None:
        self.address = address
        self.question: Message | None = None
        self._parts: list[str] = []
        self._calls: dict[str, ToolCall] = {}

    @property
    def waiting(self) -> list[ToolCall]:
        """The calls that a user has to decide about."""
        return [call for call in self._calls.values() if call.status == WAITING]

    def call(self, call_id: str) -> ToolCall:
        """A call of this turn."""
        return self._calls[call_id]

    def take(self, event: TurnEvent) -> bool:
        """Take in what happened; whether there is something else to show."""
        match event:
            case UserMessageTaken(message):
                self.question = message
                self._parts.clear()
                self._calls.clear()
            case TextPart(text):
                self._parts.append(text)
            case ToolCalled(call_id, name, args):
                self._calls[call_id] = ToolCall(call_id, name, args, RUNNING)
            case ApprovalWanted(call_id) if call_id in self._calls:
                self._calls[call_id] = attrs.evolve(self._calls[call_id], status=WAITING)
            case ToolProgress(call_id, status) if call_id in self._calls:
                args = self._calls[call_id].args if event.args is None else event.args
                self._calls[call_id] = attrs.evolve(self._calls[call_id], status=status, args=args)
            case _:
                return False
        return True

    def messages(self) -> list[Message]:
        """The question, once it is known, and the answer."""
        if self.question is None:
            return []
        calls = tuple(self._calls.values())
        answer = attrs.evolve(
            self.question, role="assistant", content="".join(self._parts), attachments=(), tool_calls=calls
        )
        return [self.question, answer]
