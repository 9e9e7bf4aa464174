"""Clients that come by WebSocket. Each of its messages is one message of the protocol, without a header."""

import asyncio
import contextlib

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from rejoinder.engine.framing import framed, read_message
from rejoinder.engine.network import (
    INTRODUCTION_SECONDS,
    Address,
    Gate,
    Opened,
    Refused,
    until_both_end,
)

_LONGEST_MESSAGE = 16 * 1024 * 1024


async def open_websocket(gate: Gate, address: Address) -> Opened:
    """Listen for WebSockets."""

    async def converse(client: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed, OSError, TimeoutError, EOFError, ValueError):
            try:
                async with asyncio.timeout(INTRODUCTION_SECONDS):
                    introduction = await client.recv(decode=False)
                reader, writer = await gate.engine(introduction)
            except Refused as refused:
                await client.send(refused.reply, text=True)
                return
            with contextlib.closing(writer):
                await until_both_end(_to_engine(client, writer), _to_client(reader, client))

    server = await serve(converse, address.host, address.port, max_size=_LONGEST_MESSAGE, compression=None)

    async def close() -> None:
        server.close()
        await server.wait_closed()

    return next(iter(server.sockets)).getsockname()[1], close


async def _to_engine(client: ServerConnection, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            writer.write(framed(await client.recv(decode=False)))
            await writer.drain()
    writer.write_eof()


async def _to_client(reader: asyncio.StreamReader, client: ServerConnection) -> None:
    with contextlib.suppress(EOFError):
        while True:
            await client.send(await read_message(reader), text=True)
    await client.close()
