"""What is attached to messages, read back."""

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method


@wire(kw_only=True)
class SessionAttachmentParams:
    """An image of a session by its `hash`."""

    session_id: str
    hash: str
    project_id: str | None = None
    uri: str | None = None


@wire
class SessionAttachmentResult:
    """An image; `data` is base64."""

    mime_type: str
    data: str


SESSION_ATTACHMENT = Method("session/attachment", SessionAttachmentParams, SessionAttachmentResult)
