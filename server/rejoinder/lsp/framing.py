"""The wire's frames: a header with `Content-Length`, an empty line, and so many bytes.

Tolerant where clients differ (case, order, other headers, bare line feeds) and never lost for long: after anything
that is no frame the next `Content-Length:` is looked for.
"""

import re
from collections.abc import Iterator

from rejoinder.declared import frozen

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of the largest message that is taken in."""
EDGE = 64 * 1024
"""Bytes that are kept of each end of a larger one."""
LINE_LIMIT = 8 * 1024
"""Bytes of the longest header line."""
HEADER_LIMIT = 64
"""The most headers of one message."""

_LONGEST_DISCARD = 2**32
"""A length beyond this is nonsense: to wait for so many bytes would be to hear nothing more from the client."""
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*")
_START = re.compile(rb"content-length[ \t]{0,8}:", re.IGNORECASE)
_START_LENGTH = len(b"content-length") + 8
"""Bytes of a start that may have arrived without its colon."""


@frozen
class BrokenFrame:
    """Bytes that are no frame; what follows them is read on."""

    reason: str


@frozen
class OversizedFrame:
    """A body over the limit, of which only the ends were kept."""

    length: int
    limit: int
    head: bytes
    tail: bytes


Frame = bytes | BrokenFrame | OversizedFrame
"""A message's body, or what came instead of one."""


class _BadHeader(ValueError):
    pass


class FrameParser:
    """Turns a stream's pieces into frames, however they are cut."""

    def __init__(self, *, body_limit: int = BODY_LIMIT) -> None:
        self._body_limit = body_limit
        self._buffer = bytearray()
        self._lengths: set[int] = set()
        self._headers = 0
        self._body: int | None = None
        self._oversized: _Oversized | None = None
        self._is_lost = False
        self._has_told = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with these bytes."""
        self._buffer += data
        while (frame := self._next()) is not None:
            # one fault for a run of bytes that make no sense, however many there are in it
            if not isinstance(frame, BrokenFrame):
                self._has_told = False
            elif self._has_told:
                continue
            else:
                self._has_told = True
            yield frame

    def _next(self) -> Frame | None:
        """The next frame; None when more bytes are needed."""
        while True:
            if self._oversized is not None:
                return self._discard(self._oversized)
            if self._body is not None:
                return self._take_body(self._body)
            if self._is_lost and not self._find_start():
                return None
            try:
                if not self._read_header():
                    return None
            except _BadHeader as error:
                self._lengths, self._headers, self._is_lost = set(), 0, True
                return BrokenFrame(str(error))

    def _find_start(self) -> bool:
        start = _START.search(self._buffer)
        if start is None:
            del self._buffer[:-_START_LENGTH]
            return False
        del self._buffer[: start.start()]
        self._is_lost = False
        return True

    def _read_header(self) -> bool:
        """Read one line; False when it is not complete. Raises _BadHeader."""
        end = self._buffer.find(b"\n", 0, LINE_LIMIT)
        if end < 0:
            if len(self._buffer) >= LINE_LIMIT:
                # past the beginning of this line, which would be found again, but not over the next one's
                del self._buffer[: LINE_LIMIT - _START_LENGTH]
                raise _BadHeader(f"a header line is longer than {LINE_LIMIT} bytes")
            return False
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        match = _HEADER.fullmatch(line)
        if line and match is None:
            # what is no header may hold the beginning of one; the first byte goes, so that the search moves on
            del self._buffer[:1]
            raise _BadHeader("something stands where a header should be")
        del self._buffer[: end + 1]
        if match is not None:
            self._take_header(match[1].lower(), match[2])
        elif self._headers:
            self._end_headers()
        return True

    def _take_header(self, name: bytes, value: bytes) -> None:
        self._headers += 1
        if self._headers > HEADER_LIMIT:
            raise _BadHeader(f"there are more than {HEADER_LIMIT} headers")
        if name != b"content-length":
            return
        # a length of more digits than any that makes sense is not even converted
        if not value.isdigit() or len(value) > 20 or int(value) > _LONGEST_DISCARD:
            raise _BadHeader("Content-Length is not a length in bytes")
        self._lengths.add(int(value))

    def _end_headers(self) -> None:
        lengths, self._lengths, self._headers = self._lengths, set(), 0
        if len(lengths) != 1:
            raise _BadHeader("Content-Length contradicts itself" if lengths else "there is no Content-Length")
        length = lengths.pop()
        if length > self._body_limit:
            self._oversized = _Oversized(length)
        else:
            self._body = length

    def _take_body(self, length: int) -> bytes | None:
        if len(self._buffer) < length:
            return None
        body = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        self._body = None
        return body

    def _discard(self, oversized: "_Oversized") -> OversizedFrame | None:
        part = bytes(memoryview(self._buffer)[: oversized.missing])
        del self._buffer[: len(part)]
        oversized.take(part)
        if oversized.missing:
            return None
        self._oversized = None
        return OversizedFrame(oversized.length, self._body_limit, oversized.head, oversized.tail)


class _Oversized:
    """A body of which no more than the ends is held at any time."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.missing = length
        self.head = b""
        self.tail = b""

    def take(self, part: bytes) -> None:
        self.missing -= len(part)
        room = EDGE - len(self.head)
        self.head += part[:room]
        self.tail = (self.tail + part)[-EDGE:]


def framed(body: bytes) -> bytes:
    """A message's bytes for the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
