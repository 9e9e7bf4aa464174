"""What tells a text from what is none, and how it is encoded."""

HEAD_BYTES = 8 << 10
"""So much of a file's beginning is looked at."""

_WIDE = (b"\xff\xfe", b"\xfe\xff")
MARKS = (*_WIDE, b"\xef\xbb\xbf")
"""The byte order marks that say how a text is encoded."""


def looks_binary(data: bytes) -> bool:
    """Whether a file that begins so is no text."""
    head = data[:HEAD_BYTES]
    # the marks of UTF-16 also begin UTF-32, which nobody writes, and much that is no text
    return b"\0" in head and not (head.startswith(_WIDE) and "\0" not in head.decode("utf-16", "replace"))


def encoding_of(data: bytes) -> str:
    """How a text is encoded: as the byte order mark at its beginning says, else in UTF-8. Decoding takes the mark."""
    return "utf-16" if data.startswith(_WIDE) else "utf-8-sig"
