"""Ways to a server: a pipe to a process, a socket, or streams that are there already."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rejoinder_client.errors import ServerNotStarted

_CHUNK = 1 << 16
_KEPT_BYTES = 8192
_KEPT_LINES = 20
_GRACE = 5.0


class Streams:
    """A pair of byte streams with a server at its other end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def last_words(self) -> list[str]:
        """The last lines that the server said beside the protocol, once its end is known."""
        return []

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        # The server may have hung up first.
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class _Pipe(Streams):
    def __init__(self, process: asyncio.subprocess.Process, linger: float) -> None:
        assert process.stdin and process.stdout and process.stderr  # noqa: S101 - for the type checker
        super().__init__(process.stdout, process.stdin)
        self._process = process
        self._linger = linger
        self._tail = b""
        # What nobody reads fills the pipe, and then the server waits for ever.
        self._drain = asyncio.create_task(self._read_errors(process.stderr))

    async def last_words(self) -> list[str]:
        await asyncio.wait([self._drain], timeout=1.0)
        return self._tail.decode("utf-8", "replace").splitlines()[-_KEPT_LINES:]

    async def close(self) -> None:
        await super().close()
        await self._end()
        # A grandchild may hold the other end of the pipe.
        self._drain.cancel()
        await asyncio.wait([self._drain])

    async def _end(self) -> None:
        """Wait for the process, which its closed input tells to leave; then insist."""
        for insist, patience in ((self._process.terminate, self._linger), (self._process.kill, _GRACE)):
            try:
                await asyncio.wait_for(self._process.wait(), patience)
                return
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    insist()
        await self._process.wait()

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(_CHUNK):
            self._tail = (self._tail + chunk)[-_KEPT_BYTES:]


async def open_pipe(
    command: Sequence[str] | None = None,
    *,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    linger: float = _GRACE,
) -> Streams:
    """Start `rejoinder serve` (or `command`) and talk over its standard input and output.

    `settings` count as its command-line flags do, above all other sources; `environment` is added to this process's.
    When the connection is closed, the process has `linger` seconds to end by itself.
    """
    arguments = list(command) if command is not None else _serve(data_dir, cache_dir, settings or {})
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            **_apart(),
        )
    except OSError as error:
        raise ServerNotStarted(
            f"The server cannot be started: {error}.", hint=f"Look at the command: {arguments[0]!r}."
        ) from error
    return _Pipe(process, linger)


async def open_socket(address: str | Path) -> Streams:
    """Connect to a server that listens at `HOST:PORT`, or at a Unix socket's path."""
    text = str(address)
    host, colon, port = text.rpartition(":")
    try:
        if isinstance(address, str) and colon and port.isdigit():
            return Streams(*await asyncio.open_connection(host.strip("[]"), int(port)))
        if sys.platform == "win32":
            raise OSError("Unix sockets are not served on Windows")
        return Streams(*await asyncio.open_unix_connection(text))
    except OSError as error:
        raise ServerNotStarted(f"Nobody listens at {text}: {error}.", hint="Start the server first.") from error


async def open_streams(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Streams:
    """Talk over streams that are there already, such as those to a server in this process."""
    return Streams(reader, writer)


async def open_dialed(dial: Callable[[], tuple[socket.socket, bytes]]) -> Streams:
    """Talk over a socket that somebody else connects, which may take a while; with what has come over it already."""
    connection, early = await asyncio.to_thread(dial)
    reader, writer = await asyncio.open_connection(sock=connection)
    if early:
        reader.feed_data(early)
    return Streams(reader, writer)


def _apart() -> dict[str, Any]:
    """Ctrl-C in a terminal is for the program that uses the server, not for the server."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _serve(data_dir: str | Path | None, cache_dir: str | Path | None, settings: Mapping[str, Any]) -> list[str]:
    # `-P`: what lies in the folder that the user stands in is not to be imported.
    command = [sys.executable, "-P", "-m", "rejoinder", "serve"]
    for flag, folder in (("--data-dir", data_dir), ("--cache-dir", cache_dir)):
        if folder is not None:
            command += [flag, str(folder)]
    for key, value in settings.items():
        command += ["--set", f"{key}={json.dumps(value)}"]
    return command
