"""The message tree of a session. History is the active path: from the root to the head."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from rejoinder.domain.conversation import Message


class MessageTree:
    """All messages of a session by ID, with their children in the order in which they were stored."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._by_id: dict[str, Message] = {}
        self._children: dict[str | None, list[str]] = defaultdict(list)
        self._turns: dict[str, list[str]] = defaultdict(list)
        self.add(messages)

    def add(self, messages: Iterable[Message]) -> None:
        """Put messages in, each after its parent; one without (its line was damaged) begins a path of its own."""
        for message in messages:
            if message.message_id in self._by_id:
                continue
            if message.parent_id not in self._by_id:
                message = attrs.evolve(message, parent_id=None)
            self._by_id[message.message_id] = message
            self._children[message.parent_id].append(message.message_id)
            self._turns[message.turn_id].append(message.message_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._by_id

    def get(self, message_id: str) -> Message | None:
        """The message, if it is there."""
        return self._by_id.get(message_id)

    def path(self, head: str | None, *, limit: int | None = None) -> list[Message]:
        """The messages from the root to `head`, oldest first; only the last `limit` of them if it is given."""
        path: list[Message] = []
        while head is not None and len(path) != limit and (message := self._by_id.get(head)) is not None:
            path.append(message)
            head = message.parent_id
        path.reverse()
        return path

    def end(self, head: str | None) -> str | None:
        """The head if it is there; if its message was lost to damage, the one that was stored last."""
        return head if head is None or head in self._by_id else next(reversed(self._by_id), None)

    def siblings(self, message: Message) -> Sequence[str]:
        """The IDs of all messages with the same parent, this one among them."""
        parent = message.parent_id if message.parent_id in self._by_id else None
        return tuple(self._children[parent])

    def siblings_with(self, message: Message) -> tuple[str, ...]:
        """The same for a message that may not be here yet."""
        others = tuple(self.siblings(message))
        return others if message.message_id in self else (*others, message.message_id)

    def latest_below(self, message_id: str) -> str:
        """The message that was stored last of one and all that follow it."""
        below = {message_id: None}
        for message in self._by_id.values():  # each stands after its parent
            if message.parent_id in below:
                below[message.message_id] = None
        return next(reversed(below))

    def depth(self, head: str | None) -> int:
        """How many messages the path to `head` has."""
        return len(self.path(head))

    def turn(self, turn_id: str) -> list[Message]:
        """The messages of one turn, in the order in which they were stored."""
        return [self._by_id[message_id] for message_id in self._turns.get(turn_id, ())]

    def all(self) -> list[Message]:
        """Every message, in the order in which they were stored."""
        return list(self._by_id.values())
