"""Takes the text out of a chat stream before the model library sees it.

A model sends an event for each token, and what lies above takes 0.2 to 0.5 ms for each: reading it from the socket,
building its objects, passing them on. Clients get deltas joined over 30 to 60 ms anyway. So after the first text of
an answer the socket is read at most every `PACE` seconds, and neighbouring events that only carry text become one.

The library reads the first text of an answer and says what it is. What follows as plain text of the same kind is read
here, past the library, which gets everything else: other kinds of text, calls of tools, the reason of the end, usage.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import attrs
import httpx2
import orjson

from rejoinder.adapters.loopback_http import PIECES_ARE_WHOLE
from rejoinder.adapters.paced_pieces import AskedPieces, CollectedPieces

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


@attrs.frozen
class Pattern:
    """What is the same in events that bring nothing but text of one kind."""

    event: Event
    before: bytes
    """What comes before the text's JSON."""
    after: bytes

    def text_of(self, events: list[bytes]) -> str:
        """The joined text of events that all follow the pattern; empty when one does not, or brings none."""
        start, end = len(self.before), -len(self.after)
        if not all(event.startswith(self.before) and event.endswith(self.after) for event in events):
            return ""
        values = b",".join(event[start:end] for event in events)
        try:
            # one look at many values costs a fraction of many looks
            texts = orjson.loads(b"[" + values + b"]") if b"\n" not in values else []
        except ValueError:
            return ""
        # as many texts as events: no piece was anything but one value
        if len(texts) != len(events) or not all(isinstance(text, str) and text for text in texts):
            return ""
        text = "".join(texts)
        return "" if _TAG in text else text


def pattern_of(event: Event) -> Pattern | None:
    """The pattern that the events after this one may follow, if it brings nothing but text."""
    if event.field is None:
        return None
    before, _, after = event.data.partition(orjson.dumps(event.text))
    # the same may stand elsewhere before it, and a text may be written in several ways
    other = _event(before + b'"?"' + after)
    return Pattern(event, before, after) if (other.field, other.text) == (event.field, "?") else None


class EventJoiner:
    """Takes the bytes of an event stream as they come and gives fewer, larger events with the same meaning."""

    def __init__(self) -> None:
        self._rest = b""
        self._pattern: Pattern | None = None
        self.has_text = False
        """Whether a piece of the answer has gone through."""

    def feed(self, data: bytes) -> list[Event]:
        """The whole events of what has come so far. What is not a plain piece of text stays as it is."""
        data = self._rest + data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        whole, end, self._rest = data.rpartition(_END)
        joined: list[Event] = []
        for event in self._taken_apart(whole.split(_END) if end else []):
            if event.field is not None:
                self.has_text = True
                if joined and joined[-1].field == event.field:
                    joined[-1].text += event.text
                    continue
            joined.append(event)
        return joined

    def _taken_apart(self, events: list[bytes]) -> list[Event]:
        """The events of a piece; those that differ in nothing but their text as one."""
        if self._pattern is not None and (text := self._pattern.text_of(events)):
            like = self._pattern.event
            return [Event(like.data, like.chunk, like.field, text)]
        found = [_event(data) for data in events]
        if found:
            self._pattern = pattern_of(found[-1])
        return found

    def rest(self) -> bytes:
        """What came after the last whole event, at the end of the stream."""
        return self._rest


class JoinedStream(httpx2.AsyncByteStream):
    """A response's body, read at a pace, with its events joined."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, pieces_are_whole: bool = False) -> None:
        self._stream = stream
        self._joiner = EventJoiner()
        self._pieces = AskedPieces(stream, PACE) if pieces_are_whole else CollectedPieces(stream, PACE)
        self._events: deque[Event] = deque()
        self._field: str | None = None
        """What kind of text the library got last; None after anything else."""
        self._failure: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # The library iterates a second time, to empty the connection after the event that ends the answer.
        while await self._more():
            # one at a time: when the library has passed it on, nothing is left in its hands that would come later
            event = self._events.popleft()
            self._field = event.field
            yield event.encode()
        if self._failure is not None:
            raise self._failure
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
        await self._pieces.aclose()
        await self._stream.aclose()

    async def _more(self) -> bool:
        """Wait for an event; False when no more comes."""
        while not self._events:
            try:
                data = await self._pieces.next(paced=self._joiner.has_text)
            except Exception as error:
                self._failure = error
                return False
            if not data:
                return False
            self._events.extend(self._joiner.feed(data))
        return True


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
