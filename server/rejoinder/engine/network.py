"""`rejoinder serve --tcp` and `--websocket`: clients that come over a network, each joined to the engine.

Every user of the machine can connect to a port, even to one of the loopback address. So each connection begins with
`initialize` whose `initializationOptions.token` is the token that this process was started with, for any client of the
Language Server Protocol can send that. The token goes no further.

On TCP messages are framed as on standard input; a WebSocket's message is one message without a header.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, NamedTuple

from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.engine.daemon import first_of, leave_on_signals
from rejoinder.engine.framing import error_body, framed, read_message
from rejoinder.engine.locate import Connection

Transport = Literal["tcp", "websocket"]

_SHORTEST_TOKEN = 16
INTRODUCTION_SECONDS = 10.0
_LONGEST_INTRODUCTION = 1 << 20
_CHUNK = 1 << 16
_NOT_TRUSTED = -31016


class Address(NamedTuple):
    """Where to listen. Port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, may_be_remote: bool) -> "Address":
        """Read `HOST:PORT`. Raises InvalidInput, also for a host beyond this machine unless that is allowed."""
        host, _, port = text.rpartition(":")
        host = host.strip("[]")
        if not host or not port.isdigit() or int(port) > 65535:
            raise InvalidInput(f"{text!r} is no address.", hint="Write it as HOST:PORT, such as 127.0.0.1:7777.")
        if not may_be_remote and not _is_loopback(host):
            raise InvalidInput(
                f"{host!r} can be reached from other machines, and nothing is encrypted.",
                hint="Listen on 127.0.0.1 and forward the port by SSH, or add --allow-remote.",
            )
        return cls(host, int(port))


def refused(address: Address, error: OSError) -> int:
    """Say that nothing can listen there. Answers the process's exit status."""
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    where = ":".join(map(str, address))
    sys.stderr.write(f"error: Nothing can listen at {where}: {why}.\nhint: Choose another port or address.\n")
    return 1


def token_in(name: str | None, environment: Mapping[str, str]) -> str:
    """The token that a variable holds, if it is one that cannot be guessed. Raises InvalidInput."""
    hint = "`export NAME=$(openssl rand -hex 16)` makes a good one, and `--token-env NAME` names it."
    token = environment.get(name or "", "")
    if not token:
        raise InvalidInput(f"The variable {name!r} holds no token." if name else "No token was named.", hint=hint)
    if len(token) < _SHORTEST_TOKEN:
        raise InvalidInput(
            f"The token has fewer than {_SHORTEST_TOKEN} characters.",
            hint=hint,
        )
    return token


async def serve(transport: Transport, address: Address, *, token: str, connect: Callable[[], Connection]) -> None:
    """Listen until SIGTERM or SIGINT, and say on standard error where. `connect` finds the engine, and may block."""
    gate = Gate(token, connect)
    port, close = await (_open_tcp if transport == "tcp" else _websocket_opener())(gate, address)
    scheme = "tcp" if transport == "tcp" else "ws"
    sys.stderr.write(f"rejoinder: listening at {scheme}://{_shown(address.host)}:{port}\n")
    sys.stderr.flush()
    with leave_on_signals() as told:
        await told.wait()
    await close()


Opened = tuple[int, Callable[[], Awaitable[None]]]
"""The port that is listened at, and what ends that and all its connections."""


class Refused(Exception):
    """An introduction that does not lead to the engine. `reply` says so to the client."""

    def __init__(self, reply: bytes) -> None:
        super().__init__()
        self.reply = reply


class Gate:
    """Lets in who knows the token."""

    def __init__(self, token: str, connect: Callable[[], Connection]) -> None:
        self._token = token.encode()
        self._connect = connect

    async def engine(self, introduction: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the engine that has got a client's `initialize`. Raises Refused."""
        message = self._admitted(introduction)
        try:
            connection = await asyncio.to_thread(self._connect)
        except RejoinderError as error:
            raise Refused(_error(message.get("id"), -32603, error.message, error.hint)) from error
        reader, writer = await asyncio.open_connection(sock=connection.socket)
        reader.feed_data(connection.early)
        writer.write(framed(json.dumps(message).encode()))
        return reader, writer

    def _admitted(self, introduction: bytes) -> dict[str, Any]:
        """The message without the token. Raises Refused."""
        try:
            message = json.loads(introduction)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict) and self._is_admitted(message):
            return message
        request_id = message.get("id") if isinstance(message, dict) else None
        hint = "Send `initialize` with the server's token in `initializationOptions.token`."
        raise Refused(_error(request_id, _NOT_TRUSTED, "The token is missing or wrong.", hint))

    def _is_admitted(self, message: dict[str, Any]) -> bool:
        """Whether a message introduces a client; the token is taken out of it."""
        try:
            token = message["params"]["initializationOptions"].pop("token")
            return message["method"] == "initialize" and hmac.compare_digest(token.encode(), self._token)
        except (LookupError, TypeError, AttributeError, ValueError):
            return False


def _websocket_opener() -> "Callable[[Gate, Address], Coroutine[Any, Any, Opened]]":
    try:
        from rejoinder.engine.websocket import open_websocket
    except ImportError as error:
        raise InvalidInput(
            "The package `websockets` is not installed.", hint="Run `pip install 'rejoinder[websocket]'`."
        ) from error
    return open_websocket


async def _open_tcp(gate: Gate, address: Address) -> Opened:
    tasks: set[asyncio.Task[None]] = set()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_converse_tcp(gate, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(take, address.host, address.port, limit=_LONGEST_INTRODUCTION)

    async def close() -> None:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return server.sockets[0].getsockname()[1], close


async def _converse_tcp(gate: Gate, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, EOFError, ValueError, asyncio.LimitOverrunError):
        try:
            async with asyncio.timeout(INTRODUCTION_SECONDS):
                introduction = await read_message(reader, _LONGEST_INTRODUCTION)
            theirs, ours = await gate.engine(introduction)
        except Refused as refused:
            writer.write(framed(refused.reply))
        else:
            with contextlib.closing(ours):
                await until_both_end(_copy(reader, ours), _copy(theirs, writer))
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def until_both_end(upwards: Coroutine[Any, Any, None], downwards: Coroutine[Any, Any, None]) -> None:
    """Copy both ways. The engine's end is the end: what a client says after it is for nobody."""

    async def until_told() -> None:
        await upwards
        await asyncio.Event().wait()

    await first_of(downwards, until_told())


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


def _error(request_id: Any, code: int, message: str, hint: str) -> bytes:
    return error_body(request_id, (code, message, {"hint": hint, "what": "connection"}))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
