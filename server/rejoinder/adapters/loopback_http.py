"""HTTP/1.1 to servers on this machine, for httpx: little stands between the socket and whoever reads an answer.

A local model's answer comes in small pieces, and each costs the general transport more than all that is done with it.
Here a read takes all that has arrived, as one piece, and nothing is received before it is asked for.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import h11
import httpx2

from rejoinder.adapters.http_bodies import Framing, framing_of

PIECES_ARE_WHOLE = "pieces_are_whole"
"""The extension of a response each of whose pieces is all that has arrived."""

_HEAD_END = re.compile(rb"\n\r?\n")
_LONGEST_HEAD = 1 << 16


class LoopbackTransport(httpx2.AsyncBaseTransport):
    """Connections without TLS and without a proxy, kept for `keep_alive` seconds after a whole answer."""

    def __init__(self, *, keep_alive: float) -> None:
        self._keep_alive = keep_alive
        self._idle: dict[_Wire, asyncio.TimerHandle] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As httpx says, with its exceptions."""
        timeout = request.extensions.get("timeout", {})
        wire = self._kept(request.url) or await _connected(request.url, timeout.get("connect"))
        try:
            wire.transport.write(_encoded(request, await request.aread()))
            head, version = await _head(wire, timeout.get("read"))
        except BaseException:
            wire.transport.abort()
            raise
        body = _Body(wire, framing_of(head), timeout.get("read"), self._keep if _is_kept(head) else None)
        return httpx2.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=body,
            extensions={"http_version": b"HTTP/" + version, PIECES_ARE_WHOLE: True},
        )

    async def aclose(self) -> None:
        """Close the connections that nobody uses."""
        for wire in list(self._idle):
            self._drop(wire)

    def _kept(self, url: httpx2.URL) -> "_Wire | None":
        """A connection to the URL's server that is still open."""
        for wire in [wire for wire in self._idle if wire.address == _address(url)]:
            self._idle.pop(wire).cancel()
            if wire.is_quiet():
                return wire
            wire.transport.abort()
        return None

    def _keep(self, wire: "_Wire") -> None:
        self._idle[wire] = asyncio.get_running_loop().call_later(self._keep_alive, self._drop, wire)
        # so that its end is seen
        wire.transport.resume_reading()

    def _drop(self, wire: "_Wire") -> None:
        self._idle.pop(wire).cancel()
        wire.transport.abort()


class _Body(httpx2.AsyncByteStream):
    """What follows a response's head; each piece is all that has arrived."""

    def __init__(
        self, wire: "_Wire", framing: Framing, timeout: float | None, keep: "Callable[[_Wire], None] | None"
    ) -> None:
        self._wire = wire
        self._framing = framing
        self._timeout = timeout
        self._keep = keep
        self._is_open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self._framing.done:
            data = await self._wire.receive(self._timeout)
            if not data:
                self._end()
                return
            if content := self._framing.feed(data):
                yield content

    async def aclose(self) -> None:
        if self._is_open:
            self._is_open = False
            is_whole = self._framing.done and not self._framing.surplus and self._wire.is_quiet()
            if is_whole and self._keep is not None:
                self._keep(self._wire)
            else:
                self._wire.transport.abort()

    def _end(self) -> None:
        if not self._framing.ends_with_connection:
            raise httpx2.RemoteProtocolError("the server has gone before the end of its answer")
        self._framing.done = True


class _Wire(asyncio.Protocol):
    """A connection that receives only while somebody waits for it."""

    transport: asyncio.Transport

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self._received = bytearray()
        self._has_ended = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise for streams
        self.transport = transport
        transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended = True
        self._wake()

    def is_quiet(self) -> bool:
        """Whether the connection is open, and nothing has come that nobody asked for."""
        return not self._has_ended and not self._received and not self.transport.is_closing()

    def put_back(self, data: bytes) -> None:
        """Have this received first."""
        self._received[:0] = data

    async def receive(self, timeout: float | None) -> bytes:
        """What has arrived, waited for; nothing at the end. Raises ReadTimeout."""
        if not self._received and not self._has_ended:
            self._waiter = asyncio.get_running_loop().create_future()
            self.transport.resume_reading()
            try:
                async with asyncio.timeout(timeout):
                    await self._waiter
            except TimeoutError:
                raise httpx2.ReadTimeout("the server sends nothing") from None
            finally:
                self._waiter = None
                if not self.transport.is_closing():
                    self.transport.pause_reading()
        data = bytes(self._received)
        self._received.clear()
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _address(url: httpx2.URL) -> tuple[str, int]:
    return url.host, url.port or 80


async def _connected(url: httpx2.URL, timeout: float | None) -> _Wire:
    """A new connection. Raises ConnectError and ConnectTimeout."""
    address = _address(url)
    try:
        async with asyncio.timeout(timeout):
            _, wire = await asyncio.get_running_loop().create_connection(lambda: _Wire(address), *address)
    except TimeoutError:
        raise httpx2.ConnectTimeout("the server does not answer") from None
    except OSError as error:
        raise httpx2.ConnectError(str(error)) from error
    return wire


def _encoded(request: httpx2.Request, body: bytes) -> bytes:
    """The request's bytes."""
    connection = h11.Connection(h11.CLIENT)
    try:
        parts = [
            connection.send(
                h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            ),
            connection.send(h11.Data(data=body)),
            connection.send(h11.EndOfMessage()),
        ]
    except h11.LocalProtocolError as error:
        raise httpx2.LocalProtocolError(str(error)) from error
    return b"".join(part for part in parts if part)


async def _head(wire: _Wire, timeout: float | None) -> tuple[h11.Response, bytes]:
    """The response's head and its version. Raises ReadError, ReadTimeout and RemoteProtocolError."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "any")]))
    connection.send(h11.EndOfMessage())
    data = b""
    while True:
        while (end := _HEAD_END.search(data)) is None:
            piece = await wire.receive(timeout) if len(data) < _LONGEST_HEAD else b""
            data += piece
            if not piece:
                raise httpx2.RemoteProtocolError("the server has gone, or sent no head that can be read")
        connection.receive_data(data[: end.end()])
        data = data[end.end() :]
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            raise httpx2.RemoteProtocolError(str(error)) from error
        if isinstance(event, h11.Response):
            wire.put_back(data)
            return event, event.http_version


def _is_kept(head: h11.Response) -> bool:
    return head.http_version == b"1.1" and b"close" not in dict(head.headers).get(b"connection", b"").lower()
