"""Messages on the wire: a header with `Content-Length`, an empty line, and so many bytes of JSON."""

import asyncio
from typing import Any

import orjson


class BadFrame(Exception):
    """Bytes that are no message."""


def frame(message: Any) -> bytes:
    """The bytes of a message. Raises TypeError for a value that JSON cannot hold."""
    body = orjson.dumps(message)
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def read_message(reader: asyncio.StreamReader) -> Any:
    """The next message, decoded; None at the end of the stream.

    Raises BadFrame, and IncompleteReadError when the stream ends within a message.
    """
    length = await _read_header(reader)
    if length is None:
        return None
    try:
        return orjson.loads(await reader.readexactly(length))
    except orjson.JSONDecodeError as error:
        raise BadFrame(f"no JSON: {error}") from None


async def _read_header(reader: asyncio.StreamReader) -> int | None:
    length: int | None = None
    while line := await _read_line(reader):
        stripped = line.strip()
        if not stripped and length is not None:
            return length
        name, _, value = stripped.partition(b":")
        match name.lower(), value.strip():
            case b"content-length", digits if digits.isdigit():
                length = int(digits)
            case b"content-type", _:
                pass
            case _:
                raise BadFrame(f"no header: {stripped[:200].decode('utf-8', 'replace')!r}")
    return None


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        raise BadFrame("a header line without an end") from None
