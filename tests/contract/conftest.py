"""The services over a real store in a folder of the test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import redis_server
from core import Core
from fake_model import FakeModel
from models_kit import KEY_VARIABLE
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.retrying_model import RetryPolicy
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project
from stores_kit import STORES, reopened


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """All services; the project's folder is `tmp_path/project`."""
    folder = tmp_path / "project"
    folder.mkdir()
    core = Core(TinyDbHistory(tmp_path / "data"), folder)
    yield core
    await core.close()


@pytest.fixture(params=STORES)
async def core_of_each_store(
    request: pytest.FixtureRequest, tmp_path: Path, redis: redis_server.RedisServer | None
) -> AsyncIterator[Core]:
    """The same over every kind of store."""
    folder = tmp_path / "project"
    folder.mkdir()
    core = Core(reopened(request.param, tmp_path / "data", redis).store, folder)
    yield core
    await core.close()


@pytest.fixture
async def project(core: Core) -> Project:
    """The project of the core's folder."""
    return await core.project()


@pytest.fixture
def server() -> Iterator[FakeModel]:
    """A model's server."""
    with FakeModel() as found:
        yield found


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[ModelCatalogue]:
    """The models of a user who has one key; a request that fails is sent once."""
    once = RetryPolicy(attempts=1)
    found = ModelCatalogue(environment={KEY_VARIABLE: "a-key"}, remembered=RememberedModels(tmp_path), retry=once)
    yield found
    await found.close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis_server.RedisServer | None]:
    """A Redis server for the tests of a file; None where the program is missing."""
    if not redis_server.installed():
        yield None
        return
    with redis_server.RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server
