"""The transport to servers on this machine, against a server that sends exactly what a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from rejoinder.adapters.http_bodies import ChunkedBody
from rejoinder.adapters.loopback_http import LoopbackTransport

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
FRAMED = b"5\r\nfirst\r\n6;ext=1\r\n\nlast\n\r\n0\r\nTrailer: x\r\n\r\n"


class Server:
    """Answers each request on a connection with the next of the replies; `None` closes the connection."""

    def __init__(self, *replies: bytes | None) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
        self.tasks: list[asyncio.Task[None] | None] = []
        self.left = asyncio.Event()
        """Set when a client has closed its connection."""
        self.closed = asyncio.Event()
        """Set when this side has closed one."""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        try:
            while self.replies:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head + await reader.readexactly(2))
                reply = self.replies.pop(0)
                writer.write(reply or b"")
                if self.replies and self.replies[0] is None:
                    self.replies.pop(0)
                    break
            else:
                await reader.read()
        except asyncio.IncompleteReadError:
            pass
        except ConnectionError:
            # a client that closes with something unread resets the connection
            self.left.set()
        if reader.at_eof():
            self.left.set()
        writer.close()
        self.closed.set()


@asynccontextmanager
async def served(*replies: bytes | None) -> AsyncIterator[tuple[Server, Callable[[], "asyncio.Future[bytes]"]]]:
    """A server, and a function that posts to it by one client and gives the content of the reply."""
    server = Server(*replies)
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = httpx2.AsyncClient(transport=LoopbackTransport(keep_alive=60), timeout=20)

    async def post() -> bytes:
        return (await client.post(f"http://127.0.0.1:{port}/v1?x=1", content=b"{}")).content

    try:
        yield server, lambda: asyncio.ensure_future(post())
    finally:
        await client.aclose()
        listening.close()
        await asyncio.gather(*filter(None, server.tasks))


def test_chunks_may_be_cut_anywhere() -> None:
    for first in range(len(FRAMED)):
        for second in range(first, len(FRAMED)):
            body = ChunkedBody()
            parts = [body.feed(part) for part in (FRAMED[:first], FRAMED[first:second], FRAMED[second:])]
            assert b"".join(parts) == b"first\nlast\n"
            assert body.done


def test_a_body_is_done_at_its_end_and_not_before() -> None:
    for end in range(len(FRAMED)):
        body = ChunkedBody()
        body.feed(FRAMED[:end])
        assert not body.done


@pytest.mark.parametrize("data", [b"x\r\n", b"-5\r\nfirst", b"0x5\r\n", b"\r\n", b"5\r\nfirstX\r\n", b"1" * 5000])
def test_what_is_no_chunk_is_refused(data: bytes) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        ChunkedBody().feed(data)


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        (SIZED, b"whole"),
        (CHUNKED + FRAMED, b"first\nlast\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED, b"whole"),
        (SIZED.replace(b"\r\n", b"\n"), b"whole"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (CHUNKED + b"10000\r\n" + b"x" * 0x10000 + b"\r\n0\r\n\r\n", b"x" * 0x10000),
    ],
)
async def test_a_connection_serves_again_after_a_whole_answer(reply: bytes, content: bytes) -> None:
    async with served(reply, reply) as (server, post):
        assert [await post(), await post()] == [content, content]
        assert len(server.tasks) == 1
        assert server.requests[0].startswith(b"POST /v1?x=1 HTTP/1.1\r\n")
        assert server.requests[0].endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        (SIZED.replace(b"Content-Length", b"Connection: close\r\nContent-Length"), b"whole"),
        (SIZED.replace(b"HTTP/1.1", b"HTTP/1.0"), b"whole"),
        (SIZED + b"HTTP/1.1 408 Request Timeout\r\n\r\n", b"whole"),
    ],
)
async def test_a_connection_that_is_of_no_more_use_is_not_kept(reply: bytes, content: bytes) -> None:
    async with served(reply, SIZED) as (server, post):
        assert await post() == content
        assert await post() == b"whole"
        assert len(server.tasks) == 2


async def test_a_body_may_last_as_long_as_the_connection() -> None:
    async with served(b"HTTP/1.1 200 OK\r\n\r\nall of it", None, SIZED) as (server, post):
        assert await post() == b"all of it"
        assert await post() == b"whole"
        assert len(server.tasks) == 2


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used() -> None:
    async with served(SIZED, None, SIZED) as (server, post):
        assert await post() == b"whole"
        await server.closed.wait()
        assert await post() == b"whole"
        assert len(server.tasks) == 2


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200", b"nonsense\r\n\r\n", SIZED[:-1], CHUNKED + FRAMED[:-2]])
async def test_an_answer_that_breaks_off_is_told(reply: bytes) -> None:
    async with served(reply, None) as (_, post):
        with pytest.raises(httpx2.RemoteProtocolError):
            await post()


async def test_who_gives_up_closes_the_connection() -> None:
    async with served(CHUNKED + b"5\r\nfirst", b"never") as (server, post):
        waiting = post()
        while not server.requests:
            await asyncio.sleep(0)
        waiting.cancel()
        async with asyncio.timeout(20):
            await server.left.wait()


async def test_nobody_listens() -> None:
    client = httpx2.AsyncClient(transport=LoopbackTransport(keep_alive=60))
    with pytest.raises(httpx2.ConnectError):
        await client.post("http://127.0.0.1:1/", content=b"{}")
    await client.aclose()
