"""A server of the Model Context Protocol at an address, by streamable HTTP."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx2

from rejoinder.adapters.mcp_config import McpServer

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

LARGEST_REPLY = 8 * 1024 * 1024
"""Bytes of one reply."""

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 600.0
"""How long a stream may say nothing. What a call may take is decided where it is made."""


@contextlib.asynccontextmanager
async def http_streams(server: McpServer) -> "AsyncIterator[TransportStreams]":
    """Messages in both directions, to the end of the block."""
    from mcp.client.streamable_http import streamable_http_client

    assert server.url is not None  # noqa: S101 - for the type checker
    timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    transport = _LimitedTransport(retries=1)
    async with httpx2.AsyncClient(headers=dict(server.headers), timeout=timeout, transport=transport) as client:
        streams = streamable_http_client(server.url, http_client=client, max_sse_event_size=LARGEST_REPLY)
        async with streams as pair:
            yield pair


class _LimitedTransport(httpx2.AsyncHTTPTransport):
    """Ends a reply that is too large to be one. A stream of events has limits of its own."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return response
        stream = response.stream
        if isinstance(stream, httpx2.AsyncByteStream):
            response.stream = _LimitedStream(stream)
        return response


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._stream:
            size += len(data)
            if size > LARGEST_REPLY:
                raise httpx2.ReadError(f"a reply of more than {LARGEST_REPLY >> 20} MB")
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()
