"""Where a new turn hangs in the tree."""

from collections.abc import Sequence

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Message
from rejoinder.domain.errors import NotFound
from rejoinder.domain.tree import MessageTree


@frozen
class Branch:
    """The path before a turn, and the user's message if that is in the tree already (regenerate)."""

    path: Sequence[Message]
    regenerated: Message | None = None

    @property
    def parent_id(self) -> str | None:
        """What the user's message hangs under."""
        return self.path[-1].message_id if self.path else None

    @property
    def length(self) -> int:
        """How many messages the active path has after the turn."""
        return len(self.path) + 2


def branch(tree: MessageTree, head: str | None, *, parent_id: str | None, text: str) -> Branch:
    """Where a turn with this text hangs; NotFound when `parent_id` is no message of the tree.

    Without a parent: at the head. Below an answer: there. At a user's message: with the same text or none, a new
    answer to it (regenerate); with another text, a sibling of it (edit).
    """
    if parent_id is None:
        return Branch(tree.path(tree.end(head)))
    parent = tree.get(parent_id)
    if parent is None:
        raise NotFound("message", parent_id, hint="Name a message of this session's history.")
    if parent.role != "user":
        return Branch(tree.path(parent.message_id))
    regenerated = parent if text.strip() in ("", parent.content.strip()) else None
    return Branch(tree.path(parent.parent_id), regenerated)
