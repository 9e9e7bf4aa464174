"""What is attached to a session's messages, read back."""

import asyncio

from rejoinder.lsp.attachments import hash_in
from rejoinder.lsp.client import Client
from rejoinder.protocol import methods


def register(client: Client) -> None:
    """Serve the method of attachments."""
    pictures, turns = client.services.pictures, client.services.turns

    async def attachment(params: methods.SessionAttachmentParams) -> methods.SessionAttachmentResult:
        project_id = (await client.project(params.project_id, params.uri)).project_id
        session = await client.services.sessions.get(project_id, params.session_id)
        turn = turns.running_in(project_id, session.session_id)
        digest, running = hash_in(params.hash), turn.images if turn else ()
        image = await pictures.read(project_id, session.session_id, digest, running)
        return methods.SessionAttachmentResult(image.mime_type, await asyncio.to_thread(lambda: image.base64))

    client.server.handle(methods.SESSION_ATTACHMENT, attachment)
