"""HTTP/1.1 to servers on this machine, for httpx: little stands between the socket and whoever reads an answer.

A local model's answer comes in small pieces, and each costs the general transport more than all that is done with it.
Here a read takes all that has arrived, as one piece, and nothing is received before it is asked for.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable

import h11
import httpx2

from rejoinder.adapters.http_bodies import Framing, framing_of

PIECES_ARE_WHOLE = "pieces_are_whole"
"""The extension of a response each of whose pieces is all that has arrived."""

_HEAD_END = re.compile(rb"\n\r?\n")
_LONGEST_HEAD = 1 << 16
_CHUNK = 1 << 18


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
            await wire.send(_encoded(request, await request.aread()), timeout.get("write"))
            head, version = await _head(wire, timeout.get("read"))
        except BaseException:
            wire.close()
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
            wire.close()
        return None

    def _keep(self, wire: "_Wire") -> None:
        self._idle[wire] = asyncio.get_running_loop().call_later(self._keep_alive, self._drop, wire)

    def _drop(self, wire: "_Wire") -> None:
        self._idle.pop(wire).cancel()
        wire.close()


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
                self._wire.close()

    def _end(self) -> None:
        if not self._framing.ends_with_connection:
            raise httpx2.RemoteProtocolError("the server has gone before the end of its answer")
        self._framing.done = True


class _Wire:
    """A connection. Nothing is received, and nobody is woken, before it is asked for."""

    def __init__(self, socket: socket.socket, address: tuple[str, int]) -> None:
        self.address = address
        self._socket = socket
        self._put_back = b""

    def is_quiet(self) -> bool:
        """Whether the connection is open, and nothing has come that nobody asked for."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return not self._put_back
        except OSError:
            pass
        return False

    def put_back(self, data: bytes) -> None:
        """Have this received first."""
        self._put_back = data

    async def send(self, data: bytes, timeout: float | None) -> None:
        """Send all of it. Raises WriteError and WriteTimeout."""
        try:
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except TimeoutError:
            raise httpx2.WriteTimeout("the server takes nothing") from None
        except OSError as error:
            raise httpx2.WriteError(str(error)) from error

    async def receive(self, timeout: float | None) -> bytes:
        """What has arrived, waited for; nothing at the end. Raises ReadTimeout."""
        if data := self._put_back:
            self._put_back = b""
            return data
        try:
            with contextlib.suppress(BlockingIOError):
                return self._socket.recv(_CHUNK)
            async with asyncio.timeout(timeout):
                return await asyncio.get_running_loop().sock_recv(self._socket, _CHUNK)
        except TimeoutError:
            raise httpx2.ReadTimeout("the server sends nothing") from None
        except OSError:
            return b""

    def close(self) -> None:
        """Close it at once."""
        self._socket.close()


def _address(url: httpx2.URL) -> tuple[str, int]:
    return url.host, url.port or 80


async def _connected(url: httpx2.URL, timeout: float | None) -> _Wire:
    """A new connection. Raises ConnectError and ConnectTimeout."""
    host, port = address = _address(url)
    try:
        async with asyncio.timeout(timeout):
            return _Wire(await _connected_socket(host, port), address)
    except TimeoutError:
        raise httpx2.ConnectTimeout("the server does not answer") from None
    except OSError as error:
        raise httpx2.ConnectError(str(error)) from error


async def _connected_socket(host: str, port: int) -> socket.socket:
    """A socket at the first of the host's addresses that takes it. Raises OSError."""
    loop = asyncio.get_running_loop()
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.setblocking(False)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(connecting, address)
            return connecting
        except OSError as error:
            connecting.close()
            failure = error
        except BaseException:
            connecting.close()
            raise
    raise failure


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
