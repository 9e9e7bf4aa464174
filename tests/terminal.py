"""A program on a real pseudo-terminal, and what a person would see of it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from pyte.screens import Char as Cell

PATIENCE = 60.0
"""Seconds; far more than anything takes, also on a busy machine."""


class _Screen(pyte.Screen):
    """A screen that also lets pass what only newer terminals are asked."""

    def report_device_status(self, mode: int, **kwargs: bool) -> None:
        if not kwargs.get("private"):
            super().report_device_status(mode)


class Terminal:
    """Runs a program on a terminal of so many columns and lines; used in a `with` block, which ends it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        columns: int = 100,
        lines: int = 40,
    ) -> None:
        self._screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.seen = b""
        """Everything that was written, with its control sequences."""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            # before the program looks
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.chdir(folder)
            # the size of a terminal that the tests run in is not this one's
            own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            variables = {**own, "TERM": "xterm-256color", **(environment or {})}
            os.execvpe(arguments[0], list(arguments), variables)  # noqa: S606

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._terminal)
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    @property
    def lines(self) -> list[str]:
        """The screen's lines without what is blank at their ends."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines).rstrip()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return self._screen.columns, self._screen.lines

    @property
    def cells(self) -> list[list[Cell]]:
        """What stands in each cell, and how it looks."""
        columns, lines = self.size
        return [[self._screen.buffer[line][column] for column in range(columns)] for line in range(lines)]

    @property
    def cursor(self) -> tuple[int, int]:
        """Its line and column."""
        return self._screen.cursor.y, self._screen.cursor.x

    def type(self, text: str) -> None:
        """Press keys; "\\r" is Enter."""
        os.write(self._terminal, text.encode())

    def wait_for(self, what: str | Callable[[], bool]) -> None:
        """Read until a text, or what a condition asks for, is on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not (what in self.text if isinstance(what, str) else what()):
            if time.monotonic() > deadline or not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{what!r} did not come:\n{self.text}")

    def wait_for_end(self) -> int:
        """Read until the program ends; answers its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(max(deadline - time.monotonic(), 0.0)):
            assert time.monotonic() < deadline, f"the program goes on:\n{self.text}"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, patience: float) -> bool:
        """Take in what is written; False when nobody writes any more, or for too long nothing."""
        if not select.select([self._terminal], [], [], patience)[0]:
            return False
        try:
            data = os.read(self._terminal, 1 << 16)
        except OSError:
            # How Linux says that the other end is closed.
            return False
        self.seen += data
        self._stream.feed(data)
        if b"\x1b[6n" in data:
            # The program asks where the cursor is, as a terminal would tell.
            os.write(self._terminal, b"\x1b[%d;%dR" % (self._screen.cursor.y + 1, self._screen.cursor.x + 1))
        return bool(data)
