"""Asks before anything is removed."""

import sys

from rejoinder_client.cli.failures import UsageError


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the user agrees: beforehand, or when asked. Raises UsageError when nobody is there to be asked."""
    if yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("Nobody is there to be asked.", hint="Say --yes.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    if answer.strip().lower() in ("y", "yes"):
        return True
    if not answer:  # Ctrl+D
        sys.stderr.write("\n")
    sys.stderr.write("Nothing was changed.\n")
    return False
