"""What a document may cost, and how it is said that it cannot be read."""

from typing import Any

LARGEST_DOCUMENT = 64 << 20
"""Bytes of one document."""
MOST_TEXT = 16_000_000
"""Characters that are taken out of one document."""
MOST_UNPACKED = 256 << 20
"""Bytes that an Office document may hold once it is unpacked."""
MOST_ENTRIES = 10_000
"""Files that an Office document may hold."""
MEMORY = 2 << 30
"""Bytes of the process that reads; on Linux of its address space."""
PROCESSOR_SECONDS = 900
"""What a process may use of a processor when nobody ends it."""


class Unreadable(Exception):
    """A document that cannot be read; `reason` is one word for programs."""

    def __init__(self, reason: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.fields: dict[str, Any] = {"reason": reason, "message": message, "hint": hint}


def damaged(what: str) -> Unreadable:
    """It is not what it says that it is."""
    return Unreadable("damaged", f"This {what} is damaged.", "Get it again, or open it and save it anew.")


def encrypted(what: str) -> Unreadable:
    """It needs a password."""
    return Unreadable("encrypted", f"This {what} is encrypted.", "Save it without a password, and add it again.")


def too_much(what: str) -> Unreadable:
    """It holds more than is taken in."""
    return Unreadable("tooLarge", f"It holds more {what} than is taken in.", "Add the parts of it that matter.")
