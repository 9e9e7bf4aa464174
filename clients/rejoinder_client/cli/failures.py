"""What a failed command says, and its exit code."""

import contextlib
import os
import re
import sys

from rejoinder_client.errors import (
    Ambiguous,
    ConnectionLost,
    InvalidParams,
    NotFound,
    RejoinderError,
    SchemaInvalid,
    SessionBusy,
    SessionNotFound,
)

FAILED = 1
USAGE = 2
NOT_FOUND = 3

_KEY = re.compile(r"^[a-z]\w*: (?=\S)")
"""The parameter of a request that a message begins with."""


class UsageError(Exception):
    """A combination of arguments that makes no sense; found only after they were parsed."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def exit_code_of(error: Exception) -> int:
    """Print an error with its hint, and answer the exit code. Raises what is no error of a user's making."""
    if isinstance(error, UsageError):
        say_error(str(error), error.hint)
        return USAGE
    if not isinstance(error, RejoinderError):
        raise error
    say_error(*said(error))
    if isinstance(error, Ambiguous):
        for candidate in error.candidates:
            sys.stderr.write(f"  {candidate.get('sessionId', '')}  {candidate.get('name', '')}\n")
    if isinstance(error, SchemaInvalid):
        sys.stderr.write("".join(f"  {problem}\n" for problem in error.data.get("errors", ())))
    return NOT_FOUND if isinstance(error, SessionNotFound | NotFound | Ambiguous) else FAILED


def said(error: RejoinderError) -> tuple[str, str]:
    """Message and hint as one reads them who gives commands, and no parameters of requests."""
    if isinstance(error, SessionBusy):
        return error.message, "Wait for its end, or ask in another session; `rejoinder chat` shows what it waits for."
    if isinstance(error, ConnectionLost):
        return error.message, "Give the command again; what was stored is not lost."
    if isinstance(error, SessionNotFound):
        return error.message, "`rejoinder session list` lists them; `session list --archived` and `--trash` the others."
    if isinstance(error, InvalidParams):
        message = _KEY.sub("", error.message)
        return message[:1].upper() + message[1:] if message.partition(" ")[0].isalpha() else message, error.hint
    return error.message, error.hint


def say_error(message: str, hint: str) -> None:
    """`error: …`, and `hint: …` when there is one; the first word in colour on a terminal that has some."""
    if sys.stdout is not None:
        # an answer that ends in the middle stands before it
        with contextlib.suppress(OSError):
            sys.stdout.flush()
    red, plain = ("\x1b[1;31m", "\x1b[0m") if _has_colours() else ("", "")
    sys.stderr.write(f"{red}error:{plain} {message}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")


def _has_colours() -> bool:
    """Whether standard error is a terminal whose user wants colours."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "dumb")
