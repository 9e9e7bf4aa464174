"""What a client attaches to a turn: texts, and images by their bytes, their file, or their hash in the session."""

import asyncio
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from rejoinder.domain.conversation import Attachment
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.images import LARGEST_IMAGE, Image, check_together, image_of, is_image, too_large
from rejoinder.lsp.documents import ClientWorkspace, attachment_in, normalized
from rejoinder.lsp.positions import Encoding
from rejoinder.protocol import types

_HASH = re.compile(r"[0-9a-f]{64}\Z")


async def attachments_in(
    items: Iterable[types.Attachment],
    workspace: ClientWorkspace,
    encoding: Encoding,
    listed: Callable[[Path, Path], Awaitable[str]],
) -> tuple[tuple[Attachment, ...], tuple[Image, ...]]:
    """The attachments, and the bytes of the images among them but for those that are named by their hash.

    `listed` answers the text of a folder within its workspace folder.

    Raises InvalidInput for what is no image or no hash, TooLarge, and what `ClientWorkspace.read` raises.
    """
    attachments, images = list[Attachment](), dict[str, Image]()
    for wire in items:
        folder = await workspace.folder(wire.uri) if wire.text is None and wire.data is None else None
        if folder is not None:
            attachments.append(Attachment(normalized(wire.uri), text=await listed(*folder)))
        elif not _is_pictured(wire):
            attachments.append(await attachment_in(wire, workspace, encoding))
        elif wire.hash is not None and wire.data is None:
            attachments.append(Attachment(normalized(wire.uri), mime_type=wire.mime_type, digest=hash_in(wire.hash)))
        else:
            image = await _image(wire, workspace)
            images[image.digest] = image
            check_together(images.values())
            attachments.append(Attachment(normalized(wire.uri), mime_type=image.mime_type, digest=image.digest))
    return tuple(attachments), tuple(images.values())


async def mentioned_in(wire: types.Attachment, workspace: ClientWorkspace, encoding: Encoding) -> Attachment:
    """An attachment of a message that is put in by hand: of an image its name alone is kept."""
    if wire.data is not None:
        raise InvalidInput(
            "data: an image goes along with a chat or an ask.", hint="Leave `data` out of this message.", key="data"
        )
    if _is_pictured(wire):
        return Attachment(normalized(wire.uri), mime_type=wire.mime_type)
    return await attachment_in(wire, workspace, encoding)


def hash_in(text: str) -> str:
    """A hash as a client sent it. Raises InvalidInput for what is none."""
    if not _HASH.match(text):
        raise InvalidInput(
            f"hash: {text[:80]!r} is no SHA-256.", hint="Send one that an attachment of the history has.", key="hash"
        )
    return text


def _is_pictured(wire: types.Attachment) -> bool:
    if wire.text is not None:
        return False
    return wire.data is not None or wire.hash is not None or is_image(wire.uri, wire.mime_type)


async def _image(wire: types.Attachment, workspace: ClientWorkspace) -> Image:
    name = wire.uri.rpartition("/")[2]
    if wire.data is None:
        data = await workspace.read_bytes(wire.uri, LARGEST_IMAGE + 1)
        return await asyncio.to_thread(lambda: image_of(data, name=name, key="uri"))
    encoded = wire.data
    if len(encoded) > LARGEST_IMAGE * 4 // 3 + 4:
        raise too_large(name)
    return await asyncio.to_thread(_decoded, encoded, name)


def _decoded(encoded: str, name: str) -> Image:
    try:
        data = b64decode(encoded, validate=True)
    except ValueError:
        raise InvalidInput("data: it is no base64.", hint="Send the image's bytes as base64.", key="data") from None
    return image_of(data, name=name)
