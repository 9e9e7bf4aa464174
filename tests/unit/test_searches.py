"""How long the searches of projects stay open."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fakes import FakeProjectSearch
from rejoinder.domain.conversation import Project
from rejoinder.domain.retrieval import IndexOptions
from rejoinder.services.searches import Searches

PROJECT = Project(project_id="p", name="p", paths=(), created_at=datetime(2026, 1, 2, tzinfo=UTC))
FOLDER = Path("/p")
DEFAULTS = IndexOptions()


class Closable(FakeProjectSearch):
    """Tells when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = asyncio.Event()

    async def close(self) -> None:
        self.closed.set()


class Provider:
    """Counts what it opened."""

    def __init__(self) -> None:
        self.opened: list[Closable] = []

    def open(
        self, project_id: str, folder: Path, ignore: Sequence[str], options: IndexOptions = DEFAULTS
    ) -> FakeProjectSearch:
        self.opened.append(Closable())
        return self.opened[-1]


async def test_a_search_stays_for_who_comes_back_soon_and_is_closed_after_that() -> None:
    provider = Provider()
    searches = Searches(provider, linger=0.05)
    first = searches.use(PROJECT, FOLDER, ())
    await searches.leave("p")
    assert searches.use(PROJECT, FOLDER, ()) is first
    await searches.leave("p")
    async with asyncio.timeout(60):
        await provider.opened[0].closed.wait()
    assert searches.get("p") is None
    assert searches.use(PROJECT, FOLDER, ()) is not first
    await searches.close()
    assert provider.opened[1].closed.is_set()


async def test_other_options_open_another_search() -> None:
    provider = Provider()
    searches = Searches(provider, linger=60.0)
    first = searches.use(PROJECT, FOLDER, ())
    await searches.leave("p")
    second = searches.use(PROJECT, FOLDER, ("*.log",))
    assert second is not first and searches.get("p") is second
    async with asyncio.timeout(60):
        await provider.opened[0].closed.wait()
    await searches.leave("p")
    await searches.close()
    assert provider.opened[1].closed.is_set()
