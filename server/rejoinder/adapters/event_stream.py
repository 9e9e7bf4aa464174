"""Takes the text out of a chat stream before the model library sees it.

A model sends an event for each token, and what lies above takes 0.2 to 0.5 ms for each: reading it from the socket,
building its objects, passing them on. Clients get deltas joined over 30 to 60 ms anyway. So after the first text of
an answer the socket is read at most every `PACE` seconds, and neighbouring events that only carry text become one.

The library reads the first text of an answer and says what it is. What follows as plain text of the same kind is read
here, past the library, which gets everything else: other kinds of text, calls of tools, the reason of the end, usage.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import attrs
import httpx2
import orjson

from rejoinder.adapters.loopback_http import PIECES_ARE_WHOLE

PACE = 0.058
"""Seconds between two joined events, once there is text. The first text never waits, nor does one after a pause."""

_TEXT_FIELDS = ("content", "reasoning_content", "reasoning")
_END = b"\n\n"
# "<think>" and "</think>", which the library looks for
_TAG = "think>"


@attrs.define
class Event:
    """A whole event, or the joined text of several whose first `chunk` is. Without a `field` it is no plain text."""

    data: bytes
    chunk: Any = None
    field: str | None = None
    text: str = ""

    def encode(self) -> bytes:
        """The event for the library."""
        if self.field is None:
            return self.data + _END
        self.chunk["choices"][0]["delta"][self.field] = self.text
        return b"data: " + orjson.dumps(self.chunk) + _END


class EventJoiner:
    """Takes the bytes of an event stream as they come and gives fewer, larger events with the same meaning."""

    def __init__(self) -> None:
        self._rest = b""
        self.has_text = False
        """Whether a piece of the answer has gone through."""

    def feed(self, data: bytes) -> list[Event]:
        """The whole events of what has come so far. What is not a plain piece of text stays as it is."""
        data = self._rest + data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        whole, end, self._rest = data.rpartition(_END)
        joined: list[Event] = []
        for event in map(_event, whole.split(_END) if end else ()):
            if event.field is not None:
                self.has_text = True
                if joined and joined[-1].field == event.field:
                    joined[-1].text += event.text
                    continue
            joined.append(event)
        return joined

    def rest(self) -> bytes:
        """What came after the last whole event, at the end of the stream."""
        return self._rest


class JoinedStream(httpx2.AsyncByteStream):
    """A response's body, read at a pace by a task of its own, with its events joined."""

    def __init__(self, stream: httpx2.AsyncByteStream, pace: float = PACE, *, pieces_are_whole: bool = False) -> None:
        self._stream = stream
        self._pieces_are_whole = pieces_are_whole
        self._pace = pace
        self._joiner = EventJoiner()
        self._pieces: list[bytes] = []
        self._events: deque[Event] = deque()
        self._field: str | None = None
        """What kind of text the library got last; None after anything else."""
        self._arrived = asyncio.Event()
        self._given = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # The library iterates a second time, to empty the connection after the event that ends the answer.
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
            self._reading.add_done_callback(self._read_all)
        while await self._more():
            # one at a time: when the library has passed it on, nothing is left in its hands that would come later
            event = self._events.popleft()
            self._field = event.field
            yield event.encode()
        self._reading.result()
        if rest := self._joiner.rest():
            yield rest

    async def text(self) -> str:
        """The text that follows what the library got last, if that was text: waited for, and joined.

        Empty when the library's turn has come: for something else, for the end, and for a failure.
        """
        if self._field is None or not await self._more() or self._events[0].field != self._field:
            return ""
        return self._events.popleft().text

    async def aclose(self) -> None:
        """Close the connection, or give it back when all was read."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._stream.aclose()

    async def _more(self) -> bool:
        """Wait for an event; False when no more comes."""
        assert self._reading is not None  # noqa: S101 - iterating comes first
        while not self._events:
            if self._reading.done() and not self._pieces:
                return False
            await self._arrived.wait()
            self._arrived.clear()
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._events.extend(self._joiner.feed(data))
            if self._events:
                self._given = asyncio.get_running_loop().time()
        return True

    async def _read(self) -> None:
        """Take the body's pieces as they come, and rest after each one that is all that has arrived.

        A piece that the HTTP library already held comes without a turn of the event loop, and others may follow it.
        During the rest what arrives stays in the system's buffer and wakes nobody.
        """
        loop = asyncio.get_running_loop()
        waited: list[bool] = []
        turn = loop.call_soon(waited.append, True)
        async for data in self._stream:
            turn.cancel()
            self._pieces.append(data)
            if (waited or self._pieces_are_whole) and self._joiner.has_text:
                if self._pieces_are_whole or loop.time() - self._given >= self._pace:
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


joined_stream: ContextVar[JoinedStream | None] = ContextVar("joined_stream", default=None)
"""The body of the last response in this task, where it is a stream of events."""


async def join_events(response: httpx2.Response) -> None:
    """A hook for responses: event streams are joined, all else is left alone."""
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/event-stream") and "content-encoding" not in response.headers:
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - the client is asynchronous
        response.stream = stream = JoinedStream(
            response.stream, pieces_are_whole=response.extensions.get(PIECES_ARE_WHOLE, False)
        )
        joined_stream.set(stream)


def _event(data: bytes) -> Event:
    """An event, taken apart if it brings nothing but one piece of text."""
    if not data.startswith(b"data: {") or b"\n" in data:
        return Event(data)
    try:
        chunk = orjson.loads(data[6:])
        (choice,) = chunk["choices"]
        delta = choice["delta"]
        if choice.get("finish_reason") or choice.get("index") or choice.get("logprobs"):
            return Event(data)
        if chunk.get("usage") or chunk.get("error"):
            return Event(data)
        (field,) = [field for field, value in delta.items() if value and field != "role"]
        text = delta[field]
    except (LookupError, TypeError, ValueError, AttributeError):
        return Event(data)
    if field not in _TEXT_FIELDS or not isinstance(text, str) or _TAG in text:
        return Event(data)
    return Event(data, chunk, field, text)
