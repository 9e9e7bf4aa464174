"""What tells a text from what is none."""

HEAD_BYTES = 8 << 10
"""So much of a file's beginning is looked at."""


def looks_binary(data: bytes) -> bool:
    """Whether a file that begins so is no text."""
    return b"\0" in data[:HEAD_BYTES]
