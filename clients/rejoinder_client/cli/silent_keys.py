"""Keys that are pressed while something is drawn: kept for whoever reads next, and not shown in the middle of it."""

import contextlib
import os
import sys
from collections.abc import Iterator

try:
    import termios
except ImportError:  # Windows shows no key that nobody reads
    termios = None  # type: ignore[assignment]

_MODES = 3
"""Where the local modes stand in what termios tells."""


@contextlib.contextmanager
def keys(*, shown: bool) -> Iterator[None]:
    """Whether the terminal shows keys by itself in the block, Ctrl+C as `^C` among them; as before after it."""
    before = _set(shown=shown)
    try:
        yield
    finally:
        if before is not None and before != shown:
            _set(shown=before)


def _set(*, shown: bool) -> bool | None:
    """Whether they were shown before; None where there is no terminal, or another program has it."""
    if termios is None or sys.stdin is None or not sys.stdin.isatty():
        return None
    # the system would stop a program in the background that changed it
    if os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return None
    with contextlib.suppress(termios.error):
        state = termios.tcgetattr(sys.stdin)
        before = bool(state[_MODES] & termios.ECHO)
        state[_MODES] = state[_MODES] | termios.ECHO if shown else state[_MODES] & ~termios.ECHO
        termios.tcsetattr(sys.stdin, termios.TCSANOW, state)
        return before
    return None
