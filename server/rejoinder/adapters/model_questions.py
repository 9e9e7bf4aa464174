"""Questions to models' servers that are no prompts: what they have, and what it can."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson

from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import Server, open_client
from rejoinder.domain.errors import ModelNotConfigured

PATIENCE = 1.5
"""Seconds that a server has to answer; who asks is waiting."""
_MOST_BYTES = 4 << 20


async def ask(endpoint: Endpoint, path: str, *, at_root: bool = False, send: Mapping[str, Any] | None = None) -> Any:
    """What an endpoint's server answers at a path below its address, as JSON; None when that is no use.

    `at_root`: below the address without the version of an API. `send` is posted.
    """
    base = endpoint.base_url.rstrip("/")
    url = (base.removesuffix("/v1") if at_root else base) + path
    headers, content = _headers(endpoint), None if send is None else orjson.dumps(send)
    if content is not None:
        headers["content-type"] = "application/json"
    try:
        async with (
            asyncio.timeout(PATIENCE),
            await asyncio.to_thread(open_client, Server.of(endpoint)) as client,
            client.stream("GET" if send is None else "POST", url, headers=headers, content=content) as response,
        ):
            return await _body(response) if response.status_code == 200 else None
    except (OSError, ValueError, ModelNotConfigured, httpx2.HTTPError, httpx2.InvalidURL):
        return None


def _headers(endpoint: Endpoint) -> dict[str, str]:
    plain = {"user-agent": "rejoinder", "accept": "application/json", "accept-encoding": "identity"}
    key = endpoint.api_key
    match endpoint.provider:
        case "anthropic":
            return {**plain, "anthropic-version": "2023-06-01", "x-api-key": key or ""}
        case "google":
            return {**plain, "x-goog-api-key": key or ""}
        case _:
            return plain | ({"authorization": f"Bearer {key}"} if key else {})


async def _body(response: httpx2.Response) -> Any:
    """The body as JSON. Raises ValueError, also for one that is too long."""
    data = b""
    async for piece in response.aiter_raw():
        data += piece
        if len(data) > _MOST_BYTES:
            raise ValueError("the answer is too long")
    return orjson.loads(data)
