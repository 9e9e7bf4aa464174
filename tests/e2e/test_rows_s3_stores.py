"""What keeps the conversations is chosen: each store behind real processes, and moving from one to another."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import redis_server
from e2e.command import Command
from e2e.kit import SECRET, Home
from e2e.python_kit import texts
from fake_model import DEFAULT_TEXT, FakeModel
from rejoinder_client import Client, open_pipe

_ENTRY = """\
[rejoinder.stores]
shelf = own_shelf:Shelf
"""
_SHELF = '''\
"""A store of one's own: four things, and a folder of JSON files."""

import itertools
import json
from pathlib import Path


class Shelf:
    def __init__(self, folder):
        self._folder = Path(folder)
        self._folder.mkdir(exist_ok=True)

    def save(self, session_id, data):
        self._file(session_id).write_text(json.dumps(data))

    def load(self, session_id):
        return json.loads(self._file(session_id).read_text())

    def delete(self, session_id):
        self._file(session_id).unlink()

    def list(self):
        return [path.stem for path in self._folder.glob("*.json")]

    def _file(self, session_id):
        return self._folder / f"{session_id}.json"
'''


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis_server.RedisServer | None]:
    """A Redis server for all tests; None where the program is missing."""
    if not redis_server.installed():
        yield None
        return
    with redis_server.RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An installed package with a store of its own, as an entry in the path of modules."""
    packages = tmp_path / "packages"
    (packages / "own_shelf-1.dist-info").mkdir(parents=True)
    (packages / "own_shelf-1.dist-info" / "entry_points.txt").write_text(_ENTRY)
    (packages / "own_shelf-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: own-shelf\nVersion: 1\n")
    (packages / "own_shelf.py").write_text(_SHELF)
    return packages


@pytest.fixture(params=["tinydb", "sqlite", "redis", "shelf", "memory"])
def store(
    request: pytest.FixtureRequest, fresh_home: Home, tmp_path: Path, own: Path, redis: redis_server.RedisServer | None
) -> str:
    """The name of a store that nobody has used yet."""
    path = fresh_home.environment["PYTHONPATH"]
    fresh_home.environment["PYTHONPATH"] = os.pathsep.join([str(own), path])
    if request.param == "redis":
        if redis is None:
            pytest.skip(redis_server.MISSING)
        return f"{redis.address}?prefix={tmp_path.name}"
    return f"shelf:{tmp_path / 'shelf'}" if request.param == "shelf" else str(request.param)


def program(home: Home, project: Path, model: FakeModel, store: str) -> Client:
    """A program that says which store it wants."""
    transport = open_pipe(environment=home.environment, settings={"store": store})
    return Client(
        transport,
        folders=[project],
        settings={"trusted": True, "model": "openai-compatible:fake", "baseUrl": model.url, "retrieve": False},
    )


def test_s3_07_py_a_session_is_there_again_from_every_store(
    fresh_home: Home, project: Path, model: FakeModel, store: str
) -> None:
    with program(fresh_home, project, model, store) as client:
        assert client.server.store == store
        client.session("s", system="kind").run("first")
        client.session("other").run("aside")
        client.sessions.delete("other")
    fresh_home.kill()
    with program(fresh_home, project, model, store) as client:
        if store == "memory":
            assert client.sessions.list() == []
            return
        assert texts(client.session("s").messages) == ["first", DEFAULT_TEXT]
        client.session("s").run("second")
        assert [session.session_id for session in client.sessions.list()] == ["s"]
        client.sessions.restore("other")
        assert {session.session_id for session in client.sessions.list()} == {"s", "other"}


async def test_s3_07_setting_the_store_is_chosen_in_the_file(
    fresh_home: Home, project: Path, model: FakeModel, store: str
) -> None:
    fresh_home.config.parent.mkdir(parents=True, exist_ok=True)
    fresh_home.config.write_text(f"store = {json.dumps(store)}\n")
    async with fresh_home.editor(project, model=model) as editor:
        settings = {each["key"]: each for each in (await editor.call("config"))["settings"]}
        assert (settings["store"]["value"], settings["store"]["source"]) == (store, "file")
        await editor.call("chat", text=f"the key is {SECRET}", sessionId="s")
        await editor.call("memory/add", text="Tabs, never spaces.", kind="long")
        hits = (await editor.call("memory/search", query="tabs or spaces"))["hits"]
        assert [hit["text"] for hit in hits] == ["Tabs, never spaces."]
    fresh_home.kill()
    async with fresh_home.editor(project, model=model) as editor:
        listed = (await editor.call("session/list"))["sessions"]
        remembered = [each["text"] for each in (await editor.call("memory/list"))["entries"]]
        if store == "memory":
            assert listed == [] and remembered == []
        else:
            assert (await editor.contents("s"))[0].startswith("the key is [masked:")
            assert remembered == ["Tabs, never spaces."]
    assert SECRET.encode() not in fresh_home.everything_written()
    assert (fresh_home.root / "cache" / "rejoinder" / "recall").exists() == (store != "memory")
    assert any(fresh_home.data.glob("projects/*")) == (store == "tinydb")


async def test_s3_07_setting_a_workspace_does_not_choose_the_store(fresh_home: Home, project: Path) -> None:
    settings = {"store": "redis://203.0.113.1/0"}
    async with fresh_home.editor(project, settings=settings, options=settings) as editor:
        listed = {each["key"]: each for each in (await editor.call("config"))["settings"]}
        assert listed["store"]["value"] == "tinydb"
        await editor.call("session/create", sessionId="s")
    assert any(fresh_home.data.glob("projects/*"))


@pytest.mark.parametrize("store", ["nothing", "redis://127.0.0.1:1/0"])
def test_s3_07_setting_a_store_that_cannot_be_had_is_told_of(fresh_home: Home, project: Path, store: str) -> None:
    ran = Command(fresh_home, project)("session", "list", code=1, REJOINDER_STORE=store)
    assert ("is no store" if store == "nothing" else "cannot be reached") in ran.err
    assert "Traceback" not in ran.err


def test_everything_moves_from_store_to_store(fresh_home: Home, project: Path, own: Path, tmp_path: Path) -> None:
    path = fresh_home.environment["PYTHONPATH"]
    fresh_home.environment["PYTHONPATH"] = os.pathsep.join([str(own), path])
    rejoinder = Command(fresh_home, project)
    for number in range(3):
        rejoinder("session", "create", f"Plans {number}", "--id", f"s{number}")
    rejoinder("history", "add", "--session", "s1", "user:kept for later")
    rejoinder("session", "delete", "s2", "--yes")
    fresh_home.kill()
    there = rejoinder.json("store", "show")
    assert (there["sessions"], there["messages"]) == (3, 1)
    chain = ["tinydb", "sqlite", f"shelf:{tmp_path / 'shelf'}", f"tinydb:{tmp_path / 'back'}"]
    for source, target in itertools.pairwise(chain):
        moved = rejoinder.json("store", "copy", source, target)
        assert {name: moved[name] for name in there if name != "store"} == {
            name: value for name, value in there.items() if name != "store"
        }
    refused = rejoinder("store", "copy", "tinydb", "sqlite", code=1)
    assert "not empty" in refused.err
    told = rejoinder("store", "copy", "tinydb", "sqlite", "--replace", "--yes")
    assert "3 sessions, 1 message" in told.out and "copying: 3 of 3" in told.err
    assert "kept for later" in rejoinder("history", "show", "--session", "s1", REJOINDER_STORE="sqlite").out
    fresh_home.kill()


async def test_no_store_is_moved_while_an_engine_has_it(fresh_home: Home, project: Path) -> None:
    async with fresh_home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        refused = Command(fresh_home, project)("store", "copy", "tinydb", "sqlite", "--wait", "1", code=1)
        assert "in use by the engine" in refused.err
        assert not (fresh_home.data / "history.sqlite").exists()


async def test_another_store_than_the_one_in_use_is_told_of(fresh_home: Home, project: Path) -> None:
    async with (
        fresh_home.editor(project) as editor,
        fresh_home.editor(project, arguments=["--store", "sqlite"]) as late,
    ):
        await editor.call("session/create", sessionId="s")
        assert len((await late.call("session/list"))["sessions"]) == 1
        (told,) = late.taken("window/showMessage")
        assert "'tinydb' is in use" in told["message"] and "'sqlite'" in told["message"]
        assert editor.taken("window/showMessage") == []
