"""Messages that come from people and files, made into messages of a session."""

from collections.abc import Sequence
from datetime import datetime

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Attachment, Message, Role, Source
from rejoinder.services.world import World


@frozen
class MessageDraft:
    """A message that is not in a session yet."""

    role: Role
    content: str
    source: Source = "manual"
    created_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    user_id: str = DEFAULT_USER


def drafted(drafts: Sequence[MessageDraft], *, parent_id: str | None, turn_id: str, world: World) -> list[Message]:
    """The drafts as a chain of messages, the first below `parent_id`."""
    messages: list[Message] = []
    for draft in drafts:
        message = Message(
            message_id=world.new_id(),
            parent_id=messages[-1].message_id if messages else parent_id,
            turn_id=turn_id,
            role=draft.role,
            source=draft.source,
            content=draft.content,
            created_at=draft.created_at or world.now(),
            attachments=draft.attachments,
            user_id=draft.user_id,
        )
        messages.append(message)
    return messages
