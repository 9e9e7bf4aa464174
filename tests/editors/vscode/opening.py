"""From an empty home to an open window."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from e2e.kit import Home
from editors.vscode.code_server import code_server
from editors.vscode.window import Window

Opener = Callable[..., Awaitable[Window]]
"""The fixture that opens windows."""

_QUIET_BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextlib.asynccontextmanager
async def open_window(
    folder: Path,
    *,
    home: Home,
    data: Path,
    extensions: Path,
    settings: Mapping[str, Any],
    path: str | None = None,
    size: tuple[int, int] = (1280, 800),
    locale: str = "en",
) -> AsyncIterator[Window]:
    """A folder in a VS Code of its own, with the server of the environment that this runs in.

    `path` is another search path, `size` the window's in pixels, `locale` the language that VS Code is set to.
    """
    search = path if path is not None else os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**home.environment, "PATH": search, "SHELL": "/bin/sh"}
    environment.pop("PYTHONPATH", None)
    async with (
        code_server(data, extensions, environment=environment, settings=settings, locale=locale) as address,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_QUIET_BROWSER)
        try:
            context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
            await context.grant_permissions(["clipboard-read", "clipboard-write"])
            window = Window(await context.new_page(), folder, data)
            try:
                await window.open(address)
                yield window
            finally:
                await window.picture("last")
        finally:
            await browser.close()


def settings_for(url: str) -> dict[str, Any]:
    """The editor's settings that make a model server answer."""
    return {"rejoinder.model": "openai-compatible:fake", "rejoinder.baseUrl": url, "rejoinder.retrieve": False}
