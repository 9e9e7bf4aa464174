"""The engine is killed while it writes to SQLite or Redis: what was acknowledged is there."""

from pathlib import Path

import pytest
from test_kills import Lane

import redis_server
from e2e.kit import home_in

KILLS = 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "redis"])
async def test_what_was_acknowledged_outlives_kills(tmp_path: Path, kind: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    if kind == "redis" and not redis_server.installed():
        pytest.skip(redis_server.MISSING)
    with home_in(tmp_path / "user") as home:
        if kind == "sqlite":
            home.environment["REJOINDER_STORE"] = "sqlite"
            await Lane(home, project, seed=7).run(KILLS)
            return
        with redis_server.RedisServer(tmp_path / "redis") as server:
            home.environment["REJOINDER_STORE"] = server.address
            await Lane(home, project, seed=8).run(KILLS)
