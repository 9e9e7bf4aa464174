"""Neovim processes with homes, projects and models of their own, and pictures of them.

Pictures are made when REJOINDER_PICTURES names a folder.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from e2e.kit import Home, home_in
from editors.nvim.process import MISSING, Neovim, program
from fake_model import FakeModel

OpenNeovim = Callable[..., Neovim]

PICTURES = os.environ.get("REJOINDER_PICTURES")
"""Read before each test's environment is emptied."""

POOL = '''"""Connections for reuse."""


class ConnectionPool:
    """Keeps database connections that were used before."""

    def __init__(self, limit=8):
        self.limit = limit
        self.idle = []

    def take(self):
        """A connection that still answers."""
        while self.idle:
            connection = self.idle.pop()
            if connection.ping():
                return connection
        return None

    def give(self, connection):
        """Take a connection back."""
        self.idle.append(connection)
'''


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs Neovim where there is none; with CI=true that is a failure (see tests/conftest.py)."""
    if not program().exists():
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Folders and an engine of this test alone, also for clients that this process starts."""
    with home_in(tmp_path / "user") as home:
        for name, value in home.environment.items():
            monkeypatch.setenv(name, value)
        yield home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project under version control."""
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "pool.py").write_text(POOL)
    (folder / "README.md").write_text("# Shop\n\nThe pool keeps database connections, eight at most.\n")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@pytest.fixture
def model() -> Iterator[FakeModel]:
    """A model server."""
    with FakeModel() as server:
        yield server


@pytest.fixture
def llama() -> Iterator[str]:
    """The address of llama.cpp's server with the tiny model."""
    from llama import MISSING, LlamaServer, installed

    if not installed():
        pytest.skip(MISSING)
    with LlamaServer() as server:
        yield server.url


@pytest.fixture
def open_neovim(home: Home, project: Path) -> Iterator[OpenNeovim]:
    """Starts Neovim in the project, with the plug-in and this environment's server.

    `url`: the model's address. `server`: another command of the server, or None for none at all. `lua`: more of the
    user's configuration.
    """
    with ExitStack() as stack:

        def start(
            *arguments: str,
            url: str | None = None,
            model: str = "openai-compatible:fake",
            server: list[str] | None = [sys.executable, "-m", "rejoinder", "serve"],  # noqa: B006 - never changed
            lua: str = "",
            settings: str = "",
            size: tuple[int, int] = (110, 34),
        ) -> Neovim:
            init = [f"vim.g.rejoinder = {{ cmd = {lua_list(server)} }}" if server else ""]
            if url:
                given = f"model = '{model}', baseUrl = '{url}', retrieve = false, {settings}"
                init.append(f"vim.lsp.config('rejoinder', {{ settings = {{ rejoinder = {{ {given} }} }} }})")
            environment = dict(home.environment)
            if server is None:
                environment["PATH"] = "/usr/bin:/bin"
            return stack.enter_context(
                Neovim(project, environment, *arguments, init="\n".join([*init, lua]), size=size)
            )

        yield start


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Writes a picture of an editor, when pictures are wanted. `asking`: it waits for an answer and draws no more."""

    def write(editor: Neovim, name: str, *, asking: bool = False) -> None:
        if PICTURES:
            from editors.nvim.picture import draw

            if not asking:
                editor.settle()
                editor.redraw()
            draw(editor.screen, Path(PICTURES) / f"nvim-{name}.png")

    return write


def lua_list(words: list[str]) -> str:
    """A list as Lua writes it."""
    return "{ " + ", ".join(f"'{word}'" for word in words) + " }"


def ask(editor: Neovim, text: str) -> None:
    """Type a question below the last heading and send it."""
    editor.press("GA" + text.replace("<", "<lt>") + "<Esc>")
    editor.press("<CR>")


def idle(editor: Neovim) -> None:
    """Wait until no answer is coming in."""
    editor.until("local chat = require('rejoinder.chat').current(); return chat and chat.session and not chat.running")


def open_chat(editor: Neovim) -> None:
    """Open the chat and wait for its session."""
    editor.command("Rejoinder chat")
    editor.until("local chat = require('rejoinder.chat').of_buffer(); return chat and chat.session ~= nil")
