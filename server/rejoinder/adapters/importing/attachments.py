"""Images and files within the messages of other programs."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from rejoinder.domain.foreign import ForeignAttachment, string

MOST_BYTES = 20_000_000
"""Of what goes along with a message; of more only the name is kept."""


def attachments_of(content: Any) -> tuple[ForeignAttachment, ...]:
    """The images among the parts of a message, as the usual chat interfaces write them."""
    found = [_image(part) for part in content] if isinstance(content, list) else []
    return tuple(image for image in found if image is not None)


def data_url(name: str) -> str:
    """The address of what has only a name."""
    return f"rejoinder:/imported/{quote(name, safe='')}"


def inline(data: str, mime_type: str | None, name: str) -> ForeignAttachment:
    """Something that is written in base64; only its name if that cannot be read."""
    try:
        content = b64decode(data, validate=True) if len(data) <= MOST_BYTES * 4 // 3 + 4 else None
    except (binascii.Error, ValueError):
        content = None
    return ForeignAttachment(uri=data_url(name), mime_type=mime_type, data=content)


def _image(part: Any) -> ForeignAttachment | None:
    if not isinstance(part, Mapping) or part.get("type") not in ("image", "image_url", "imageUrl"):
        return None
    if (encoded := string(part, "base64", "data")) is not None:
        return inline(encoded, string(part, "media-type", "mediaType", "mimeType"), "image")
    place = part.get("image_url", part.get("imageUrl", part.get("url")))
    url = string(place, "url") if isinstance(place, Mapping) else place
    if not isinstance(url, str) or not url:
        return None
    if url.startswith("data:"):
        head, _, encoded = url[5:].partition(",")
        return inline(encoded, head.partition(";")[0] or None, "image")
    return ForeignAttachment(uri=url)
