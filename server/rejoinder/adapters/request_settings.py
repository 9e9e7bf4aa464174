"""What all dialects send in the same way: settings of a call, and headers without what the libraries add."""

from collections.abc import Collection

import httpx2
from pydantic_ai.settings import ModelSettings as LibrarySettings

from rejoinder.domain.prompt import ModelSettings

HEADERS = frozenset({"host", "content-type", "content-length", "transfer-encoding", "accept", "connection"})
"""Of the libraries' headers those that every request needs. Others tell of the machine, or of settings of its user."""


def put_settings(found: LibrarySettings, settings: ModelSettings) -> None:
    """Put in the settings that every provider knows; what is not set is not sent."""
    if settings.temperature is not None:
        found["temperature"] = settings.temperature
    if settings.max_tokens is not None:
        found["max_tokens"] = settings.max_tokens
    if settings.top_p is not None:
        found["top_p"] = settings.top_p
    if settings.stop:
        found["stop_sequences"] = list(settings.stop)


def quiet_headers(request: httpx2.Request, allowed: Collection[str]) -> dict[str, str]:
    """The headers that are allowed, and our own name in place of the library's."""
    kept = {name: value for name, value in request.headers.items() if name in allowed}
    return {**kept, "user-agent": "rejoinder", "accept-encoding": "identity"}
