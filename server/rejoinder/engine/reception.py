"""The engine's connections: each is greeted, served, and seen off."""

import asyncio
import contextlib
import logging
import os
from pathlib import Path
from typing import NamedTuple, Protocol

from rejoinder.engine.greeting import LINE_LIMIT, OLDER, WRONG, Greeting, Reply, is_newer

_log = logging.getLogger(__name__)

_CHUNK = 1 << 16


class Service(Protocol):
    """What an engine does for its clients."""

    async def serve(self, greeting: Greeting, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak the Language Server Protocol with one client until it says goodbye or its stream ends.

        Leaves the writer open. Raises when the conversation ended badly; the client's process then ends with an error.
        """
        ...

    async def quiet(self) -> None:
        """Return as soon as no turn is running; called when no client is there, and perhaps cancelled."""
        ...

    async def drain(self) -> None:
        """Begin no turn any more, and return when the running ones have ended; cancelled when that takes too long."""
        ...

    async def stop(self) -> None:
        """Finish all writes and let go of the files. Called once, after the last connection has gone."""
        ...


class Limits(NamedTuple):
    """How long an engine waits, in seconds."""

    greeting: float = 5.0
    """For a client's first line."""
    farewell: float = 5.0
    """For a client to hang up after its conversation."""
    first_client: float = 10.0
    """For the first client: whoever started the engine may have died."""
    drain: float = 20.0
    """For running turns to end when it is told to leave."""
    claim: float = 25.0
    """For another process to leave the data folder."""
    look: float = 5.0
    """From one look at whether it can be reached to the next."""


class Reception:
    """Takes connections, and knows whether any are there."""

    def __init__(self, service: Service, *, data_dir: Path, version: str, secret: str, limits: Limits) -> None:
        self._service = service
        self._data_dir = data_dir
        self._version = version
        self._secret = secret
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False
        self.vacant = asyncio.Event()
        """Set while no connection is there."""
        self.vacant.set()
        self.occupied = asyncio.Event()
        """Set while one is there."""
        self.asked_to_leave = asyncio.Event()
        """Set when a client has asked for the hand-over."""

    def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection from its greeting to its end."""
        task = asyncio.create_task(self._take(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        self.vacant.clear()
        self.occupied.set()

    def turn_away(self) -> None:
        """Answer no one who connects from now on: they look for the next engine."""
        self._leaving = True

    def leave_if_vacant(self) -> bool:
        """Whether no connection is there; if so, none is answered any more. One step, so that nobody comes between."""
        self._leaving = self._leaving or not self._tasks
        return self._leaving

    async def close(self) -> None:
        """End all connections."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, TimeoutError):
            _log.debug("a client has gone", exc_info=True)
        except Exception:
            _log.exception("a connection has failed")
        finally:
            await _hang_up(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._limits.greeting):
                greeting = Greeting.decode(await _read_line(reader))
        except ValueError as error:
            writer.write(self._refuse(WRONG, f"This is no greeting: {error}.").encode())
            return
        if self._leaving:
            return
        if refusal := self._refusal(greeting):
            writer.write(refusal.encode())
            return
        writer.write(Reply(self._version, str(self._data_dir), os.getpid()).encode())
        if greeting.want == "lsp":
            await self._service.serve(greeting, reader, writer)
            await self._see_off(reader, writer)
        elif greeting.want == "handover":
            self.asked_to_leave.set()
            # The end of this connection is what the client waits for.
            await asyncio.Event().wait()

    def _refusal(self, greeting: Greeting) -> Reply | None:
        if greeting.secret != self._secret:
            return self._refuse(WRONG, "The greeting does not show the address's secret.")
        if greeting.data_dir != str(self._data_dir):
            return self._refuse(WRONG, f"This engine has the data folder {str(self._data_dir)!r}.")
        if greeting.want == "lsp" and is_newer(greeting.version, than=self._version):
            return self._refuse(OLDER, f"This engine is of version {self._version}.")
        return None

    def _refuse(self, code: str, reason: str) -> Reply:
        hint = "Ask it to hand over." if code == OLDER else "Run `rejoinder doctor`."
        return Reply(self._version, str(self._data_dir), os.getpid(), ok=False, code=code, reason=reason, hint=hint)

    async def _see_off(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Close the sending half alone, which tells the pipe that all is well, and wait for it to hang up."""
        if writer.is_closing() or not writer.can_write_eof():
            return
        await writer.drain()
        writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.farewell):
                while await reader.read(_CHUNK):
                    pass

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self.occupied.clear()
            self.vacant.set()


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """The first line. Raises ValueError when it is too long, ConnectionError when the client goes before its end."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the client has gone") from error
    except asyncio.LimitOverrunError as error:
        raise ValueError(f"longer than {LINE_LIMIT} bytes") from error


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close, giving a client that reads a second for what it has not read yet."""
    writer.close()
    try:
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
