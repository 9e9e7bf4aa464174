"""Server-sent events, as far as a remote session's server sends them."""

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, NamedTuple


class ServerEvent(NamedTuple):
    """One event: its name and its JSON value."""

    name: str
    data: Any


async def server_events(lines: AsyncIterable[str]) -> AsyncIterator[ServerEvent]:
    """The events among the lines of a stream; comments are signs of life. Raises ValueError for what is no JSON."""
    name, data = "message", ""
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerEvent(name, json.loads(data))
            name, data = "message", ""
        elif field == "event":
            name = value
        elif field == "data":
            data += value
