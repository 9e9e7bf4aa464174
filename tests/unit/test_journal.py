"""The journal and the TinyDB pair over it: what is on disk after each change, and after each kind of interruption."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tinydb import where
from tinydb.table import Document

from rejoinder import platform
from rejoinder.adapters.journal import storage_error
from rejoinder.adapters.journal_format import BLANK, decode_line, encode_line
from rejoinder.adapters.tinydb_storage import JournalStorage
from rejoinder.adapters.tinydb_table import JournalTable
from rejoinder.domain.errors import StorageCorrupt, StorageError, StorageFull


@contextmanager
def opened(path: Path, **options: object) -> Iterator[JournalStorage]:
    storage = JournalStorage(path, **options)  # type: ignore[arg-type]
    try:
        yield storage
    finally:
        storage.close()


def stored(path: Path) -> dict[str, dict[str, object]] | None:
    with opened(path) as storage:
        return storage.read()


class CountedSync:
    """Syncs, and counts how often; fails when it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: OSError | None = None

    def __call__(self, descriptor: int) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error
        platform.sync_data(descriptor)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def test_a_call_is_one_line_and_one_sync(path: Path) -> None:
    sync = CountedSync()
    with opened(path, sync=sync) as storage:
        table = JournalTable(storage, "t")
        table.insert({"n": 0})
        lines, calls = storage.file.read_bytes().count(b"\n"), sync.calls
        table.insert_multiple({"n": n} for n in range(1, 4))
        assert storage.file.read_bytes().count(b"\n") == lines + 1
        assert sync.calls == calls + 1
        with storage.together():
            table.insert({"n": 4})
            table.update({"n": 10}, doc_ids=[1])
            JournalTable(storage, "other").insert({})
        assert storage.file.read_bytes().count(b"\n") == lines + 2
        assert sync.calls == calls + 2
    assert stored(path) == {"t": {"1": {"n": 10}, **{str(n + 1): {"n": n} for n in range(1, 5)}}, "other": {"1": {}}}


def test_an_unsynced_change_is_written_without_a_sync(path: Path) -> None:
    sync = CountedSync()
    with opened(path, sync=sync) as storage:
        table = JournalTable(storage, "t")
        table.insert({})
        calls = sync.calls
        with storage.together(durable=False):
            table.insert({"draft": True})
        assert sync.calls == calls
        assert storage.size == storage.file.stat().st_size
    assert stored(path) == {"t": {"1": {}, "2": {"draft": True}}}


def test_room_for_the_next_lines_is_made_ahead_and_given_back_at_the_end(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert_multiple([{"n": 0}, {"n": 1}])
        table.insert({"n": 2})
        length = storage.file.stat().st_size
        assert length > 2 * storage.size
        table.insert({"n": 3})
        assert storage.file.stat().st_size == length
        while storage.size <= length:
            table.insert({"padding": "x" * 1000})
        assert storage.file.stat().st_size > 2 * length - storage.size
        lines = storage.size
    content = path.with_name("notes.1.jsonl").read_bytes()
    assert len(content) == lines
    assert content.endswith(b"]\n")


def test_a_file_that_was_never_closed_is_as_sound_as_one_that_was(path: Path) -> None:
    left = path.with_name("left.1.jsonl")
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        for n in range(3):
            table.insert({"n": n})
        shutil.copyfile(storage.file, left)
        lines = storage.size
    assert left.stat().st_size > lines
    with opened(left.with_name("left")) as storage:
        assert storage.faults == []
        assert storage.size == lines
        JournalTable(storage, "t").insert({"n": 3})
    assert left.read_bytes().endswith(b"]\n")
    assert stored_rows(left.with_name("left"), "t") == [{"n": n} for n in range(4)]


def test_a_group_that_raises_changes_nothing(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert({"n": 1})
        before = storage.file.read_bytes()
        with pytest.raises(RuntimeError, match="on purpose"), storage.together():
            table.truncate()
            raise RuntimeError("on purpose")
        assert storage.file.read_bytes() == before
        assert table.all() == [{"n": 1}]


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", float("nan"), float("inf"), "\ud800", 1 << 70, {1: 2}])
def test_a_value_that_json_cannot_hold_is_refused_before_anything_is_written(path: Path, value: object) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert({"n": 1})
        before = storage.file.read_bytes()
        with pytest.raises(TypeError):
            table.insert_multiple([{"n": 2}, {"deep": [{"value": value}]}])
        with pytest.raises(TypeError):
            table.update({"n": value})
        assert storage.file.read_bytes() == before
        assert table.all() == [{"n": 1}]


def test_memory_holds_what_reading_the_file_would_give(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        document = {"list": [1], "tuple": (1, 2)}
        table.insert(document)
        document["list"].append(2)  # type: ignore[union-attr,attr-defined]
        found = table.get(doc_id=1)
        assert found == {"list": [1], "tuple": [1, 2]}
        found["list"].append(3)  # type: ignore[index,union-attr,call-overload]
        next(iter(table))["list"].append(4)
        table.search(where("list").exists())[0]["list"].append(5)
        assert table.all() == stored_rows(path, "t")


def stored_rows(path: Path, table: str) -> list[object]:
    return list((stored(path) or {})[table].values())


def test_a_callable_that_fails_half_way_changes_nothing(path: Path) -> None:
    def spoil(document: dict[str, object]) -> None:
        document["spoilt"] = True
        if document["n"] == 2:
            raise LookupError

    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert_multiple([{"n": 1}, {"n": 2}])
        with pytest.raises(LookupError):
            table.update(spoil)  # type: ignore[arg-type]
        assert table.all() == [{"n": 1}, {"n": 2}] == stored_rows(path, "t")


def test_ids_are_not_given_twice_when_documents_bring_their_own(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        assert table.insert_multiple([Document({}, 3), {}, Document({}, 9), {}]) == [3, 4, 9, 10]
        with pytest.raises(ValueError, match="already exists"):
            table.insert_multiple([{}, Document({}, 4)])
        assert len(table) == 4
    with opened(path) as storage:
        assert JournalTable(storage, "t").insert({}) == 11


def test_an_insert_neither_reads_nor_copies_the_table(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert_multiple({"n": n} for n in range(1000))
        rows = storage.rows("t")
        first = rows["1"]
        table.insert({"n": 1000})
        assert storage.rows("t") is rows
        assert rows["1"] is first
        line = storage.file.read_bytes().rstrip(BLANK).splitlines()[-1]
        assert decode_line(line) == [["put", "t", "1001", {"n": 1000}]]


def test_compaction_keeps_everything_but_the_past(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert_multiple([{"secret": "forget me"}, {"n": 2}])
        JournalTable(storage, "empty").truncate()
        table.remove(doc_ids=[1])
        old = storage.file
        storage.compact()
        assert not old.exists()
        assert b"forget me" not in storage.file.read_bytes()
        assert [file.name for file in path.parent.iterdir()] == ["notes.2.jsonl"]
        table.insert({"n": 3})
    assert stored(path) == {"t": {"2": {"n": 2}, "3": {"n": 3}}, "empty": {}}


def test_compaction_happens_by_itself_when_more_than_half_is_past(path: Path) -> None:
    with opened(path, compact_above=10_000) as storage:
        table = JournalTable(storage, "t")
        table.insert({"n": 0})
        for n in range(1000):
            table.update({"n": n, "padding": "x" * 100})
        assert storage.size < 12_000
    assert stored(path) == {"t": {"1": {"n": 999, "padding": "x" * 100}}}


def test_a_file_of_living_records_is_not_compacted(path: Path) -> None:
    with opened(path, compact_above=1000) as storage:
        JournalTable(storage, "t").insert_multiple({"n": n} for n in range(100))
        JournalTable(storage, "t").insert({})
        assert storage.file.name == "notes.1.jsonl"


@pytest.mark.parametrize("end", [0, 10, 60, -1])
def test_an_unfinished_compaction_loses_nothing(path: Path, end: int) -> None:
    with opened(path) as storage:
        JournalTable(storage, "t").insert({"n": 1})
        whole = storage.file.read_bytes()
    path.with_name("notes.2.jsonl.new").write_bytes(whole[:end])
    assert stored(path) == {"t": {"1": {"n": 1}}}
    assert [file.name for file in path.parent.iterdir()] == ["notes.1.jsonl"]


def test_of_two_generations_the_newest_complete_one_counts(path: Path) -> None:
    with opened(path) as storage:
        table = JournalTable(storage, "t")
        table.insert_multiple({"n": n} for n in range(3))
        first = storage.file.read_bytes()
        storage.compact()
        second = storage.file.read_bytes()
        table.insert({"n": 3})
    path.with_name("notes.1.jsonl").write_bytes(first)
    assert len(stored_rows(path, "t")) == 4
    assert not path.with_name("notes.1.jsonl").exists()

    path.with_name("notes.1.jsonl").write_bytes(first)
    path.with_name("notes.2.jsonl").write_bytes(second[:-20])
    with opened(path) as storage:
        assert len(storage.rows("t")) == 3
        assert "not complete" in storage.faults[0]
    assert path.with_name("notes.2.jsonl.damaged-1").read_bytes() == second[:-20]


def test_a_newer_format_is_refused_and_left_alone(path: Path) -> None:
    file = path.with_name("notes.1.jsonl")
    content = encode_line(b'{"format":2,"file":"00"}') + b"something new\n"
    file.write_bytes(content)
    with pytest.raises(StorageCorrupt) as caught:
        JournalStorage(path)
    assert caught.value.hint
    assert caught.value.data["path"] == str(file)
    assert file.read_bytes() == content
    assert list(path.parent.iterdir()) == [file]


def test_a_failed_sync_is_a_failed_write(path: Path) -> None:
    sync = CountedSync()
    with opened(path, sync=sync) as storage:
        table = JournalTable(storage, "t")
        table.insert({"n": 1})
        sync.error = OSError(5, "Input/output error")
        with pytest.raises(StorageError, match="Input/output error") as caught:
            table.insert({"n": 2})
        assert not isinstance(caught.value, StorageFull)
        assert table.all() == [{"n": 1}]
        with pytest.raises(StorageError):
            table.insert({"n": 3})
        sync.error = None
        table.insert({"n": 4})
    assert stored_rows(path, "t") == [{"n": 1}, {"n": 4}]


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_a_full_disk_has_an_error_of_its_own(name: str, path: Path) -> None:
    assert isinstance(storage_error(OSError(getattr(errno, name), "full"), path), StorageFull)


def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(tmp_path / "made" / "here" / "notes") as storage:
            JournalTable(storage, "t").insert({})
            storage.compact()
            file = storage.file
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == stat.S_IMODE(file.parent.parent.stat().st_mode) == 0o700


def test_reading_makes_no_file(path: Path) -> None:
    with opened(path) as storage:
        assert storage.read() is None
        assert JournalTable(storage, "t").all() == []
    assert list(path.parent.iterdir()) == []


def test_nothing_is_written_after_closing(path: Path) -> None:
    storage = JournalStorage(path)
    JournalTable(storage, "t").insert({})
    storage.close()
    with pytest.raises(ValueError, match="closed"):
        JournalTable(storage, "t").insert({})
    assert stored_rows(path, "t") == [{}]


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: tables["t"].pop("1"),
        lambda tables: tables["t"]["2"].update(n=7),
        lambda tables: tables.pop("t"),
        lambda tables: tables["t"].clear(),
        lambda tables: tables.update(new={}),
    ],
)
def test_tinydbs_own_way_of_writing_stores_the_difference(
    path: Path, change: Callable[[dict[str, dict[str, dict[str, object]]]], object]
) -> None:
    with opened(path) as storage:
        JournalTable(storage, "t").insert_multiple([{"n": 1}, {"n": 2}])
        tables = storage.read()
        assert tables is not None
        change(tables)
        assert storage.read() != tables
        storage.write(tables)
        assert storage.read() == tables == stored(path)
