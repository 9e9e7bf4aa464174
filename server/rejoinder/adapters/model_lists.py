"""The lists of models that servers give."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson

from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import Server, open_client
from rejoinder.domain.errors import ModelNotConfigured

PATIENCE = 1.5
"""Seconds that a server has to answer; who asks is waiting for a list to choose from."""
KEPT = 60.0
"""Seconds that a list is kept."""
LONGEST = 500
"""Most names that are taken from one server."""
_MOST_BYTES = 4 << 20

_Key = tuple[Server, str | None]


class ModelLists:
    """What servers say they have, each asked once in a while."""

    def __init__(self) -> None:
        self._asked: dict[_Key, tuple[float, asyncio.Task[list[str]]]] = {}

    async def of(self, endpoint: Endpoint, *, refresh: bool = False) -> list[str]:
        """The names of the models at an endpoint's server; none when it does not say."""
        key = (Server.of(endpoint), endpoint.api_key)
        now = asyncio.get_running_loop().time()
        kept = self._asked.get(key)
        if kept is None or now - kept[0] > KEPT or (refresh and kept[1].done()):
            kept = self._asked[key] = (now, asyncio.create_task(_ask(endpoint)))
        return await asyncio.shield(kept[1])


async def _ask(endpoint: Endpoint) -> list[str]:
    path, headers = _request(endpoint)
    url = endpoint.base_url.rstrip("/") + path
    try:
        async with (
            asyncio.timeout(PATIENCE),
            await asyncio.to_thread(open_client, Server.of(endpoint)) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            return _names(await _body(response)) if response.status_code == 200 else []
    except (OSError, ValueError, ModelNotConfigured, httpx2.HTTPError, httpx2.InvalidURL):
        return []


def _request(endpoint: Endpoint) -> tuple[str, Mapping[str, str]]:
    """The path below the address, and the headers."""
    plain = {"user-agent": "rejoinder", "accept": "application/json", "accept-encoding": "identity"}
    key = endpoint.api_key
    match endpoint.provider:
        case "anthropic":
            return "/v1/models?limit=500", {**plain, "anthropic-version": "2023-06-01", "x-api-key": key or ""}
        case "google":
            return "/v1beta/models?pageSize=500", {**plain, "x-goog-api-key": key or ""}
        case _:
            return "/models", plain | ({"authorization": f"Bearer {key}"} if key else {})


async def _body(response: httpx2.Response) -> Any:
    """The body as JSON. Raises ValueError, also for one that is too long."""
    data = b""
    async for piece in response.aiter_raw():
        data += piece
        if len(data) > _MOST_BYTES:
            raise ValueError("the list is too long")
    return orjson.loads(data)


def _names(body: Any) -> list[str]:
    """The names in a list of the OpenAI API, which Anthropic's is like, or of Google's."""
    if not isinstance(body, dict):
        return []
    listed, key = (body["data"], "id") if isinstance(body.get("data"), list) else (body.get("models"), "name")
    if not isinstance(listed, list):
        return []
    found = [entry.get(key) for entry in listed if isinstance(entry, dict)]
    names = [name.removeprefix("models/") for name in found if isinstance(name, str) and 0 < len(name) <= 200]
    return list(dict.fromkeys(name for name in names if name.isprintable()))[:LONGEST]
