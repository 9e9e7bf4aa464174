"""Keys that are pressed while something is drawn: kept for whoever reads next, and not shown in the middle of it."""

import contextlib
import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

try:
    import termios
except ImportError:  # Windows shows no key that nobody reads
    termios = None  # type: ignore[assignment]

_MODES = 3
"""Where the local modes stand in what termios tells."""


class SilentKeys:
    """Whether the terminal shows keys by itself, Ctrl+C as `^C` among them; it does unless closed, or in its block."""

    def __init__(self) -> None:
        self._shown = False
        """Whether it did before."""

    def __enter__(self) -> Self:
        self.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()

    def close(self) -> None:
        """Show none."""
        self._shown = _set(shown=False) is True

    def open(self) -> None:
        """Show them again, if they were shown before."""
        if self._shown:
            self._shown = False
            _set(shown=True)


@contextlib.contextmanager
def shown_keys() -> Iterator[None]:
    """Show keys for who is asked in the block, wherever the question comes."""
    before = _set(shown=True)
    try:
        yield
    finally:
        if before is False:
            _set(shown=False)


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
