"""What the engine and the process that reads documents say to each other: lines of JSON, and a document's bytes."""

from typing import Any

import orjson

from rejoinder.adapters.documents.document import Document

BATCH = 64
"""Passages in one line."""
LONGEST_LINE = 8 << 20
"""Bytes; a batch of the longest passages there are is far from it."""


def encode_document(document: Document) -> bytes:
    """A document, for the process that reads."""
    head = {
        "name": document.name,
        "uri": document.uri,
        "mimeType": document.mime_type,
        "chunker": document.chunker,
        "size": document.size,
        "bytes": len(document.data),
    }
    return orjson.dumps(head) + b"\n" + document.data


def decode_head(line: bytes) -> tuple[Document, int]:
    """The same without its bytes, and how many of these follow."""
    head = orjson.loads(line)
    document = Document(
        data=b"",
        name=head["name"],
        uri=head["uri"],
        mime_type=head["mimeType"],
        chunker=head["chunker"],
        size=head["size"],
    )
    return document, head["bytes"]


def encode(message: dict[str, Any]) -> bytes:
    """A line of an answer."""
    return orjson.dumps(message) + b"\n"
