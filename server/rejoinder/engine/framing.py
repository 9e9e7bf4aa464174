"""LSP's base protocol where messages are passed on or refused: a header, an empty line, and a body of JSON."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,10})[ \t]*\r?\n", re.IGNORECASE)

WireError = tuple[int, str, Mapping[str, Any]]
"""An error as it is sent: JSON-RPC's code, message and data."""


def length_of(head: bytes, limit: int | None = None) -> int:
    """The bytes of the body behind a head. Raises ValueError for what is no head, and for too long a body."""
    length = _LENGTH.search(head)
    if length is None or (limit is not None and int(length[1]) > limit):
        raise ValueError("no message, or one that is too long")
    return int(length[1])


async def read_message(reader: "asyncio.StreamReader", limit: int | None = None) -> bytes:
    """One message's body. Raises IncompleteReadError at the end and ValueError for what is no frame, or too long."""
    return await reader.readexactly(length_of(await reader.readuntil(END_OF_HEAD), limit))


def framed(body: bytes) -> bytes:
    """A body with its head."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def error_body(request_id: Any, error: WireError) -> bytes:
    """The answer to a request that fails."""
    code, message, data = error
    told = {"code": code, "message": message, "data": dict(data)}
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "error": told}).encode()
