"""Where the body of an HTTP/1.1 response ends, and what of it is content."""

import re

import h11
import httpx2

_LONGEST_LINE = 1 << 12
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?")


class ChunkedBody:
    """Takes the framing off a body in chunks, however it is cut (RFC 9112, 7.1)."""

    ends_with_connection = False

    def __init__(self) -> None:
        self.done = False
        self.surplus = False
        """Whether more came than the body."""
        self._rest = b""
        self._left = 0
        self._after_chunk = False
        self._after_last = False

    def feed(self, data: bytes) -> bytes:
        """The content of what has come so far. Raises RemoteProtocolError for what is no chunk."""
        data = self._rest + data
        found: list[bytes] = []
        place = 0
        while not self.done:
            if self._left:
                piece = data[place : place + self._left]
                found.append(piece)
                place += len(piece)
                self._left -= len(piece)
                self._after_chunk = not self._left
                if self._left:
                    break
            if (end := data.find(b"\n", place)) < 0:
                break
            self._take_line(data[place:end].removesuffix(b"\r"))
            place = end + 1
        self._rest = data[place:]
        self.surplus = self.done and bool(self._rest)
        if len(self._rest) > _LONGEST_LINE:
            raise httpx2.RemoteProtocolError("a chunk's first line is too long")
        return b"".join(found)

    def _take_line(self, line: bytes) -> None:
        size = _SIZE.fullmatch(line)
        if self._after_last:
            # an empty line ends the fields after the last chunk
            self.done = not line
        elif self._after_chunk and not line:
            self._after_chunk = False
        elif size and not self._after_chunk:
            self._left = int(size[1], 16)
            self._after_last = not self._left
        else:
            raise httpx2.RemoteProtocolError("something stands where a chunk should begin or end")


class SizedBody:
    """A body of so many bytes, or with None one that lasts as long as the connection."""

    def __init__(self, length: int | None) -> None:
        self._left = length
        self.done = length == 0
        self.surplus = False
        self.ends_with_connection = length is None

    def feed(self, data: bytes) -> bytes:
        """The content of what has come."""
        if self._left is not None:
            self.surplus = len(data) > self._left
            data = data[: self._left]
            self._left -= len(data)
            self.done = not self._left
        return data


Framing = ChunkedBody | SizedBody


def framing_of(head: h11.Response) -> Framing:
    """How the body's end is told (RFC 9112, 6.3). h11 has checked both headers."""
    headers = dict(head.headers)
    if head.status_code in (204, 304):
        return SizedBody(0)
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return ChunkedBody()
    length = headers.get(b"content-length")
    return SizedBody(None if length is None else int(length))
