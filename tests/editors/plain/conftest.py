"""Helix and Emacs with homes, projects and models of their own, set up as the pages of `editors/plain` say."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from e2e.kit import Home, home_in
from editors.nvim.conftest import POOL
from editors.plain.picture import draw
from editors.plain.programs import EMACS, HELIX, emacs_in, helix_in, missing
from fake_model import Call, FakeModel
from rejoinder.protocol.sessions import SESSION_LIST, SESSION_OPEN, SessionListParams, SessionOpenParams
from rejoinder_client import Client
from terminal import PATIENCE, Terminal

FIXED = "It took\nthe newest.\n\n```python\n            connection = self.idle.pop(0)\n```"
"""An answer that mends one line."""
REPLACED = """So:

```python
pool.py
<<<<<<< SEARCH
class ConnectionPool:
=======
class ConnectionPool:  # eight at most
>>>>>>> REPLACE
```"""
"""An answer with a block to be applied."""
REMEMBER = Call("remember", '{"text": "Ten."}')
"""A call that changes something."""

OpenEditor = Callable[..., Terminal]

PICTURES = os.environ.get("REJOINDER_PICTURES")
"""Read before each test's environment is emptied."""


@pytest.fixture
def model() -> Iterator[FakeModel]:
    """A model server."""
    with FakeModel() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Folders and an engine of this test alone; the user's own configuration names the model.

    Also for clients that this process starts.
    """
    with home_in(tmp_path / "user") as home:
        prepare(home, tmp_path / "bin", model)
        for key, value in home.environment.items():
            monkeypatch.setenv(key, value)
        yield home


def prepare(home: Home, programs: Path, model: FakeModel, name: str = "fake") -> None:
    """Put the server on the search path, and the model into the user's configuration."""
    programs.mkdir(parents=True)
    command = programs / "rejoinder"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rejoinder "$@"\n')
    command.chmod(0o755)
    home.environment["PATH"] = f"{programs}{os.pathsep}{home.environment['PATH']}"
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'model = "openai-compatible:{name}"\nbaseUrl = "{model.url}"\nretrieve = false\n')


def allow_remembering(home: Home) -> None:
    """Let models call a tool that changes something."""
    home.config.write_text(home.config.read_text() + '\n[tools]\nuse = ["remember"]\n')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that is not there; with CI=true that is a failure (see tests/conftest.py)."""
    for item in items:
        program = {"test_helix": HELIX, "test_emacs": EMACS}.get(item.path.stem)
        if program and (lack := missing(program)):
            item.add_marker(pytest.mark.skip(reason=lack))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project under version control, which is what editors know a project by."""
    return small_project(tmp_path / "shop")


@pytest.fixture
def helix(home: Home, project: Path) -> Iterator[OpenEditor]:
    """Opens files of the project in Helix."""
    with ExitStack() as stack:
        yield lambda *files, **more: stack.enter_context(helix_in(home, project, *files, **more))


@pytest.fixture
def emacs(home: Home, project: Path) -> Iterator[OpenEditor]:
    """Opens files of the project in Emacs."""
    with ExitStack() as stack:
        yield lambda *files, **more: stack.enter_context(emacs_in(home, project, *files, **more))


def small_project(folder: Path) -> Path:
    """A module and a page about it."""
    folder.mkdir()
    (folder / "pool.py").write_text(POOL)
    (folder / "README.md").write_text("# Shop\n\nThe pool keeps database connections, eight at most.\n")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def asked(model: FakeModel) -> str:
    """What the user said in the last request."""
    return str(model.requests[-1].json["messages"][-1]["content"])


def stored(other: Client, count: int) -> list[str]:
    """The current session's messages, as another client reads them, once there are so many and no turn is running."""
    current = next(one.session_id for one in other.request(SESSION_LIST, SessionListParams()).sessions if one.current)
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while True:
        opened = other.request(SESSION_OPEN, SessionOpenParams(session_id=current))
        if len(opened.messages) >= count and opened.running is None:
            return [message.content for message in opened.messages]
        assert time.monotonic() < deadline, f"{count} messages never came: {opened.messages}"
        pause.wait(0.05)


@pytest.fixture
def picture() -> Callable[[Terminal, str], None]:
    """Writes a picture of an editor, when pictures are wanted."""

    def write(editor: Terminal, name: str) -> None:
        if PICTURES:
            draw(editor, Path(PICTURES) / f"{name}.png")

    return write
