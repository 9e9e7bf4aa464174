"""Joins the small events of a chat stream before the model library sees them.

A model sends an event for each token, and what lies above takes 0.2 to 0.5 ms for each: reading it from the socket,
building its objects, passing them on. Clients get deltas joined over 30 to 60 ms anyway. So after the first text of
an answer the socket is read at most every `PACE` seconds, and neighbouring events that only carry text become one.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson

PACE = 0.055
"""Seconds between two joined events, once there is text. The first text never waits, nor does one after a pause."""

_TEXT_FIELDS = ("content", "reasoning_content", "reasoning")
_END = b"\n\n"


class EventJoiner:
    """Takes the bytes of an event stream as they come and gives fewer, larger events with the same meaning."""

    def __init__(self) -> None:
        self._rest = b""
        self.has_text = False
        """Whether a piece of the answer has gone through."""

    def feed(self, data: bytes) -> bytes:
        """The whole events of what has come so far. What is not a plain piece of text passes as it is."""
        data = self._rest + data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        whole, end, self._rest = data.rpartition(_END)
        if not end:
            return b""
        return b"".join(self._join(whole.split(_END)))

    def rest(self) -> bytes:
        """What came after the last whole event, at the end of the stream."""
        return self._rest

    def _join(self, events: list[bytes]) -> list[bytes]:
        joined: list[bytes] = []
        chunk: Any = None
        field, texts = "", list[str]()

        def flush() -> None:
            if texts:
                chunk["choices"][0]["delta"][field] = "".join(texts)
                joined.append(b"data: " + orjson.dumps(chunk) + _END)
                texts.clear()

        for event in events:
            piece = _text_event(event)
            if piece is None:
                flush()
                joined.append(event + _END)
                continue
            self.has_text = True
            if piece[1] != field:
                flush()
            if not texts:
                chunk, field = piece[0], piece[1]
            texts.append(piece[2])
        flush()
        return joined


class JoinedStream(httpx2.AsyncByteStream):
    """A response's body, read at a pace by a task of its own, with its events joined."""

    def __init__(self, stream: httpx2.AsyncByteStream, pace: float = PACE) -> None:
        self._stream = stream
        self._pace = pace
        self._joiner = EventJoiner()
        self._pieces: list[bytes] = []
        self._arrived = asyncio.Event()
        self._given = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        # The library iterates a second time, to empty the connection after the event that ends the answer.
        if self._reading is None:
            self._reading = loop.create_task(self._read())
            self._reading.add_done_callback(self._read_all)
        while not self._reading.done() or self._pieces:
            await self._arrived.wait()
            self._arrived.clear()
            data = b"".join(self._pieces)
            self._pieces.clear()
            if joined := self._joiner.feed(data):
                self._given = loop.time()
                yield joined
        self._reading.result()
        if rest := self._joiner.rest():
            yield rest

    async def aclose(self) -> None:
        """Close the connection, or give it back when all was read."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._stream.aclose()

    async def _read(self) -> None:
        """Take the body's pieces as they come, and rest after each one that had to be waited for.

        A piece that the HTTP library already held comes without a turn of the event loop. During the rest what
        arrives stays in the system's buffer and wakes nobody.
        """
        loop = asyncio.get_running_loop()
        waited: list[bool] = []
        turn = loop.call_soon(waited.append, True)
        async for data in self._stream:
            turn.cancel()
            self._pieces.append(data)
            if waited and self._joiner.has_text:
                if loop.time() - self._given >= self._pace:
                    self._arrived.set()
                await asyncio.sleep(self._pace)
            # The other side runs as soon as this one has to wait, when all pieces that are here have been taken.
            self._arrived.set()
            waited.clear()
            turn = loop.call_soon(waited.append, True)
        turn.cancel()

    def _read_all(self, reading: asyncio.Task[None]) -> None:
        self._arrived.set()
        if not reading.cancelled():
            # Marked as seen, for when nobody iterates any more; `__aiter__` raises it.
            reading.exception()


async def join_events(response: httpx2.Response) -> None:
    """A hook for responses: event streams are joined, all else is left alone."""
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/event-stream") and "content-encoding" not in response.headers:
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - the client is asynchronous
        response.stream = JoinedStream(response.stream)


def _text_event(event: bytes) -> tuple[Any, str, str] | None:
    """The chunk, the field and the text of an event that brings nothing but one piece of text."""
    if not event.startswith(b"data: {") or b"\n" in event:
        return None
    try:
        chunk = orjson.loads(event[6:])
        (choice,) = chunk["choices"]
        delta = choice["delta"]
        if choice.get("finish_reason") or choice.get("index") or choice.get("logprobs"):
            return None
        if chunk.get("usage") or chunk.get("error"):
            return None
        fields = [field for field, value in delta.items() if value and field != "role"]
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError):
        return None
    if len(fields) != 1 or fields[0] not in _TEXT_FIELDS or not isinstance(delta[fields[0]], str):
        return None
    return chunk, fields[0], delta[fields[0]]
