"""Whether a model takes images: its table says so, else its server is asked, else its name tells."""

from typing import Any

from rejoinder.adapters.asked_once import AskedOnce
from rejoinder.adapters.model_endpoint import COMPATIBLE, Endpoint
from rejoinder.adapters.model_http import Server
from rejoinder.adapters.model_lists import entries_in, path_of
from rejoinder.adapters.model_questions import ask
from rejoinder.adapters.model_senses import sees, told_by

KEPT, KEPT_UNTOLD = 600.0, 60.0
"""Seconds that an answer is kept, and that a server which does not say is left alone."""

_MAKERS = {"library": "ollama", "llamacpp": "llamacpp", "organization_owner": "lmstudio"}
"""What servers of their own kind name as the owner of their models in lists of the OpenAI API."""


class ModelSight:
    """Asks when it matters, and once in a while."""

    def __init__(self) -> None:
        self._asked = AskedOnce[bool | None](lambda told: KEPT_UNTOLD if told is None else KEPT)

    async def of(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint's model takes images."""
        if endpoint.vision is not None:
            return endpoint.vision
        key = (Server.of(endpoint), endpoint.api_key, endpoint.name)
        told = await self._asked.of(key, lambda: _told(endpoint, endpoint.provider))
        return sees(endpoint.provider, endpoint.name) if told is None else told


async def _told(endpoint: Endpoint, provider: str) -> bool | None:
    """What the server says; None when it does not."""
    match provider:
        case "ollama":
            return told_by(await ask(endpoint, "/api/show", at_root=True, send={"model": endpoint.name}))
        case "llamacpp":
            return told_by(await ask(endpoint, "/props", at_root=True))
        case "lmstudio":
            return told_by(await ask(endpoint, f"/api/v0/models/{endpoint.name}", at_root=True))
        case _ if provider == COMPATIBLE:
            return await _told_by_list(endpoint)
    return None


async def _told_by_list(endpoint: Endpoint) -> bool | None:
    listed = dict(entries_in(await ask(endpoint, path_of(endpoint))))
    # a server of one model takes every name for it
    only = next(iter(listed.values())) if len(listed) == 1 else None
    entry: dict[str, Any] | None = listed.get(endpoint.name, only)
    if entry is None:
        return None
    told, maker = told_by(entry), _MAKERS.get(str(entry.get("owned_by")))
    return await _told(endpoint, maker) if told is None and maker is not None else told
