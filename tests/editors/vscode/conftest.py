"""A VS Code of each test's own, with an empty home and the server of the environment that runs the tests."""

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from e2e.kit import Home, home_in
from editors.vscode.code_server import install_extension, missing
from editors.vscode.kept import HAS_FAILED, Kept, Shared
from editors.vscode.opening import Opener, open_window, settings_for
from editors.vscode.pool_project import small_project
from editors.vscode.window import Window
from fake_model import FakeModel


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether their test has failed."""
    report = yield
    failed_before = call.when != "setup" and item.stash[HAS_FAILED]
    item.stash[HAS_FAILED] = failed_before or report.failed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fails is tried once more, in a new window, and the summary lists it.

    On a busy machine a browser that is driven loses a key or a click now and then; what fails twice is broken.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of extensions that holds ours alone, packed and installed."""
    if lack := missing():
        pytest.skip(lack)
    folder = tmp_path_factory.mktemp("vscode") / "extensions"
    install_extension(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of this test alone."""
    with home_in(tmp_path / "user") as home:
        yield home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project."""
    return small_project(tmp_path / "pool")


@pytest.fixture
def model() -> Iterator[FakeModel]:
    """A model server whose answers the test writes."""
    with FakeModel() as server:
        yield server


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A search path with what a shell needs and neither Python nor the server."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "uname", "cat", "ps", "ls", "sed", "grep", "id", "head", "cut", "which", "dirname"):
        for place in ("/bin", "/usr/bin"):
            if (program := Path(place) / name).exists() and not (folder / name).exists():
                (folder / name).symlink_to(program)
    return str(folder)


@pytest.fixture
async def opened(tmp_path: Path, extensions: Path, home: Home, project: Path) -> AsyncIterator[Opener]:
    """Opens the project in VS Code: `await opened(model=…, settings={…}, path=…, size=(w, h))`."""
    async with AsyncExitStack() as stack:

        async def open_one(
            *, model: FakeModel | None = None, settings: Mapping[str, Any] | None = None, **options: Any
        ) -> Window:
            chosen = (settings_for(model.url) if model else {}) | dict(settings or {})
            given = {"extensions": extensions, **options}
            opening = open_window(project, home=home, data=tmp_path / "code", settings=chosen, **given)
            return await stack.enter_async_context(opening)

        yield open_one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept(tmp_path_factory: pytest.TempPathFactory, extensions: Path) -> AsyncIterator[Kept]:
    """One window for all tests that can share it; they run with `pytest.mark.asyncio(loop_scope="session")`."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[Shared]:
        root = tmp_path_factory.mktemp("shared")
        with home_in(root / "user") as home, FakeModel() as model:
            project, settings = small_project(root / "pool"), settings_for(model.url)
            settings |= {"rejoinder.tools.use": ["default", "remember"], "diffEditor.codeLens": True}
            opening = open_window(project, home=home, data=root / "code", extensions=extensions, settings=settings)
            async with opening as window:
                await window.open_chat()
                yield Shared(window, home, model)

    kept = Kept(opening)
    yield kept
    await kept.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shared(kept: Kept, request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
    """The shared window."""
    async for shared in kept.lend(request):
        yield shared


@pytest_asyncio.fixture(loop_scope="session")
async def window(shared: Shared) -> Window:
    """The shared window with a conversation of this test alone, and no file open."""
    tabs = shared.window.page.locator(".tab")
    if await tabs.count():
        await shared.window.command("View: Close All Editors")
        await expect(tabs).to_have_count(0)
    if await shared.window.notifications.count():
        await shared.window.command("Notifications: Clear All Notifications")
        await expect(shared.window.notifications).to_have_count(0)
    await shared.window.new_session()
    return shared.window
