"""A window that several tests share."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import attrs
import pytest

from e2e.kit import Home
from editors.vscode.window import Window
from fake_model import FakeModel

HAS_FAILED = pytest.StashKey[bool]()
"""Of a test: whether one of its phases has failed."""


@attrs.frozen
class Shared:
    """A window that tests share, its user's home, and the model that answers there."""

    window: Window
    home: Home
    model: FakeModel


class Kept:
    """Opened when a test first asks for it, kept for those after it, and opened anew after one that failed.

    Else one failure would have others follow that say nothing.
    """

    def __init__(self, opening: Callable[[], AbstractAsyncContextManager[Shared]]) -> None:
        self._opening = opening
        self._open = AsyncExitStack()
        self._shared: Shared | None = None

    async def get(self) -> Shared:
        if self._shared is None:
            self._shared = await self._open.enter_async_context(self._opening())
        return self._shared

    async def close(self) -> None:
        self._shared = None
        await self._open.aclose()

    async def lend(self, request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
        """What a fixture of one test yields."""
        shared = await self.get()
        yield shared
        if request.node.stash.get(HAS_FAILED, False):
            try:
                await shared.window.picture(f"failed-{request.node.name}")
                print(await shared.window.words())
            finally:
                await self.close()
