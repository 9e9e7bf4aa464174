"""Messages that a program gives: by hand, from a file, or as a server told them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rejoinder.protocol.converter import InvalidValue, structure
from rejoinder.protocol.types import Message as StoredMessage
from rejoinder.protocol.types import NewMessage
from rejoinder_client.errors import InvalidParams


class Message(NewMessage):
    """A message to begin a session with, or to add to one."""

    @classmethod
    def user(cls, content: str) -> "Message":
        """What the user says."""
        return cls("user", content)

    @classmethod
    def assistant(cls, content: str) -> "Message":
        """What the assistant answered."""
        return cls("assistant", content)

    @classmethod
    def system(cls, content: str) -> "Message":
        """What the assistant is told."""
        return cls("system", content)


AnyMessage = NewMessage | StoredMessage | Mapping[str, Any]
"""A message in any of its forms; a mapping has `role` and `content`, as many programs write them."""


def new_messages(messages: Iterable[AnyMessage]) -> list[NewMessage]:
    """Messages as they are sent to be stored. Raises InvalidParams that names the key at fault."""
    return [_new_message(message) for message in messages]


def _new_message(message: AnyMessage) -> NewMessage:
    if isinstance(message, NewMessage):
        return message
    if isinstance(message, StoredMessage):
        return NewMessage(
            message.role,
            message.content,
            message.source,
            created_at=message.created_at,
            attachments=message.attachments,
        )
    try:
        return structure(message, NewMessage)
    except InvalidValue as error:
        raise InvalidParams(f"This is no message: {error}.", hint="Give `role` and `content`, both as text.") from None
