"""A JSON-RPC client that sends whatever bytes a test wants, and shows every message that comes back.

In-process, over a pair of sockets:

    async with connected(RejoinderServer(version="0")) as client:
        client.write(b"Content-Length: nonsense\\r\\n\\r\\n")
        assert (await client.receive())["error"]["code"] == -32700

Over a process's standard input and output: `async with spawned([sys.executable, "-m", "rejoinder", "serve"])`.
"""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

PATIENCE = 60.0
"""Seconds that a waiting test gives before it fails; nothing takes that long."""

_MISSING: Any = object()


class Server(Protocol):
    """What serves one connection."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


class RawClient:
    """One connection's other end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.serving: asyncio.Task[None] | None = None
        """The server's side, when it runs in this process."""
        self.far_writer: asyncio.StreamWriter | None = None
        """The writer that this server was given; a server leaves it open."""
        self.process: asyncio.subprocess.Process | None = None
        self.aside: list[dict[str, Any]] = []
        """Messages that came while another was waited for."""
        self._ids = itertools.count(1)

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def send_body(self, body: bytes) -> None:
        """Send bytes with a header of the right length."""
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Any) -> None:
        """Send a JSON value."""
        self.send_body(json.dumps(message).encode())

    def request(self, method: Any, params: Any = _MISSING, *, id: Any = None) -> Any:
        """Send a request without waiting for its reply; answers its ID."""
        number = next(self._ids) if id is None else id
        envelope = {"jsonrpc": "2.0", "id": number, "method": method}
        self.send(envelope | ({} if params is _MISSING else {"params": params}))
        return number

    def notify(self, method: Any, params: Any = _MISSING) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method} | ({} if params is _MISSING else {"params": params}))

    async def receive(self) -> Any:
        """The next message, in the order in which they came. Raises EOFError at the end."""
        if self.aside:
            return self.aside.pop(0)
        return await self._read()

    async def message(self, wanted: Callable[[dict[str, Any]], bool]) -> Any:
        """The first message of a kind; others are kept aside."""
        for index, message in enumerate(self.aside):
            if wanted(message):
                return self.aside.pop(index)
        while not wanted(message := await self._read()):
            self.aside.append(message)
        return message

    async def reply(self, id: Any) -> Any:
        """The reply to a request."""
        return await self.message(lambda message: "method" not in message and message["id"] == id)

    async def notification(self, method: str) -> Any:
        """The params of the next notification, or the whole of the next request, of a method."""
        message = await self.message(lambda message: message.get("method") == method)
        return message if "id" in message else message["params"]

    async def ask(self, method: Any, params: Any = _MISSING) -> Any:
        """The reply to a request that is sent now."""
        return await self.reply(self.request(method, params))

    async def execute(self, command: Any, *arguments: Any) -> Any:
        """The reply to a command."""
        return await self.ask("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    async def initialize(self, capabilities: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """Shake hands; answers the result of `initialize`."""
        reply = await self.ask(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **params}
        )
        self.notify("initialized", {})
        return reply["result"]

    async def ended(self) -> None:
        """Return when the server's side has ended; raises what it raised."""
        assert self.serving is not None
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(self.serving)

    def hang_up(self) -> None:
        """Close the connection."""
        self.writer.close()

    async def _read(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            length = None
            while (line := await self.reader.readline()) != b"\r\n":
                if not line:
                    raise EOFError("the server has closed the connection")
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            assert length is not None, "a message without its length"
            return json.loads(await self.reader.readexactly(length))


@contextlib.asynccontextmanager
async def connected(server: Server, *, buffer: int | None = None) -> AsyncIterator[RawClient]:
    """A client of a server in this process. `buffer`: bytes that the sockets hold, for a client that does not read."""
    ours, theirs = socket.socketpair()
    if buffer is not None:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    server_reader, server_writer = await asyncio.open_connection(sock=theirs)
    client = RawClient(*await asyncio.open_connection(sock=ours, limit=2**26))
    client.far_writer = server_writer
    client.serving = asyncio.create_task(server.serve(server_reader, server_writer))
    try:
        yield client
    finally:
        client.hang_up()
        await asyncio.wait([client.serving], timeout=PATIENCE)
        server_writer.close()
        with contextlib.suppress(OSError):
            await client.writer.wait_closed()
        with contextlib.suppress(OSError):
            await server_writer.wait_closed()


@contextlib.asynccontextmanager
async def spawned(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> AsyncIterator[RawClient]:
    """A client of a process, whose standard error goes to the test's own."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=env, limit=2**26
    )
    assert process.stdin is not None and process.stdout is not None
    client = RawClient(process.stdout, process.stdin)
    client.process = process
    try:
        yield client
    finally:
        client.hang_up()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
