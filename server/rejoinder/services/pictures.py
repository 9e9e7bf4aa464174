"""Images of a conversation: what a turn needs of them, where they are kept, what a copy takes along.

They lie beside their session under the SHA-256 of their bytes, so that each lies there once, and go with it.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import attrs

from rejoinder.domain.conversation import Attachment, Message, Session
from rejoinder.domain.documents import digests
from rejoinder.domain.errors import ModelNotConfigured, NotFound, RejoinderError, SessionNotFound, StorageCorrupt
from rejoinder.domain.images import Image, check_together, image_of, latest_pictured, pictured
from rejoinder.domain.prompt import EXTRACTIVE
from rejoinder.domain.waiting import referred_to
from rejoinder.services.conversations import Conversations
from rejoinder.services.model_ports import ChatModel
from rejoinder.services.request import TurnRequest
from rejoinder.services.store_ports import HistoryStore


class Pictures:
    """Reads and keeps the images of sessions."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def taken_in(
        self, request: TurnRequest, session: Session | None, path: Sequence[Message], model: ChatModel
    ) -> TurnRequest:
        """The request with the bytes of every image that this turn sends: its own, else those shown last in `path`.

        Raises ModelNotConfigured when it has images and the model does not see, and NotFound for one that is named by
        its hash and that the session does not hold.
        """
        await refuse_unseen(request, model)
        images = {image.digest: image for image in request.images}
        for digest in pictured(request.attachments):
            if digest not in images:
                images[digest] = await self._image(session, digest)
        check_together(images.values())
        if not images and (shown := latest_pictured(path)) and await model.sees():
            for digest in shown:
                if (image := await self._image_or_none(session, digest)) is not None:
                    images[digest] = image
        if not images:
            return request
        known = tuple(_as_it_is(attachment, images) for attachment in request.attachments)
        return attrs.evolve(request, images=tuple(images.values()), attachments=known)

    async def keep(self, session: Session, images: Sequence[Image], messages: Sequence[Message]) -> None:
        """Put the images that these messages refer to beside their session."""
        store, wanted = self._conversations.store, digests(messages)
        for image in images:
            if image.digest in wanted:
                await self._conversations.io(store.attach, session.project_id, session.session_id, image.data)

    async def copy(self, origin: Session, copy: Session, messages: Sequence[Message]) -> None:
        """Put the images that these messages refer to beside a copy of their session, too."""
        store, io = self._conversations.store, self._conversations.io
        # a turn that waits goes on in the origin alone
        at_rest = attrs.evolve(origin, waiting=None)
        for data in (await io(attached, store, at_rest, messages)).values():
            await io(store.attach, copy.project_id, copy.session_id, data)

    async def read(self, project_id: str, session_id: str, digest: str, running: Sequence[Image] = ()) -> Image:
        """An image of a session, or one that a `running` turn of it has brought. Raises NotFound."""
        found = next((image for image in running if image.digest == digest), None)
        if found is not None:
            return found
        data = await self._conversations.io(self._conversations.store.attachment, project_id, session_id, digest)
        return image_of(data, name=digest, key="hash")

    async def _image(self, session: Session | None, digest: str) -> Image:
        if session is None:
            raise NotFound("attachment", digest, hint="Attach the image itself.")
        try:
            return await self.read(session.project_id, session.session_id, digest)
        except SessionNotFound:
            raise NotFound("attachment", digest, hint="Attach the image itself.") from None

    async def _image_or_none(self, session: Session | None, digest: str) -> Image | None:
        """An image of an earlier turn; without it, the turn goes on with its name alone."""
        try:
            return await self._image(session, digest)
        except RejoinderError:
            return None


def attached(store: HistoryStore, session: Session, messages: Iterable[Message]) -> dict[str, bytes]:
    """The binary content that a session's messages and its waiting turn refer to, as far as it is sound. It blocks."""
    found = {}
    for digest in sorted(referred_to(session, messages)):
        with suppress(NotFound, StorageCorrupt):
            found[digest] = store.attachment(session.project_id, session.session_id, digest)
    return found


async def refuse_unseen(request: TurnRequest, model: ChatModel) -> None:
    """Raise ModelNotConfigured when the request has images and the model does not see."""
    if not pictured(request.attachments) or await model.sees():
        return
    if model.info.id == EXTRACTIVE:
        raise ModelNotConfigured(
            "Images take a model, and none is set.", hint="Set `model` to one that sees, such as `ollama:gemma3`."
        )
    raise ModelNotConfigured(
        f"{model.info.id} is not known to see images.",
        hint="Choose a model that does; if this one does, say `vision = true` in its `[models.NAME]` table.",
    )


def _as_it_is(attachment: Attachment, images: dict[str, Image]) -> Attachment:
    """An attachment with the type that its bytes say."""
    image = images.get(attachment.digest or "")
    return attachment if image is None else attrs.evolve(attachment, mime_type=image.mime_type)
