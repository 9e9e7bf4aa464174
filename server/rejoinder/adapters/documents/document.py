"""A document for the process that reads. The engine knows this too, and is not to load what reads."""

from rejoinder.declared import frozen


@frozen(kw_only=True)
class Document:
    """What is to be read, and how it is to be cut."""

    data: bytes
    name: str
    uri: str
    mime_type: str | None = None
    chunker: str | None = None
    size: int | None = None
