"""Images that go along with a text: known by their first bytes, never decoded."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment, Message
from rejoinder.domain.errors import InvalidInput, TooLarge

LARGEST_IMAGE = 10 * 1024 * 1024
"""Bytes of one image."""

LARGEST_TOGETHER = 20 * 1024 * 1024
"""Bytes of all images of one turn."""

MOST_IMAGES = 20
"""Images of one turn."""

IMAGE_TOKENS = 1600
"""What an image takes of a budget: about the most that providers count for one that they have made to fit."""

_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
_KINDS = "PNG, JPEG, WebP and GIF"


@frozen
class Image:
    """An image's bytes under their SHA-256."""

    digest: str
    mime_type: str
    data: bytes = attrs.field(repr=False)

    @property
    def base64(self) -> str:
        """The bytes as text."""
        return b64encode(self.data).decode()


def image_of(data: bytes, *, name: str, key: str = "data") -> Image:
    """The image that these bytes are. Raises InvalidInput for all else, and TooLarge."""
    if len(data) > LARGEST_IMAGE:
        raise too_large(name)
    mime_type = type_of(data)
    if mime_type is None:
        raise InvalidInput(
            f"{key}: {name[:200]!r} is no image of a kind that models take.",
            hint=f"Send one of {_KINDS}; attach text, SVG too, without an image's type.",
            key=key,
        )
    return Image(sha256(data).hexdigest(), mime_type, data)


def type_of(data: bytes) -> str | None:
    """The type of an image by its first bytes; None for what is none of the four kinds."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:15] == b"WEBPVP8":
        return "image/webp"
    return None


def is_image(uri: str, mime_type: str | None) -> bool:
    """Whether an attachment is to be an image: by the type that is given for it, else by its name."""
    if mime_type is not None:
        return mime_type.lower().startswith("image/")
    return PurePosixPath(uri).suffix.lower().lstrip(".") in _TYPES


def too_large(name: str) -> TooLarge:
    """What is said of an image over the limit."""
    return TooLarge(
        f"The image {name[:200]!r} is larger than {LARGEST_IMAGE >> 20} MB.",
        limit=LARGEST_IMAGE,
        hint="Send a smaller one; models make large ones smaller anyway.",
    )


def check_together(images: Iterable[Image]) -> None:
    """Raise TooLarge when the images of one turn are too many, or too large together."""
    sizes = [len(image.data) for image in images]
    if len(sizes) > MOST_IMAGES:
        raise TooLarge(
            f"{len(sizes)} images are too many.", limit=MOST_IMAGES, hint="Send some of them in a next turn."
        )
    if sum(sizes) > LARGEST_TOGETHER:
        raise TooLarge(
            f"The images are larger than {LARGEST_TOGETHER >> 20} MB together.",
            limit=LARGEST_TOGETHER,
            hint="Send some of them in a next turn.",
        )


def pictured(attachments: Iterable[Attachment]) -> tuple[str, ...]:
    """The digests of the images among attachments, in their order."""
    return tuple(one.digest for one in attachments if one.digest is not None)


def latest_pictured(path: Sequence[Message]) -> tuple[str, ...]:
    """The digests of the images that were shown last on a path; none when it has no images."""
    attached = (message.attachments for message in reversed(path) if message.attachments)
    return next((found for one in attached if (found := pictured(one))), ())
