"""Keys that are pressed while something is drawn: kept for whoever reads next, and not shown in the middle of it."""

import contextlib
import os
import sys

try:
    import termios
except ImportError:  # Windows shows no key that nobody reads
    termios = None  # type: ignore[assignment]

_MODES = 3
"""Where the local modes stand in what termios tells."""


class SilentKeys:
    """Whether the terminal shows keys by itself, Ctrl+C as `^C` among them; it does unless closed."""

    def __init__(self) -> None:
        self._shown = False
        """Whether it did before."""

    def close(self) -> None:
        """Show none."""
        self._shown = self._set(shown=False)

    def open(self) -> None:
        """Show them again, if they were shown before."""
        if self._shown:
            self._shown = False
            self._set(shown=True)

    def _set(self, *, shown: bool) -> bool:
        """Whether they were shown before; False where there is no terminal, or another program has it."""
        if termios is None or sys.stdin is None or not sys.stdin.isatty():
            return False
        # the system would stop a program in the background that changed it
        if os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
            return False
        with contextlib.suppress(termios.error):
            state = termios.tcgetattr(sys.stdin)
            before = bool(state[_MODES] & termios.ECHO)
            state[_MODES] = state[_MODES] | termios.ECHO if shown else state[_MODES] & ~termios.ECHO
            termios.tcsetattr(sys.stdin, termios.TCSANOW, state)
            return before
        return False
