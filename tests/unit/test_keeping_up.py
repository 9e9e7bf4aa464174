"""How an index follows its folder: the real index, stepped by hand."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rejoinder.index import attempts
from rejoinder.index.attempts import Attempts
from rejoinder.index.database import Database
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.resting import Rest
from rejoinder.index.walk import FoundFile, ProjectFiles
from rejoinder.index.watching import Watcher

CODE = "def acquire_connection():\n    return pool.pop()\n"
PATIENCE = 60.0


class CountingIndex(ProjectIndex):
    """Remembers what it was given, and does to a file what a test wants while it is read."""

    def __init__(self, files: ProjectFiles, database: Database) -> None:
        super().__init__(files, database)
        self.taken: list[str] = []
        self.meanwhile: Callable[[FoundFile], None] = lambda found: None

    def take_in(self, found: FoundFile, *, modified: int) -> str | None:
        self.taken.append(found.path)
        self.meanwhile(found)
        return super().take_in(found, modified=modified)


class World:
    """A project, the folder of its index, and what keeps it up."""

    def __init__(self, base: Path) -> None:
        self.folder, self.store = base / "project", base / "index"
        self.folder.mkdir()
        self.index: CountingIndex
        self.upkeep: KeepingUp

    def open(self, watcher: Watcher | None = None) -> KeepingUp:
        self.index = CountingIndex(ProjectFiles(self.folder, []), Database(self.store))
        self.upkeep = KeepingUp(self.index, watcher, Attempts(self.store), Rest(self.store))
        return self.upkeep

    def write(self, name: str, text: str | bytes = CODE, *, age: float = 10.0) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        time = path.stat().st_mtime - age
        os.utime(path, (time, time))
        return path

    def settle(self) -> None:
        while self.upkeep.step():
            pass

    def known(self) -> set[str]:
        return set(self.index.lexical.known())

    def faults(self) -> dict[str, str]:
        return {fault.uri.rpartition("/")[2]: fault.reason for fault in self.upkeep.status().faults}


def die_reading(world: World, name: str, how: str, before: str = "") -> int:
    """A process that dies over a file, and its status."""
    program = f"""
import os, sys
from pathlib import Path
from rejoinder.index import attempts
from rejoinder.index.walk import ProjectFiles
{before}
folder, store, name = sys.argv[1:]
with attempts.Attempts(Path(store)).reading(ProjectFiles(Path(folder), []).found(name)):
    {how}
"""
    command = [sys.executable, "-c", program, str(world.folder), str(world.store), name]
    return subprocess.run(command, timeout=PATIENCE, check=False).returncode


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.upkeep.close()


def test_what_was_done_before_a_crash_is_not_done_again(world: World) -> None:
    for number in range(30):
        world.write(f"f{number}.py", CODE.replace("pool", f"pool{number}"))
    world.open()
    while len(world.index.taken) < 10:
        world.upkeep.step()
    world.index.commit()
    # no farewell: as after a kill
    world.index.database.connection.close()
    done = set(world.index.taken)
    world.open()
    world.settle()
    assert done.isdisjoint(world.index.taken)
    assert len(done) + len(world.index.taken) == 30
    assert world.upkeep.status().state == "ready"


def test_a_pause_keeps_what_is_done_and_is_resumed(world: World) -> None:
    for number in range(20):
        world.write(f"f{number}.py")
    world.open()
    while len(world.index.taken) < 5:
        world.upkeep.step()
    world.upkeep.pause()
    assert not world.upkeep.step() and world.upkeep.idle
    status = world.upkeep.status()
    assert (status.state, status.done, status.total) == ("paused", 4, 20) or status.done == 5
    world.write("new.py")
    world.upkeep.mark(["new.py"])
    assert not world.upkeep.step() and "new.py" not in world.known()
    world.upkeep.resume()
    world.settle()
    assert len(world.known()) == 21 and world.upkeep.status().state == "ready"


def test_a_pause_that_is_kept_holds_until_it_is_taken_back(world: World) -> None:
    world.write("a.py")
    world.open()
    world.settle()
    for keep in (False, True):
        world.upkeep.pause(keep=keep)
        world.write(f"{keep}.py")
        world.open()
        assert (world.upkeep.status().state == "paused") is keep
        world.settle()
    assert world.known() == {"a.py", "False.py"}
    world.upkeep.resume()
    world.open()
    world.settle()
    assert world.known() == {"a.py", "False.py", "True.py"}


@pytest.mark.parametrize("told", [True, False], ids=["told", "found by a look"])
def test_a_file_that_moves_is_not_made_again(world: World, told: bool) -> None:
    path = world.write("old/a.py")
    world.open()
    world.settle()
    content = world.index.lexical.content_of("old/a.py")
    (world.folder / "new").mkdir()
    path.rename(world.folder / "new" / "b.py")
    if told:
        world.upkeep.mark(["old/a.py", "new/b.py"])
    else:
        world.upkeep.look_again()
    world.settle()
    assert world.known() == {"new/b.py"}
    assert world.index.lexical.content_of("new/b.py") == content


def test_a_branch_that_is_switched_and_back_shares_what_did_not_change(world: World) -> None:
    for number in range(300):
        world.write(f"f{number}.py", CODE.replace("pool", f"pool{number}"))
    world.open()
    world.settle()
    first = {path: world.index.lexical.content_of(path) for path in world.known()}
    for number in range(250):
        world.write(f"f{number}.py", CODE.replace("pool", f"other{number}"), age=5.0)
    world.index.taken.clear()
    world.upkeep.mark([f"f{number}.py" for number in range(250)])
    world.settle()
    assert len(world.index.taken) == 250
    same = {path for path in world.known() if world.index.lexical.content_of(path) == first[path]}
    assert same == {f"f{number}.py" for number in range(250, 300)}


def test_a_changed_ignore_file_takes_files_out_and_in(world: World) -> None:
    world.write("a.py")
    world.write("b.py")
    world.open()
    world.settle()
    ignore = world.write(".rejoinderignore", "b.py\n")
    world.upkeep.mark([".rejoinderignore"])
    world.settle()
    assert "b.py" not in world.known()
    assert not world.upkeep.explain("b.py")[0] and ".rejoinderignore:1" in world.upkeep.explain("b.py")[1]
    ignore.unlink()
    world.upkeep.mark([".rejoinderignore"])
    world.settle()
    assert "b.py" in world.known() and world.upkeep.explain("b.py") == (True, "indexed")


def test_a_file_that_vanishes_while_it_is_read_is_one_line(world: World) -> None:
    world.write("a.py")
    world.write("b.py")
    world.open()
    world.index.meanwhile = lambda found: (world.folder / "a.py").unlink(missing_ok=True)
    world.settle()
    assert world.known() == {"b.py"}
    assert world.faults() == {"a.py": "it vanished while it was read"}
    assert world.upkeep.status().state == "ready"


def test_a_file_that_changes_while_it_is_read_is_read_again(world: World) -> None:
    world.write("a.py")
    world.open()
    texts = iter([CODE + "def brand_new(): ...\n"])
    world.index.meanwhile = lambda found: [world.write("a.py", text, age=1.0) for text in texts] and None
    world.settle()
    assert world.index.taken == ["a.py", "a.py"]
    assert world.index.search("brand new", limit=5)[0].text.endswith("def brand_new(): ...")


def test_a_file_that_always_changes_does_not_keep_the_rest_waiting(world: World) -> None:
    world.write("log.py")
    world.write("z.py")
    world.open()
    world.index.meanwhile = lambda found: world.write("log.py", CODE * len(world.index.taken), age=0.0) and None
    world.settle()
    assert world.known() == {"log.py", "z.py"} and world.upkeep.idle
    assert world.faults() == {"log.py": "it changed while it was read: what is indexed may be older"}
    assert world.upkeep.explain("log.py") == (True, "indexed")
    world.index.meanwhile = lambda found: None
    world.upkeep.mark(["log.py"])
    world.settle()
    assert not world.faults()


def test_a_file_that_is_not_utf8_or_not_to_be_read_is_one_line(world: World) -> None:
    world.write("latin.py", b"# caf\xe9\n")
    world.write("binary.py", b"\0\1\2")
    world.write("locked.py")
    world.write("a.py")
    world.open()

    def refuse(found: FoundFile) -> None:
        if found.path == "locked.py":
            raise PermissionError(13, "Permission denied")

    world.index.meanwhile = refuse
    world.settle()
    assert world.faults() == {"latin.py": "not UTF-8", "locked.py": "Permission denied"}
    assert world.index.search("acquire connection", limit=5)
    assert world.upkeep.explain("locked.py") == (False, "Permission denied")
    assert world.upkeep.explain("latin.py") == (False, "not UTF-8")


def test_a_folder_that_is_deleted_while_it_is_indexed_keeps_what_is_known(world: World) -> None:
    for number in range(20):
        world.write(f"f{number}.py")
    world.open()
    while len(world.index.taken) < 10:
        world.upkeep.step()
    shutil.rmtree(world.folder)
    world.settle()
    status = world.upkeep.status()
    assert (status.state, status.faults[0].reason) == ("error", "The folder is not there.")
    assert len(world.known()) >= 9
    world.folder.mkdir()
    world.write("f0.py")
    world.upkeep.look_again()
    world.settle()
    assert world.known() == {"f0.py"} and world.upkeep.status().state == "ready"


def test_many_faults_are_few_lines(world: World) -> None:
    for number in range(50):
        world.write(f"f{number}.py", b"\xe9\n")
    world.open()
    world.settle()
    faults = world.upkeep.status().faults
    assert len(faults) == 20 and faults[-1].reason == "31 more that could not be read"


def test_time_left_is_told_while_it_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("rejoinder.index.progress.time.monotonic", lambda: now[0])
    for number in range(10):
        world.write(f"f{number}.py")
    world.open()
    while world.upkeep.status().done < 5:
        now[0] += 1.0
        world.upkeep.step()
    left = world.upkeep.status().seconds_left
    assert left is not None and 4 <= left <= 7
    world.settle()
    assert world.upkeep.status().seconds_left is None


def test_a_file_that_ends_the_process_twice_is_set_aside_until_it_changes(world: World) -> None:
    path = world.write("deadly.py")
    world.write("a.py")
    for _ in range(attempts.MOST_DEATHS):
        assert die_reading(world, "deadly.py", "os._exit(9)") == 9
    world.open()
    world.settle()
    assert world.known() == {"a.py"} and world.index.taken == ["a.py"]
    assert world.faults() == {"deadly.py": attempts.SET_ASIDE}
    path.write_text("def harmless(): ...\n")
    world.upkeep.mark(["deadly.py"])
    world.settle()
    assert world.known() == {"a.py", "deadly.py"} and not world.faults()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_an_endless_loop_ends_the_process(world: World) -> None:
    world.write("a.py")
    world.open()
    died = die_reading(world, "a.py", "while True: pass", "attempts.LONGEST_SECONDS = 0.1")
    assert died == -signal.SIGVTALRM


def test_a_process_that_is_killed_once_sets_nothing_aside(world: World) -> None:
    world.write("a.py")
    found = ProjectFiles(world.folder, []).found("a.py")
    assert found is not None
    die_reading(world, "a.py", "os._exit(9)")
    tried = Attempts(world.store)
    assert not tried.refuses(found)
    tried.close()
    world.open()
    world.settle()
    assert world.known() == {"a.py"}


@pytest.mark.parametrize("damage", [b"\xff[1", b"{]\n", b"[1]\n", b'"a"\n', b"[[], 1, 2]\n"])
def test_damaged_notes_are_nothing(world: World, damage: bytes) -> None:
    world.store.mkdir(mode=0o700)
    (world.store / "deaths.json").write_bytes(damage)
    (world.store / "reading").write_bytes(damage)
    world.write("a.py")
    world.open()
    world.settle()
    assert world.known() == {"a.py"}


def test_a_full_disk_is_one_line_and_the_index_answers(world: World) -> None:
    world.write("a.py")
    world.open()
    world.settle()
    world.write("b.py")

    def fail(found: FoundFile) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    world.index.meanwhile = fail
    world.upkeep.mark(["b.py"])
    world.settle()
    status = world.upkeep.status()
    assert status.state == "error" and "disk is full" in status.faults[0].reason
    assert world.index.search("acquire connection", limit=1)


def test_the_watcher_tells_of_changes_and_of_new_folders(world: World) -> None:
    world.write("src/a.py")
    seen: list[str] = []
    arrived = threading.Condition()

    def changed(paths: object) -> None:
        with arrived:
            seen.extend(Path(path).relative_to(world.folder).as_posix() for path in paths)  # type: ignore[attr-defined]
            arrived.notify_all()

    def wait_for(name: str, make: Callable[[], object]) -> None:
        # made again until it is told of: a watch begins some moments after it is asked for
        with arrived:
            for _ in range(600):
                make()
                if arrived.wait_for(lambda: name in seen, timeout=PATIENCE / 600):
                    return
        raise AssertionError(f"{name} was not told of but {seen}")

    watcher = Watcher(world.folder, changed)
    try:
        world.open(watcher)
        world.settle()
        assert watcher.watching
        wait_for("src/a.py", lambda: world.write("src/a.py", CODE * 2))
        wait_for("new", lambda: (shutil.rmtree(world.folder / "new", ignore_errors=True), world.write("new/b.py")))
        world.upkeep.mark(["new"])
        world.settle()
        assert "new/b.py" in world.known()
        wait_for("new/b.py", lambda: world.write("new/b.py", CODE * 3))
    finally:
        watcher.close()
    assert not watcher.watching


def test_a_watched_folder_is_not_looked_at_for_each_question(world: World) -> None:
    world.write("a.py")
    begun = threading.Event()
    watcher = Watcher(world.folder, lambda paths: begun.set())
    try:
        world.open(watcher)
        world.settle()
        for _ in range(600):
            world.write("a.py", age=0.0)
            if begun.wait(PATIENCE / 600):
                break
        # a look that began after the watch is trusted, one before it is not
        world.upkeep.look_again(after=1e-9)
        assert not world.upkeep.idle
        world.settle()
        world.upkeep.look_again(after=1e-9)
        assert world.upkeep.idle
        world.upkeep.look_again()
        assert not world.upkeep.idle
        world.settle()
    finally:
        watcher.close()
    world.upkeep.look_again(after=1e-9)
    assert not world.upkeep.idle


def test_a_huge_tree_is_not_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rejoinder.index.watching.MOST_FOLDERS", 3)
    watcher = Watcher(tmp_path, lambda paths: None)
    watcher.follow({"", "a", "b", "c"})
    assert not watcher.watching
    watcher.close()
