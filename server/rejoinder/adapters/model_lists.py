"""The lists of models that servers give."""

from collections.abc import Mapping
from typing import Any

from rejoinder.adapters.asked_once import AskedOnce
from rejoinder.adapters.model_endpoint import Endpoint
from rejoinder.adapters.model_http import Server
from rejoinder.adapters.model_questions import ask
from rejoinder.adapters.model_senses import told_by

KEPT = 60.0
"""Seconds that a list is kept."""
LONGEST = 500
"""Most names that are taken from one server."""

Listed = Mapping[str, bool | None]
"""The names of a server's models, and whether each sees images, where that is told."""


class ModelLists:
    """What servers say they have, each asked once in a while."""

    def __init__(self) -> None:
        self._asked = AskedOnce[Listed](lambda _: KEPT)

    async def of(self, endpoint: Endpoint, *, refresh: bool = False) -> Listed:
        """The models at an endpoint's server; none when it does not say."""
        key = (Server.of(endpoint), endpoint.api_key)
        return await self._asked.of(key, lambda: _listed(endpoint), refresh=refresh)


async def _listed(endpoint: Endpoint) -> Listed:
    found = [(name, told_by(entry)) for name, entry in entries_in(await ask(endpoint, path_of(endpoint)))]
    return dict(found[:LONGEST])


def path_of(endpoint: Endpoint) -> str:
    """Where a server has its list, below its address."""
    return {"anthropic": "/v1/models?limit=500", "google": "/v1beta/models?pageSize=500"}.get(
        endpoint.provider, "/models"
    )


def entries_in(body: Any) -> list[tuple[str, dict[str, Any]]]:
    """The names in a list of the OpenAI API, which Anthropic's is like, or of Google's, with all that is told."""
    if not isinstance(body, dict):
        return []
    listed, key = (body["data"], "id") if isinstance(body.get("data"), list) else (body.get("models"), "name")
    found = dict[str, dict[str, Any]]()
    for entry in listed if isinstance(listed, list) else ():
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and 0 < len(name) <= 200 and name.isprintable():
            found.setdefault(name.removeprefix("models/"), entry)
    return list(found.items())
