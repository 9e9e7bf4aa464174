"""Homes, projects and models for the end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.kit import Home, home_in
from fake_model import FakeModel


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home for all tests of a file: its engine starts once, and each test has a project of its own in it."""
    with home_in(tmp_path_factory.mktemp("user")) as home:
        yield home


@pytest.fixture
def fresh_home(tmp_path: Path) -> Iterator[Home]:
    """A home of this test alone."""
    with home_in(tmp_path / "user") as home:
        yield home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pool.py").write_text(
        "class ConnectionPool:\n"
        '    """Keeps database connections for reuse."""\n\n'
        "    def check(self, connection):\n"
        "        return connection.ping()\n"
    )
    return folder


@pytest.fixture
def model() -> Iterator[FakeModel]:
    """A model server."""
    with FakeModel() as server:
        yield server


@pytest.fixture(scope="module")
def echo() -> Iterator[FakeModel]:
    """A model server for all tests of a file."""
    with FakeModel() as server:
        yield server
