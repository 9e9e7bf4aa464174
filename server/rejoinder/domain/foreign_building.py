"""A conversation of another program put together message by message, with calls of tools and their results."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import attrs

from rejoinder.domain.conversation import Role, Source, ToolCall, Usage
from rejoinder.domain.foreign import ForeignAttachment, ForeignMessage, Skipped

DONE, FAILED = "done", "failed"
CALLED = "called"
"""Of a call that nothing is known to have come of."""


class Building:
    """Messages in their order. A call belongs to the answer that made it, and its result to the call."""

    def __init__(self, place: str) -> None:
        self.messages: list[ForeignMessage] = []
        self.skipped: list[Skipped] = []
        self._place = place
        self._calls: dict[str, int] = {}
        """Which message a call belongs to."""

    def each(self, items: Any, take: Callable[[Mapping[str, Any]], None]) -> None:
        """Take each of a list of objects; one that is not as it should be is skipped, and named."""
        if not isinstance(items, list):
            raise ValueError("there is no list of messages")
        for number, item in enumerate(items, start=1):
            try:
                if not isinstance(item, Mapping):
                    raise ValueError("it is no object")
                take(item)
            except (ValueError, TypeError, KeyError, AttributeError) as exc:
                self.skip(f"message {number}", str(exc) if isinstance(exc, ValueError) else "it has another shape")

    def skip(self, what: str, reason: str) -> None:
        """Something cannot be read."""
        self.skipped.append(Skipped(f"{self._place}: {what}", reason))

    def say(
        self,
        role: Role,
        content: str,
        *,
        source: Source = "import",
        key: str | None = None,
        created_at: datetime | None = None,
        model: str | None = None,
        usage: Usage | None = None,
        attachments: tuple[ForeignAttachment, ...] = (),
        calls: tuple[ToolCall, ...] = (),
    ) -> None:
        """Somebody says something; without a text, attachment or call it is nothing."""
        if not (content or attachments or calls):
            return
        said = ForeignMessage(
            role, content, source, created_at, key=key, model=model, usage=usage, attachments=attachments
        )
        self.messages.append(said)
        for call in calls:
            self.call(call)

    def call(self, call: ToolCall, *, created_at: datetime | None = None) -> None:
        """The model calls a tool: in its last answer, if nobody has said anything since."""
        if not self.messages or self.messages[-1].role != "assistant":
            self.messages.append(ForeignMessage("assistant", "", created_at=created_at))
        last = self.messages[-1]
        self.messages[-1] = attrs.evolve(last, tool_calls=(*last.tool_calls, call))
        self._calls[call.call_id] = len(self.messages) - 1

    def result(self, call_id: Any, output: str, *, failed: bool = False) -> None:
        """What came of a call; of a call that is not there it is a message of its own."""
        index = self._calls.get(call_id) if isinstance(call_id, str) else None
        if index is None:
            self.say("tool", output)
            return
        status = FAILED if failed else DONE
        message = self.messages[index]
        calls = [
            attrs.evolve(one, status=status, output=output) if one.call_id == call_id else one
            for one in message.tool_calls
        ]
        self.messages[index] = attrs.evolve(message, tool_calls=tuple(calls))
