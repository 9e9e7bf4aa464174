"""A real Neovim in a process of its own, spoken to by MessagePack-RPC, with a screen that this side keeps.

Neovim's own user-interface protocol (`nvim_ui_attach`) says what stands where in which colours, so tests and pictures
see exactly what a person does, with no terminal in between.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack

from editors.nvim.screen import Screen

PATIENCE = 60.0
"""Seconds that a wait gives before it fails; nothing takes that long."""

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = ROOT / "editors" / "nvim"
MISSING = "Neovim is missing: run tests/tools/nvim.sh"


def program() -> Path:
    """Where Neovim is expected."""
    return ROOT / ".tools" / "nvim" / "nvim"


class NeovimError(Exception):
    """Neovim refused a request."""


class Neovim:
    """The process. Requests wait for their answers; the screen is kept up to date by a thread."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *arguments: str,
        init: str = "",
        size: tuple[int, int] = (100, 30),
    ) -> None:
        self.screen = Screen(*size)
        self.notifications: list[tuple[str, list[Any]]] = []
        """What Neovim sent by `rpcnotify`, with its arguments."""
        self._answers: dict[int, tuple[Any, Any]] = {}
        self._count = 0
        self._changed = threading.Condition()
        self._over = False
        script = folder.parent / f"{folder.name}-init.lua"
        script.write_text(f"vim.opt.runtimepath:prepend({str(PLUGIN)!r})\n{init}\n")
        self._process = subprocess.Popen(
            [str(program()), "--embed", "-u", str(script), "-i", "NONE", "-n", *arguments],
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="neovim", daemon=True)
        self._reader.start()
        self.request("nvim_ui_attach", *size, {"rgb": True, "ext_linegrid": True})

    def request(self, method: str, *arguments: Any) -> Any:
        """The result of an API function."""
        with self._changed:
            self._count += 1
            number = self._count
        self._send([0, number, method, list(arguments)])
        with self._changed:
            self._wait_for(lambda: number in self._answers, f"the answer to {method}")
            error, result = self._answers.pop(number)
        if error:
            raise NeovimError(error[1] if isinstance(error, list) else error)
        return result

    def lua(self, code: str, *arguments: Any) -> Any:
        """What Lua code returns."""
        return self.request("nvim_exec_lua", code, list(arguments))

    def command(self, text: str) -> None:
        """Run an Ex command."""
        self.request("nvim_command", text)

    def press(self, keys: str) -> None:
        """Type keys as a person does, in Neovim's notation; answers when they were taken."""
        self.request("nvim_input", keys)
        self.settle()

    def settle(self) -> None:
        """Wait until typed keys have been worked off."""
        self.until("return vim.api.nvim_get_mode().blocking == false and vim.fn.getcharstr(1) == ''")

    def lines(self, buffer: int = 0) -> list[str]:
        """The lines of a buffer; 0 is the current one."""
        found: list[str] = self.request("nvim_buf_get_lines", buffer, 0, -1, False)
        return found

    def until(self, condition: str, *arguments: Any, why: str = "") -> Any:
        """Wait until a Lua chunk returns something true; answers it."""
        deadline = time.monotonic() + PATIENCE
        pause = threading.Event()
        while True:
            found = self.lua(condition, *arguments)
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{why or condition} never came; the screen:\n{self.screen.text()}")
            pause.wait(0.02)

    def until_text(self, text: str) -> None:
        """Wait until the current buffer holds a text."""
        self.until(
            "return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n'):find(..., 1, true) ~= nil",
            text,
            why=f"{text!r} in the buffer",
        )

    def until_screen(self, text: str) -> None:
        """Wait until a text stands on the screen, in one row."""
        with self._changed:
            self._wait_for(lambda: text in self.screen.text(), f"{text!r} on the screen")

    def until_screen_without(self, text: str) -> None:
        """Wait until a text is gone from the screen."""
        with self._changed:
            self._wait_for(lambda: text not in self.screen.text(), f"a screen without {text!r}")

    def until_flush(self, flushes: int) -> None:
        """Wait until the screen was complete once more than so many times."""
        with self._changed:
            self._wait_for(lambda: self.screen.flushes > flushes, "a complete screen")

    def until_cursor_left(self, column: int) -> None:
        """Wait until the cursor stands in another column of the screen."""
        with self._changed:
            self._wait_for(lambda: self.screen.cursor[1] != column, "a cursor elsewhere")

    def redraw(self) -> None:
        """Wait until the screen shows the state of now."""
        flushes = self.screen.flushes
        self.command("redraw!")
        self.until_flush(flushes)

    def resize(self, columns: int, rows: int) -> None:
        """Make the editor another size."""
        self.request("nvim_ui_try_resize", columns, rows)
        with self._changed:
            self._wait_for(lambda: self.screen.size == (columns, rows), "the new size")

    def close(self) -> None:
        """End the process, and all that it started."""
        if self._process.poll() is None:
            try:
                self._send([2, "nvim_command", ["qall!"]])
                self._process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._reader.join(PATIENCE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
        except OSError:
            pass
        self._process.stdout.close()

    def quit(self, command: str = "qall") -> None:
        """Leave as a person does, and wait for the end."""
        self._send([2, "nvim_command", [command]])
        self._process.wait(PATIENCE)

    def __enter__(self) -> "Neovim":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _send(self, message: Sequence[Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgpack.packb(message))
        self._process.stdin.flush()

    def _wait_for(self, condition: Callable[[], bool], what: str) -> None:
        if not self._changed.wait_for(lambda: self._over or condition(), PATIENCE) or not condition():
            ended = "Neovim has ended" if self._over else f"{what} never came"
            raise AssertionError(f"{ended}; the screen:\n{self.screen.text()}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        # windows and buffers come as extension types, whose payload is a number
        unpacker = msgpack.Unpacker(
            raw=False,
            strict_map_key=False,
            unicode_errors="surrogateescape",
            ext_hook=lambda _, data: msgpack.unpackb(data),
        )
        while data := os.read(self._process.stdout.fileno(), 1 << 16):
            unpacker.feed(data)
            for message in unpacker:
                self._take(message)
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _take(self, message: Any) -> None:
        with self._changed:
            if message[0] == 1:
                self._answers[message[1]] = (message[2], message[3])
            elif message[0] == 2 and message[1] == "redraw":
                self.screen.take(message[2])
            elif message[0] == 2:
                self.notifications.append((message[1], message[2]))
            self._changed.notify_all()
