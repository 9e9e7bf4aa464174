"""What a failed command says, and its exit code."""

import sys

from rejoinder_client.errors import Ambiguous, NotFound, RejoinderError, SchemaInvalid, SessionNotFound

FAILED = 1
USAGE = 2
NOT_FOUND = 3


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
    say_error(error.message, error.hint)
    if isinstance(error, Ambiguous):
        for candidate in error.candidates:
            sys.stderr.write(f"  {candidate.get('sessionId', '')}  {candidate.get('name', '')}\n")
    if isinstance(error, SchemaInvalid):
        sys.stderr.write("".join(f"  {problem}\n" for problem in error.data.get("errors", ())))
    return NOT_FOUND if isinstance(error, SessionNotFound | NotFound | Ambiguous) else FAILED


def say_error(message: str, hint: str) -> None:
    """`error: …`, and `hint: …` when there is one."""
    sys.stderr.write(f"error: {message}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")
