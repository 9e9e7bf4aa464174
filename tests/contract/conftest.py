"""The services over a real store in a folder of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """All services; the project's folder is `tmp_path/project`."""
    folder = tmp_path / "project"
    folder.mkdir()
    core = Core(TinyDbHistory(tmp_path / "data"), folder)
    yield core
    await core.close()


@pytest.fixture
async def project(core: Core) -> Project:
    """The project of the core's folder."""
    return await core.project()
