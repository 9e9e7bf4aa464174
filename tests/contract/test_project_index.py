"""What an index keeps, shares and gives up, on real files and a real database."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rejoinder.domain.retrieval import Hit
from rejoinder.index import contents, passage_table, saving
from rejoinder.index.database import Database
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.walk import ProjectFiles

QUERIES = ("acquire connection", "function 7", "release everything")


class Counting:
    """An embedder that counts: a text's vector is of its letters."""

    identity = "letters"
    quick = True

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        rows = np.array([[text.count(letter) for letter in "acdefgilnorstu"] for text in texts], np.float32)
        rows = rows.reshape(len(texts), -1) + np.float32(0.01)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class World:
    def __init__(self, base: Path) -> None:
        self.folder, self.kept = base / "project", base / "index"
        self.folder.mkdir()
        self.embedder = Counting()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def open(self, kept: Path | None = None) -> tuple[ProjectIndex, KeepingUp]:
        index = ProjectIndex(ProjectFiles(self.folder, ()), Database(kept or self.kept), self.embedder)
        upkeep = KeepingUp(index)
        drain(upkeep)
        return index, upkeep


def drain(upkeep: KeepingUp) -> None:
    while upkeep.step():
        pass


def look(upkeep: KeepingUp) -> None:
    upkeep.look_again()
    drain(upkeep)


def found(index: ProjectIndex) -> list[list[Hit]]:
    """All that is found, in an order in which the passages' numbers do not count."""
    hits = (index.search(query, limit=20) for query in QUERIES)
    return [sorted(each, key=lambda hit: (-hit.score, hit.uri)) for each in hits]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(12):
        world.write(f"f{number}.py", f"def function_{number}():\n    return acquire_connection({number})\n")
    return world


def test_a_file_that_moves_and_a_content_that_comes_back_are_not_made_again(world: World) -> None:
    index, upkeep = world.open()
    text = (world.folder / "f7.py").read_text()
    made = len(world.embedder.texts)
    (world.folder / "f7.py").rename(world.folder / "moved.py")
    look(upkeep)
    assert [Path(hit.uri).name for hit in index.search("function_7", limit=1)] == ["moved.py"]
    world.write("moved.py", "def release_everything(): ...\n")
    look(upkeep)
    assert len(world.embedder.texts) - made <= 4
    made = len(world.embedder.texts)
    world.write("moved.py", text)
    look(upkeep)
    assert index.lexical.chunks == 12
    hits = index.search("function_7", limit=1)
    assert hits[0].text == text.rstrip("\n")
    assert [text for text in world.embedder.texts[made:] if "return" in text] == []
    upkeep.close()


def test_a_second_start_finds_the_same_without_embedding(world: World) -> None:
    index, upkeep = world.open()
    before = found(index)
    upkeep.close()
    made = len(world.embedder.texts)
    index, upkeep = world.open()
    assert len(world.embedder.texts) == made
    assert found(index) == before
    upkeep.close()


def test_a_page_that_was_built_from_a_source_comes_after_it(world: World) -> None:
    text = "Cascading deletes reach what a relationship refers to.\n"
    world.write("cascades.rst", text)
    head = '<html><head><meta name="generator" content="Docutils 0.19" /><title>Cascading deletes</title></head>\n'
    world.write("cascading_deletes.html", f"{head}<p>{text * 2}</p></html>\n")
    index, upkeep = world.open()
    hits = index.search("cascading deletes of a relationship", limit=5)
    assert [hit.uri.rpartition("/")[2] for hit in hits[:2]] == ["cascades.rst", "cascading_deletes.html"]
    upkeep.close()


def test_what_was_rolled_back_was_never_there(world: World) -> None:
    index, upkeep = world.open()
    before = found(index)
    index.begin()
    world.write("f7.py", "def release_everything(): ...\n")
    found_file = index.files.found("f7.py")
    assert found_file is not None
    index.take_in(found_file, modified=0)
    assert found(index) != before
    index.roll_back()
    assert found(index) == before
    upkeep.close()


def test_a_compacted_index_finds_what_a_new_one_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage_table, "_LEAST_HOLES", 3)
    index, upkeep = world.open()
    for number in range(8):
        world.write(f"f{number}.py", f"def release_everything_{number}():\n    return acquire({number})\n")
        look(upkeep)
    assert index.lexical.table.end < 12 + 8
    fresh, other = world.open(world.folder.parent / "another")
    assert found(index) == found(fresh)
    upkeep.close()
    other.close()


def test_forgetting_a_file_takes_out_what_was_made_of_it(world: World) -> None:
    index, upkeep = world.open()
    index.begin()
    index.forget("f7.py")
    index.commit()
    rows = index.database.connection.execute("SELECT (SELECT count(*) FROM contents), (SELECT count(*) FROM vectors)")
    assert rows.fetchone() == (11, 11)
    upkeep.close()


def test_contents_without_a_file_are_kept_for_a_while_but_not_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_LEAST_UNUSED", 2)
    index, upkeep = world.open()
    for number in range(20):
        world.write("f7.py", f"def version_{number}(): ...\n")
        look(upkeep)
    upkeep.close()
    index, upkeep = world.open()
    count = index.database.connection.execute("SELECT count(*) FROM contents").fetchone()[0]
    assert count == 12 + 3
    assert index.search("version_19", limit=1)
    upkeep.close()


def saved(index: ProjectIndex) -> None:
    while index.catch_up() or index.waiting:
        pass
    index.commit()


def test_a_snapshot_serves_a_start_and_what_changed_since_is_taken_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_LEAST_CHANGES", 3)
    index, upkeep = world.open()
    saved(index)
    before = found(index)
    upkeep.close()
    snapshot = world.kept / "memory.snapshot"
    with monkeypatch.context() as forbidden:
        # what a start without a snapshot unpacks
        forbidden.setattr(contents, "unpack", None)
        index, upkeep = world.open()
        assert found(index) == before
    world.write("f3.py", "def function_three():\n    return release_everything()\n")
    (world.folder / "f4.py").unlink()
    index.set_buffer("f5.py", "def function_five():\n    pass\n")
    look(upkeep)
    changed = found(index)
    upkeep.close()
    torn = snapshot.read_bytes()[:-9] + b"123456789"
    for damage in (lambda: None, lambda: snapshot.write_bytes(torn), snapshot.unlink):
        damage()
        index, upkeep = world.open()
        index.set_buffer("f5.py", "def function_five():\n    pass\n")
        assert found(index) == changed
        upkeep.close()


def test_a_snapshot_that_the_database_does_not_name_counts_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_LEAST_CHANGES", 3)
    index, upkeep = world.open()
    saved(index)
    older = (world.kept / "memory.snapshot").read_bytes()
    for number in range(12):
        world.write(f"f{number}.py", f"def other_{number}():\n    return release_everything({number})\n")
    look(upkeep)
    saved(index)
    after = found(index)
    upkeep.close()
    (world.kept / "memory.snapshot").write_bytes(older)
    index, upkeep = world.open()
    assert found(index) == after
    upkeep.close()
