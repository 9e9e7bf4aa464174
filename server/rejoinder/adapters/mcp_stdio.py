"""A server of the Model Context Protocol as a program of our own: one JSON message a line, in and out.

The library's own way to start one keeps a line however long it is; this one ends a server that floods it.
"""

import contextlib
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

LONGEST_MESSAGE = 8 * 1024 * 1024
"""Bytes of one message."""

_LEAVE_SECONDS = 1.0
_KILL_SECONDS = 1.0
_LAST_WORDS = 2000
_GONE = (anyio.EndOfStream, anyio.IncompleteRead, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError)
"""How a pipe says that there is nobody at its other end."""


class ServerProgram:
    """One run of a program. `on_end` is called when it says no more."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], on_end: Callable[[], None]) -> None:
        self._command = command
        self._environment = environment
        self._on_end = on_end
        self._said: deque[bytes] = deque()
        self.fault = ""
        """Why its connection was ended, if it was."""

    @property
    def last_words(self) -> str:
        """The end of what it wrote to its standard error."""
        return b"".join(self._said).decode("utf-8", "replace").strip()[-_LAST_WORDS:]

    @contextlib.asynccontextmanager
    async def streams(self) -> "AsyncIterator[TransportStreams]":
        """Start it, with its messages in both directions; it is ended with the block. Raises OSError."""
        from mcp.client.stdio import get_default_environment

        process = await anyio.open_process(
            list(self._command),
            env=get_default_environment() | self._environment,
            # a project's folder would have its own files taken for the program's
            cwd=Path.home(),
            start_new_session=True,
        )
        incoming, read_stream = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
        write_stream, outgoing = anyio.create_memory_object_stream["SessionMessage"](0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read, process, incoming)
            tasks.start_soon(self._write, process, outgoing)
            tasks.start_soon(self._listen, process)
            try:
                yield read_stream, write_stream
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)
                tasks.cancel_scope.cancel()
                for stream in (incoming, read_stream, write_stream, outgoing):
                    stream.close()

    async def _read(
        self,
        process: anyio.abc.Process,
        incoming: "MemoryObjectSendStream[SessionMessage | Exception]",
    ) -> None:
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        assert process.stdout is not None  # noqa: S101 - for the type checker
        lines = BufferedByteReceiveStream(process.stdout)
        with contextlib.suppress(*_GONE):
            while True:
                try:
                    line = await lines.receive_until(b"\n", LONGEST_MESSAGE)
                except anyio.DelimiterNotFound:
                    self.fault = f"it sent a message of more than {LONGEST_MESSAGE >> 20} MB"
                    break
                if not line.strip():
                    continue
                try:
                    message: SessionMessage | Exception = SessionMessage(
                        jsonrpc_message_adapter.validate_json(line, by_name=False)
                    )
                except ValueError as error:
                    # many programs write a greeting there; it is no reason to end the connection
                    message = error
                await incoming.send(message)
        incoming.close()
        self._on_end()

    async def _write(self, process: anyio.abc.Process, outgoing: "MemoryObjectReceiveStream[SessionMessage]") -> None:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        with contextlib.suppress(*_GONE):
            async for message in outgoing:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(text.encode() + b"\n")

    async def _listen(self, process: anyio.abc.Process) -> None:
        """Read what it says for people, so that it does not block on it; the end is kept."""
        assert process.stderr is not None  # noqa: S101 - for the type checker
        with contextlib.suppress(*_GONE):
            while True:
                self._said.append(await process.stderr.receive(_LAST_WORDS))
                while sum(map(len, self._said)) > 2 * _LAST_WORDS:
                    self._said.popleft()


async def _end(process: anyio.abc.Process) -> None:
    """Close its input, at which it should end; else end it and what it has started."""
    assert process.stdin is not None  # noqa: S101 - for the type checker
    with contextlib.suppress(*_GONE):
        await process.stdin.aclose()
    with anyio.move_on_after(_LEAVE_SECONDS):
        await process.wait()
    if sys.platform == "win32":
        if process.returncode is None:
            process.kill()
    else:
        from mcp.os.posix.utilities import terminate_posix_process_tree

        await terminate_posix_process_tree(process, _KILL_SECONDS)
    with anyio.move_on_after(_KILL_SECONDS):
        await process.aclose()
