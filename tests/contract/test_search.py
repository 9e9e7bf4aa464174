"""The contract of a project's search, on real worker processes."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from rejoinder.adapters.worker_search import WorkerSearch, WorkerSearchProvider
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.retrieval import Hit, IndexStatus

PATIENCE = 60.0
POOL = "class ConnectionPool:\n    def acquire_connection(self):\n        return self._idle.pop()\n"


class World:
    """A project's folder, a cache folder, and the providers that a test opens."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "a project"
        self.cache = base / "cache"
        self.folder.mkdir()
        self.statuses: list[IndexStatus] = []
        self.providers: list[WorkerSearchProvider] = []

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def open(self, *ignore: str, command: list[str] | None = None) -> WorkerSearch:
        options = {} if command is None else {"command": command}
        provider = WorkerSearchProvider(self.cache, on_status=lambda _, status: self.statuses.append(status), **options)
        self.providers.append(provider)
        return provider.open("p1", self.folder, ignore)

    async def names(self, search: WorkerSearch, query: str, **options: float) -> set[str]:
        hits = await search.search(query, limit=50, wait=options.get("wait", PATIENCE))
        return {Path(hit.uri).name for hit in hits}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    for provider in world.providers:
        await provider.close()


async def eventually(search: WorkerSearch, query: str, holds: Callable[[list[Hit]], bool]) -> list[Hit]:
    """Ask again until what is found is as expected: changes are taken in beside the questions."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(IndexUnavailable):
                hits = await search.search(query, limit=10, wait=PATIENCE)
                if holds(hits):
                    return hits
            await asyncio.sleep(0.02)


async def test_finds_a_passage_by_the_words_of_an_identifier(world: World) -> None:
    path = world.write("src/pööl.py", "# first\n\n" + POOL)
    world.write("src/other.py", "def unrelated():\n    pass\n")
    [hit] = await world.open().search("where are connections acquired?", limit=5, wait=PATIENCE)
    assert hit.uri == path.as_uri()
    assert "%20" in hit.uri and hit.uri.isascii()
    assert (hit.place.start_line, hit.place.start_character, hit.place.end_line) == (0, 0, 4)
    assert hit.text == path.read_text().rstrip("\n")
    assert 0 < hit.score <= 1 and hit.source == "code"
    assert hit.parts["bm25"] == 1.0


async def test_finds_what_is_written_in_utf_16(world: World) -> None:
    path = world.write("pool.sql", "-- first\r\nCREATE TABLE borrowed_connections (id int);\r\n".encode("utf-16"))
    search = world.open()
    [hit] = await search.search("borrowed connections", limit=5, wait=PATIENCE)
    assert hit.uri == path.as_uri() and hit.text.endswith("CREATE TABLE borrowed_connections (id int);")
    assert (await search.explain(path)).indexed
    assert search.status().faults == ()


async def test_source_comes_before_tests_and_few_passages_of_each_file(world: World) -> None:
    world.write("tests/test_pool.py", POOL)
    world.write("pool.py", POOL)
    world.write("long.py", "\n".join(f"acquire_connection({number})" for number in range(400)))
    hits = await world.open().search("acquire connection pool", limit=20, wait=PATIENCE)
    names = [Path(hit.uri).name for hit in hits]
    assert names.index("pool.py") < names.index("test_pool.py")
    assert names.count("long.py") <= 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("with_git", [True, False], ids=["git", "no git"])
async def test_what_stays_out(world: World, tmp_path: Path, with_git: bool) -> None:
    if with_git:
        subprocess.run(["git", "init", "-q", str(world.folder)], check=True, timeout=30)
    world.write(".gitignore", "*.log\n/build/\n")
    world.write("deep/.gitignore", "hidden.py\n!kept.log\n")
    outside = tmp_path / "outside.py"
    outside.write_text(POOL)
    (world.folder / "link.py").symlink_to(outside)
    (world.folder / "elsewhere").symlink_to(tmp_path)
    for name in ("in.py", "deep/kept.log", "credentials.py"):
        world.write(name, POOL)
    for name in ("a.log", "build/b.py", "deep/hidden.py", ".env", ".env.local", "server.pem", "id_rsa", "my.key"):
        world.write(name, POOL)
    for name in ("node_modules/n.js", ".git/x.py", ".venv/v.py", "ignored/i.py", "credentials.json", "yarn.lock"):
        world.write(name, POOL)
    world.write("binary.py", b"\0" + POOL.encode())
    world.write("latin.py", POOL.encode() + b"\xe9\n")
    world.write("huge.py", POOL + "x = 1\n" * 200_000)
    found = await world.names(world.open("ignored/"), "acquire connection pool")
    assert found == {"in.py", "kept.log", "credentials.py"}


async def test_changes_come_in_and_what_is_gone_goes(world: World) -> None:
    path = world.write("a.py", POOL)
    search = world.open()
    assert await world.names(search, "acquire") == {"a.py"}
    path.write_text("def release_everything(): ...\n")
    await search.changed([path])
    await eventually(search, "release everything", bool)
    await eventually(search, "acquire", lambda hits: not hits)
    path.unlink()
    await search.changed([path])
    await eventually(search, "release everything", lambda hits: not hits)


async def test_a_change_that_nobody_tells_of_is_seen(world: World) -> None:
    world.write("a.py", POOL)
    search = world.open()
    await search.search("acquire", limit=1, wait=PATIENCE)
    world.write("sub/b.py", "def brand_new_thing(): ...\n")
    [hit] = await eventually(search, "brand new thing", bool)
    assert hit.uri.endswith("sub/b.py")


async def test_an_open_buffer_counts_in_place_of_the_disk(world: World) -> None:
    path = world.write("a.py", POOL)
    world.write("b.py", "def something_else(): ...\n")
    search = world.open()
    await search.buffer(path.as_uri(), "\n\ndef unsaved_invention(): ...\n")
    [hit] = await search.search("unsaved invention", limit=5, wait=PATIENCE)
    assert (hit.uri, hit.place.end_line, 0 < hit.score <= 1) == (path.as_uri(), 2, True)
    assert not await search.search("acquire connection", limit=5)
    await search.buffer(path.as_uri(), None)
    assert not await search.search("unsaved invention", limit=5)
    assert await search.search("acquire connection", limit=5)


async def test_a_buffer_of_a_file_that_stays_out_stays_out(world: World, tmp_path: Path) -> None:
    world.write(".gitignore", "private/\n")
    search = world.open()
    for path in (".env", "private/x.py", "../outside.py", "new.py"):
        await search.buffer(f"{world.folder.as_uri()}/{path}", "unsaved_invention = 1\n")
    await search.buffer("untitled:Untitled-1", "unsaved_invention = 1\n")
    assert await world.names(search, "unsaved invention") == {"new.py"}


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '" OR "a',
        "NEAR(a b)",
        "a AND",
        "body:acquire",
        "*",
        "^",
        "a\0b",
        "\ud800",
        "",
        "  ",
        "🎉",
        "x" * 100_000,
        "-",
    ],
)
async def test_no_question_is_a_syntax_error(world: World, query: str) -> None:
    world.write("a.py", POOL)
    hits = await world.open().search(query, limit=5, wait=PATIENCE)
    assert all(0 <= hit.score <= 1 for hit in hits)


async def test_a_whole_file_is_a_question_too(world: World) -> None:
    world.write("a.py", POOL)
    question = "\n".join(f"def other_{number}(): pass" for number in range(500)) + POOL
    [hit] = await world.open().search(question, limit=5, wait=PATIENCE)
    assert hit.uri.endswith("a.py")


async def test_a_killed_worker_is_started_again_and_knows_the_buffers(world: World) -> None:
    for number in range(300):
        world.write(f"f{number}.py", f"def function_{number}():\n" + "    value = compute(1)\n" * 100)
    search = world.open()
    await search.buffer((world.folder / "open.py").as_uri(), "unsaved_invention = 1\n")
    asking = asyncio.create_task(search.search("function 299", limit=1, wait=PATIENCE))
    async with asyncio.timeout(PATIENCE):
        while not any(status.done for status in world.statuses):
            await asyncio.sleep(0.005)
    assert search.pid is not None
    os.kill(search.pid, signal.SIGKILL)
    with contextlib.suppress(IndexUnavailable):
        await asking
    await eventually(search, "function_299", lambda hits: bool(hits) and hits[0].uri.endswith("f299.py"))
    await eventually(search, "unsaved invention", bool)


async def test_a_worker_that_always_dies_is_given_up(world: World) -> None:
    search = world.open(command=[sys.executable, "-c", "raise SystemExit(3)"])
    async with asyncio.timeout(PATIENCE):
        while search.status().state != "error":
            with pytest.raises(IndexUnavailable):
                await search.search("anything", limit=1)
    with pytest.raises(IndexUnavailable) as caught:
        await search.search("anything", limit=1)
    assert caught.value.hint
    assert "status 3" in search.status().faults[0].reason


@pytest.mark.parametrize("damage", ["nonsense", "other format", "torn pages"])
async def test_a_damaged_index_is_made_again(world: World, damage: str) -> None:
    world.write("a.py", POOL)
    search = world.open()
    await search.search("acquire", limit=1, wait=PATIENCE)
    await search.close()
    [index] = world.cache.glob("*/index.sqlite")
    if damage == "nonsense":
        index.write_bytes(b"no database at all" * 1000)
    elif damage == "other format":
        with contextlib.closing(sqlite3.connect(index)) as connection:
            connection.execute("PRAGMA user_version = 999")
    else:
        data = bytearray(index.read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        index.write_bytes(data)
    [hit] = await eventually(world.open(), "acquire", bool)
    assert hit.text == POOL.rstrip("\n")


async def test_a_second_engine_has_an_index_of_its_own(world: World) -> None:
    world.write("a.py", POOL)
    first, second = world.open(), world.open()
    for search in (first, second):
        assert await world.names(search, "acquire") == {"a.py"}
    assert first.pid != second.pid


async def test_an_index_that_is_there_answers_after_a_restart(world: World) -> None:
    path = world.write("a.py", POOL)
    world.write("b.py", POOL)
    search = world.open()
    await search.search("acquire", limit=1, wait=PATIENCE)
    await search.close()
    path.unlink()
    search = world.open()
    await eventually(search, "acquire", lambda hits: [Path(hit.uri).name for hit in hits] == ["b.py"])


async def test_a_rebuild_finds_the_same(world: World) -> None:
    path = world.write("a.py", POOL)
    search = world.open()
    before = await search.search("acquire", limit=5, wait=PATIENCE)
    for target in (None, path):
        await search.rebuild(target)
        assert await search.search("acquire", limit=5, wait=PATIENCE) == before


async def test_progress_is_told(world: World) -> None:
    for number in range(50):
        world.write(f"f{number}.py", POOL)
    search = world.open()
    await search.search("acquire", limit=1, wait=PATIENCE)
    status = search.status()
    assert (status.state, status.files, status.chunks) == ("ready", 50, 50)
    assert status.size > 0
    assert world.statuses[0].state == "indexing" and world.statuses[-1] == status


async def test_closing_ends_the_worker_even_while_it_indexes(world: World) -> None:
    for number in range(300):
        world.write(f"f{number}.py", f"def function_{number}():\n" + "    value = compute(1)\n" * 200)
    search = world.open()
    asking = asyncio.create_task(search.search("function", limit=1, wait=PATIENCE))
    async with asyncio.timeout(PATIENCE):
        while not world.statuses:
            await asyncio.sleep(0.005)
    pid = search.pid
    assert pid is not None
    await search.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    for answer in (asking, search.search("function", limit=1)):
        with pytest.raises(IndexUnavailable):
            await answer


def test_a_worker_ends_with_its_input(world_folder: tuple[Path, Path]) -> None:
    folder, index = world_folder
    command = [sys.executable, "-m", "rejoinder.index.worker", str(folder), str(index)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdout.readline()
    worker.stdin.write(b"nonsense\n{}\n[1]\n")
    worker.stdin.close()
    assert worker.wait(timeout=PATIENCE) == 0
    worker.stdout.close()


@pytest.fixture
def world_folder(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "project").mkdir()
    return tmp_path / "project", tmp_path / "index"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
async def test_only_the_user_may_read_the_index(world: World) -> None:
    world.write("a.py", POOL)
    before = os.umask(0)
    try:
        await world.open().search("acquire", limit=1, wait=PATIENCE)
    finally:
        os.umask(before)
    paths = list(world.cache.rglob("*"))
    assert len(paths) >= 3
    for path in (world.cache, *paths):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


async def test_a_folder_that_is_not_there_is_no_empty_project(world: World) -> None:
    world.folder.rmdir()
    search = world.open()
    with pytest.raises(IndexUnavailable):
        await search.search("anything", limit=1, wait=PATIENCE)


async def test_what_the_user_has_before_them_is_raised(world: World) -> None:
    paths = [world.write(f"part{number}.py", POOL) for number in range(3)]
    search = world.open()
    before = {hit.uri: hit.score for hit in await search.search("acquire connection", limit=3, wait=PATIENCE)}
    for path in paths:
        hits = await search.search("acquire connection", limit=3, near=[path.as_uri(), "untitled:x"])
        after = {hit.uri: hit for hit in hits}
        assert after.pop(path.as_uri()).score > before[path.as_uri()]
        assert {uri: hit.score for uri, hit in after.items()} == {uri: before[uri] for uri in after}
        assert [hit.parts["context"] for hit in after.values()] == [0, 0]


async def test_past_commits_raise_files_and_are_found_themselves(world: World) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=world.folder, check=True, timeout=30, capture_output=True)

    git("init", "-q")
    for name in ("one.py", "two.py"):
        world.write(name, POOL)
        git("add", name)
        git("commit", "-q", "-m", f"Recycle stale sockets in {name[:3]}")
    world.write("two.py", POOL.replace("pop()", "get()"))
    git("commit", "-q", "-a", "-m", "Wake sleepers of the pool without a thundering herd")
    search = world.open()
    hits = await eventually(search, "pool thundering herd", lambda hits: any(hit.parts.get("messages") for hit in hits))
    raised = {Path(hit.uri).name: hit.parts["messages"] for hit in hits}
    assert raised == {"one.py": 0.0, "two.py": 1.0}
    found = await search.search("thundering herd", limit=5, commits=True)
    [commit] = [hit for hit in found if hit.source == "commit" and "thundering" in hit.text]
    assert commit.uri.startswith("git-commit:") and 0 < commit.score <= 1
    assert all(hit.source == "code" for hit in await search.search("thundering herd", limit=5))


async def test_why_a_file_is_in_or_out_is_told(world: World) -> None:
    inside, ignored = world.write("a.py", POOL), world.write("ignored/b.py", POOL)
    search = world.open("ignored/")
    await search.search("acquire", limit=1, wait=PATIENCE)
    told = await search.explain(inside)
    assert (told.indexed, told.chunks) == (True, 1)
    for path in (ignored, world.folder / ".env", world.folder.parent / "outside.py"):
        told = await search.explain(path)
        assert not told.indexed and told.chunks == 0 and told.reason


async def test_a_paused_index_answers_and_takes_nothing_in_until_it_goes_on(world: World) -> None:
    world.write("a.py", POOL)
    search = world.open()
    assert await world.names(search, "acquire") == {"a.py"}
    await search.pause()
    path = world.write("b.py", POOL)
    await search.changed([path])
    assert await world.names(search, "acquire", wait=0) == {"a.py"}
    assert search.status().state == "paused"
    await search.resume()
    await eventually(search, "acquire", lambda hits: len(hits) == 2)


async def test_names_are_proposed_as_one_types_and_open_buffers_count(world: World) -> None:
    world.write("pool.py", "class ConnectionPool:\n    def connect(self):\n        pass\n")
    edited = world.write("edited.py", "def connect_twice():\n    pass\n")
    search = world.open()
    await search.search("pool", limit=1, wait=PATIENCE)
    assert await search.names("CONN", limit=9) == ["connect", "connect_twice", "ConnectionPool"]
    await search.buffer(edited.as_uri(), "def disconnect():\n    pass\n")
    assert await search.names("connect", limit=9) == ["connect", "ConnectionPool", "disconnect"]
    await search.buffer(edited.as_uri(), None)
    assert await search.names("twice", limit=9) == ["connect_twice"]
    assert await search.names("nothing", limit=9) == []
