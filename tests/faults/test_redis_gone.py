"""A Redis server that goes away in the middle of a turn: an error that says so, and nothing acknowledged is lost."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from test_disk_full import PROJECT, SESSION, message

import redis_server
from e2e.kit import Home, home_in
from fake_model import DEFAULT_TEXT, FakeModel, Reply
from rejoinder.adapters.keyed_rows import Change
from rejoinder.adapters.stores import open_store
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import StorageError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[redis_server.RedisServer]:
    """A server of the test's own."""
    if not redis_server.installed():
        pytest.skip(redis_server.MISSING)
    with redis_server.RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


async def test_a_turn_without_its_store_fails_and_the_session_goes_on(
    tmp_path: Path, project: Path, server: redis_server.RedisServer
) -> None:
    with home_in(tmp_path / "user") as home, FakeModel() as model:
        home.environment["REJOINDER_STORE"] = server.address
        await _lose_it_in_the_middle(home, project, model, server)
        home.kill()
        async with home.editor(project, model=model) as editor:
            assert await editor.contents("s") == ["before", DEFAULT_TEXT, "in the middle", DEFAULT_TEXT]


async def _lose_it_in_the_middle(home: Home, project: Path, model: FakeModel, server: redis_server.RedisServer) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="before", sessionId="s")
        gate = model.gate()
        model.script(Reply(gate=gate))
        asked = editor.send_for("chat", text="in the middle", sessionId="s")
        await editor.update("started")
        await model.next_request()
        await model.next_request()
        server.stop()
        gate.open()
        error = await editor.error_of(asked)
        assert error["code"] == -31012
        assert server.address in error["message"] and "cannot be reached" in error["message"]
        session = await editor.call("session/get", sessionId="s")
        assert session["draft"] == "in the middle"
        assert await editor.contents("s") == ["before", DEFAULT_TEXT]

        server.start()
        await editor.call("chat", text="in the middle", sessionId="s")
        assert await editor.contents("s") == ["before", DEFAULT_TEXT, "in the middle", DEFAULT_TEXT]
        session = await editor.call("session/get", sessionId="s")
        assert not session.get("draft")


def test_a_draft_outlives_the_absence_of_the_server(tmp_path: Path, server: redis_server.RedisServer) -> None:
    with closing(open_store(server.address, tmp_path)) as store:
        store.put_project(PROJECT)
        store.create(SESSION, [message(0)])
        assert store.messages("p", "s") == (message(0),)
        server.stop()
        store.put(attrs.evolve(SESSION, draft="typed meanwhile"), durable=False)
        with pytest.raises(StorageError):
            store.append(SESSION, [message(1)])
        assert store.session("p", "s").draft == "typed meanwhile"
        assert store.messages("p", "s") == (message(0),)
        server.start()
        store.create(attrs.evolve(SESSION, session_id="other"))
    with closing(open_store(server.address, tmp_path)) as store:
        assert store.session("p", "s").draft == "typed meanwhile"
        assert store.messages("p", "s") == (message(0),)


def test_a_change_whose_answer_was_lost_is_made_once(
    tmp_path: Path, server: redis_server.RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    from rejoinder.adapters.redis_history import RedisRows

    rows = RedisRows(server.address, password=None, owner="here")
    rows.commit([Change("s", "a", b"1")])
    execute = redis.client.Pipeline.execute

    def cut_off(self: redis.client.Pipeline, *args: object, **options: object) -> object:
        execute(self)
        monkeypatch.setattr(redis.client.Pipeline, "execute", execute)
        raise redis.ConnectionError("cut off")

    monkeypatch.setattr(redis.client.Pipeline, "execute", cut_off)
    rows.commit([Change("s", "b", b"2")])
    monkeypatch.setattr(redis.client.Pipeline, "execute", cut_off)
    count = rows._reading.get("rejoinder:count")
    rows.commit([Change("s", "c", b"3")])
    assert int(rows._reading.get("rejoinder:count")) == int(count) + 1
    assert rows.all("s") == {"a": b"1", "b": b"2", "c": b"3"}
    rows.close()


def test_a_server_that_forgot_everything_is_not_written_to(tmp_path: Path, server: redis_server.RedisServer) -> None:
    import redis

    with closing(open_store(server.address, tmp_path)) as store, closing(redis.Redis(port=server.port)) as direct:
        store.put_project(Project(project_id="p", name="Shop", paths=(), created_at=PROJECT.created_at))
        store.create(Session(**attrs.asdict(SESSION, recurse=False)), [message(0)])
        direct.flushall()
        with pytest.raises(StorageError, match="without what it held"):
            store.append(SESSION, [message(1)])
        assert direct.keys() == []
