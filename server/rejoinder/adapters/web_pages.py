"""Pages that were asked for. What fetches them is loaded with the first one: it would hold up the engine's start."""

import asyncio
from typing import TYPE_CHECKING

from rejoinder.services.knowledge_ports import OnProgress, RawDocument, Reach

if TYPE_CHECKING:
    from rejoinder.adapters.page_fetching import HttpPages


class AskedPages:
    """The port `WebPages`."""

    async def fetch(self, url: str, reach: Reach, on_progress: OnProgress) -> RawDocument:
        """As the port says."""
        pages = await asyncio.to_thread(_loaded)
        return await pages.fetch(url, reach, on_progress)


def _loaded() -> "HttpPages":
    from rejoinder.adapters.page_fetching import HttpPages

    return HttpPages()
