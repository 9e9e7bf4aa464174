"""What an index meets in the world: each is one line in the status, and everything else goes on. Real workers."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from rejoinder.adapters.worker_search import WorkerSearch, WorkerSearchProvider
from rejoinder.domain.errors import IndexUnavailable
from rejoinder.domain.retrieval import IndexStatus

PATIENCE = 60.0
POOL = "def acquire_connection():\n    return pool.pop()\n"
WORKER = [sys.executable, "-P", "-m", "rejoinder.index.worker"]
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""To the superuser no folder is locked, unless that right is given away."""

FULL_DISK = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Starts a program whose files cannot grow: a write takes what fits and fails after it, as on a full disk."""


class World:
    """A project with one file that is always found, and its index."""

    def __init__(self, base: Path) -> None:
        self.folder, self.cache = base / "project", base / "cache"
        self.folder.mkdir()
        self.write("good.py", POOL)
        self.seen: list[IndexStatus] = []
        self._providers: list[WorkerSearchProvider] = []

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def open(self, command: Sequence[str] = WORKER) -> WorkerSearch:
        provider = WorkerSearchProvider(
            self.cache, on_status=lambda _, status: self.seen.append(status), command=command
        )
        self._providers.append(provider)
        return provider.open("p", self.folder, ())

    async def found(self, search: WorkerSearch, query: str = "acquire connection") -> set[str]:
        return {Path(hit.uri).name for hit in await search.search(query, limit=50, wait=PATIENCE)}

    async def told(self, search: WorkerSearch, holds: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """The lines of the status by file name, once they are as expected."""
        async with asyncio.timeout(PATIENCE):
            while True:
                lines = {fault.uri.rpartition("/")[2]: fault.reason for fault in search.status().faults}
                if holds(lines):
                    return lines
                with contextlib.suppress(IndexUnavailable):
                    await search.search("acquire", limit=1)
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        for provider in self._providers:
            await provider.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    await world.close()


async def test_files_that_cannot_be_taken_in_as_usual_are_a_line_each_and_stay_one(world: World) -> None:
    world.write("line.js", "x = 1;" * (50_000_000 // 6))
    world.write("picture.png", b"\0" * (2 << 20))
    world.write("latin.py", b"# caf\xe9\n")
    for name in ("deep.c", "deep.js", "deep.json", "deep.py"):
        world.write(name, "((((\n" * 2500 + "needle" + "))))\n" * 2500)
    world.write("deep.go", "(" * 10_000 + ")" * 10_000)
    (world.folder / "round").symlink_to("round")
    (world.folder / "up").symlink_to(".")
    search = world.open()
    assert await world.found(search) == {"good.py"}
    expected = {
        "line.js": "larger than 1 MiB",
        "latin.py": "not UTF-8",
        "deep.go": "minified: its lines are too long to be written by hand",
        **{
            f"deep.{kind}": "it nests too deeply to be parsed: it is cut by lines" for kind in ("c", "js", "json", "py")
        },
        "round": "a link that leads to itself: not followed",
        "up": "a link that leads back to a folder around it: not followed",
    }
    assert await world.told(search, lambda lines: len(lines) == len(expected)) == expected
    assert search.status().state == "ready"
    assert await world.found(search, "needle") == {"deep.c", "deep.js", "deep.json", "deep.py"}
    told = await search.explain(world.folder / "deep.c")
    assert told.indexed and "nests too deeply" in told.reason
    assert not (await search.explain(world.folder / "line.js")).indexed
    # a second look, and a second start, read none of them again
    path = world.write("new.py", POOL)
    await search.changed([path, world.folder])
    assert await world.told(search, lambda lines: search.status().files == 8) == expected
    await world.close()
    search = world.open()
    assert await world.found(search) == {"good.py", "new.py"}
    assert await world.told(search, lambda lines: len(lines) == len(expected)) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
async def test_a_folder_without_permission_is_a_line(world: World) -> None:
    world.write("locked/b.py", POOL)
    (world.folder / "locked").chmod(0)
    try:
        search = world.open([*WITHOUT_PRIVILEGES, *WORKER])
        assert await world.found(search) == {"good.py"}
        assert await world.told(search, bool) == {"locked": "Permission denied"}
    finally:
        (world.folder / "locked").chmod(0o700)


async def test_a_repository_that_is_deleted_while_it_is_indexed_is_a_line(world: World) -> None:
    for number in range(300):
        world.write(f"f{number}.py", f"def function_{number}():\n" + "    value = compute(1)\n" * 100)
    search = world.open()
    async with asyncio.timeout(PATIENCE):
        while not any(status.done for status in world.seen):
            await asyncio.sleep(0.005)
    shutil.rmtree(world.folder)
    # a file may be told of too, that was read just then
    await world.told(search, lambda lines: lines.get("project") == "The folder is not there.")
    assert search.status().state == "error"
    world.folder.mkdir()
    world.write("back.py", POOL)
    await world.told(search, lambda lines: not lines and search.status().state == "ready")
    assert await world.found(search) == {"back.py"}


@pytest.mark.parametrize("damage", ["nonsense", "torn pages"])
async def test_a_damaged_index_is_set_aside_made_again_and_told(world: World, damage: str) -> None:
    search = world.open()
    await world.found(search)
    await world.close()
    [index] = world.cache.glob("*/index.sqlite")
    data = b"no database at all" * 1000
    if damage == "torn pages":
        data = index.read_bytes()[:4096].ljust(index.stat().st_size, b"\xff")
    index.write_bytes(data)
    search = world.open()
    lines = await world.told(search, bool)
    assert "The index was damaged and is made anew" in lines["project"]
    [aside] = world.cache.glob("*/index.sqlite.damaged")
    assert aside.read_bytes() == data and str(aside) in lines["project"]
    async with asyncio.timeout(PATIENCE):
        while await world.found(search) != {"good.py"}:
            pass
    assert search.status().state == "ready"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_a_full_disk_is_a_line_and_what_is_there_answers(world: World) -> None:
    search = world.open()
    await world.found(search)
    await world.close()
    for number in range(60):
        world.write(f"f{number}.py", "".join(f"def thing_{number}_{line}(): ...\n" for line in range(200)))
    limited = [sys.executable, "-c", FULL_DISK, str(300_000)]
    search = world.open([*limited, *WORKER])
    lines = await world.told(search, bool)
    assert lines["project"].startswith("The index cannot be written: ") and search.status().state == "error"
    assert "good.py" in await world.found(search)
    await world.close()
    search = world.open()
    await world.told(search, lambda lines: not lines and search.status().files == 61)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_a_disk_without_room_for_an_index_leaves_one_in_memory(world: World) -> None:
    search = world.open([sys.executable, "-c", FULL_DISK, "0", *WORKER])
    assert await world.found(search) == {"good.py"}
    lines = await world.told(search, bool)
    assert "cannot be kept in" in lines["project"] and "in memory" in lines["project"]
    assert search.status().state == "ready"


async def test_a_killed_worker_is_a_line_and_is_started_again(world: World) -> None:
    search = world.open()
    await world.found(search)
    assert search.pid is not None
    os.kill(search.pid, signal.SIGKILL)
    lines = await world.told(search, lambda lines: bool(lines) and search.status().state == "ready")
    assert lines == {"project": "The index worker ended with status -9. It was started again."}
    assert await world.found(search) == {"good.py"}
    await search.close()
