"""Which store is chosen, what each cannot do, and copying from one to another."""

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import attrs
import pytest
from test_history_store import FULL, NOW, PROJECT, SECOND, SESSION, everything, message

import redis_server
from rejoinder.adapters import redis_lease, stores
from rejoinder.adapters.keyed_history import KeyedHistory
from rejoinder.adapters.sqlite_history import FILE, SqliteRows
from rejoinder.adapters.stores import open_store
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.wrapped_history import WrappedRows
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.domain.conversation import Attachment
from rejoinder.domain.errors import InvalidInput, StorageCorrupt, StorageError, StorageFull, StorageLocked
from rejoinder.domain.summaries import Summary
from rejoinder.services.copying import Progress, copy_all, totals
from rejoinder.services.store_ports import HistoryStore
from stores_kit import STORES, FourThings, reopened

_STARTS = "import rejoinder.bootstrap, sys; print(*sys.modules, sep='\\n')"


class Broken(FourThings):
    """A store of a user's own that fails from the second document of a change on."""

    saves = 0

    def save(self, session_id: str, data: dict[str, Any]) -> None:
        """Fail when it is told to."""
        if Broken.saves:
            Broken.saves -= 1
            if not Broken.saves:
                raise OSError("the shelf is full")
        super().save(session_id, data)


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores of a user's own, as an installed package would declare them."""
    declared = EntryPoints(
        EntryPoint(name, value, stores.GROUP)
        for name, value in {
            "four": "stores_kit:FourThings",
            "whole": "stores_kit:whole_store",
            "lacking": "pathlib:Path",
            "absent": "no_such_module:Store",
        }.items()
    )
    monkeypatch.setattr(stores, "entry_points", lambda **by: declared.select(**by))


def filled(store: HistoryStore) -> None:
    """Everything that a store can hold."""
    store.put_project(PROJECT)
    store.put_project(attrs.evolve(PROJECT, project_id="q", name="Other"))
    picture = store_picture(store)
    seen = attrs.evolve(FULL, message_id="m2", attachments=(Attachment("u", digest=picture),))
    store.append(attrs.evolve(SESSION, draft="unsent", metadata={"k": [1]}), [seen])
    store.put_summary(attrs.evolve(SESSION, draft="unsent"), Summary(through="m1", text="s", model="m", created_at=NOW))
    store.put_state("p", SESSION.session_id, {"a": {"b": None}})
    store.create(SECOND, [message(0)])
    store.trash(attrs.evolve(SECOND, deleted_at=NOW))
    store.create(attrs.evolve(SESSION, project_id="q"), [message(number) for number in range(30)])
    store.put_records("p", "memory", {str(number): {"text": f"t {number}"} for number in range(1500)})
    store.put_records("q", "knowledge", {"k": {"title": "x"}, "k/0": {"text": "y"}})


def store_picture(store: HistoryStore) -> str:
    store.create(SESSION, [message(0), message(1)])
    return store.attach("p", SESSION.session_id, b"\x00picture")


@pytest.mark.parametrize(
    "choice", ["tinydb", "sqlite", "memory", "sqlite:{there}", "tinydb:{there}", "four:{there}", "whole"]
)
def test_a_store_is_chosen_by_its_name(tmp_path: Path, choice: str, entry_points: None) -> None:
    with closing(open_store(choice.format(there=tmp_path / "there"), tmp_path / "data")) as store:
        store.put_project(PROJECT)
        store.create(SESSION, [message(0)])
        assert store.messages("p", SESSION.session_id) == (message(0),)
    assert (tmp_path / "there").exists() == ("there" in choice)
    assert (tmp_path / "data").exists() == (choice in ("tinydb", "sqlite"))


@pytest.mark.parametrize(
    "choice",
    ["", "nothing", "lacking", "absent", "redis://:secret@127.0.0.1:1/0", "redis://127.0.0.1:1/0?ssl=1", "memory:x"],
)
def test_what_is_no_store_is_refused(tmp_path: Path, choice: str, entry_points: None) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_store(choice, tmp_path)
    assert caught.value.hint and "secret" not in caught.value.message


def test_an_engine_imports_no_store_that_was_not_chosen() -> None:
    ran = subprocess.run([sys.executable, "-c", _STARTS], capture_output=True, text=True, check=True)
    modules = set(ran.stdout.split())
    assert "rejoinder.adapters.stores" in modules
    others = ("keyed_history", "sqlite_history", "redis_history", "wrapped_history")
    assert not modules & {"redis", *(f"rejoinder.adapters.{name}" for name in others)}


def test_a_simple_store_says_once_what_it_cannot_do(
    tmp_path: Path, entry_points: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), closing(open_store(f"four:{tmp_path}", tmp_path)):
        pass
    (record,) = caplog.records
    assert "holds everything in memory" in record.getMessage()


def test_a_simple_store_that_fails_has_changed_nothing(tmp_path: Path) -> None:
    store = KeyedHistory(WrappedRows(Broken(str(tmp_path)), "broken"))
    store.put_project(PROJECT)
    store.create(SESSION, [message(0)])
    Broken.saves = 1
    with pytest.raises(StorageError, match="the shelf is full"):
        store.append(attrs.evolve(SESSION, revision=5), [message(1)])
    assert store.messages("p", SESSION.session_id) == (message(0),)
    store.append(attrs.evolve(SESSION, revision=6), [message(2)])
    again = KeyedHistory(WrappedRows(Broken(str(tmp_path)), "broken"))
    assert again.messages("p", SESSION.session_id) == (message(0), message(2))
    assert again.session("p", SESSION.session_id).revision == 6


def test_documents_of_a_simple_store_that_make_no_sense_are_told_of(tmp_path: Path) -> None:
    FourThings(str(tmp_path)).save("0" * 40, {"spaces": [1]})
    store = KeyedHistory(WrappedRows(FourThings(str(tmp_path)), "four"))
    assert "makes no sense" in store.faults()[0]
    store.put_project(PROJECT)
    assert (tmp_path / f"{'0' * 40}.json").exists()


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("way", ["from", "to"])
def test_everything_is_copied_and_compared(
    tmp_path: Path, kind: str, way: str, redis: redis_server.RedisServer | None
) -> None:
    source = reopened(kind if way == "from" else "tinydb", tmp_path / "source", redis)
    target = reopened(kind if way == "to" else "sqlite", tmp_path / "target", redis)
    filled(source.store)
    told: list[Progress] = []
    copy_all(source.store, target.store, report=told.append)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 5, 5)
    found = totals(target.again())
    assert found == totals(source.again())
    assert (found.projects, found.sessions, found.messages, found.attachments, found.records) == (2, 3, 34, 1, 1502)
    for one in (source, target):
        assert [session.session_id for session in one.store.trashed("p")] == ["second"]
        assert [project.name for project in one.store.projects()] == ["Shop", "Other"]
        assert list(one.store.records("p", "memory"))[:2] == ["0", "1"]
        one.store.close()


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("way", ["from", "to"])
def test_a_copy_has_the_order_of_sessions_and_trash(
    tmp_path: Path, kind: str, way: str, redis: redis_server.RedisServer | None
) -> None:
    source = reopened(kind if way == "from" else "tinydb", tmp_path / "source", redis)
    target = reopened(kind if way == "to" else "sqlite", tmp_path / "target", redis)
    source.store.put_project(PROJECT)
    for name in ("d", "z", "b", "y", "a", "x", "c"):
        source.store.create(attrs.evolve(SESSION, session_id=name), [message(0)])
    for name in ("a", "y", "z", "c"):
        source.store.trash(attrs.evolve(source.store.session("p", name), deleted_at=SESSION.created_at))
    copy_all(source.store, target.store)
    totals(source.store)
    for one, its in ((source, "from"), (target, "to")):
        # a store of a user's own lists its documents in whatever order after a restart
        for store in [one.store] if (kind, way) == ("own", its) else one.both():
            assert [session.session_id for session in store.sessions("p")] == ["d", "b", "x"]
            assert [session.session_id for session in store.trashed("p")] == ["z", "y", "a", "c"]
        one.store.close()


def test_a_copy_that_differs_has_another_checksum(tmp_path: Path) -> None:
    one, other = TinyDbHistory(tmp_path / "one"), TinyDbHistory(tmp_path / "other")
    filled(one)
    copy_all(one, other)
    assert totals(one) == totals(other)
    changes: list[Callable[[], object]] = [
        lambda: other.put_records("p", "memory", {"7": {"text": "t 8"}}),
        lambda: other.put_state("p", SESSION.session_id, {"a": {"b": 0}}),
        lambda: other.append(other.session("p", SESSION.session_id), [message(9)]),
        lambda: other.purge("p", "second"),
    ]
    for change in changes:
        before = totals(other).checksum
        change()
        assert totals(other).checksum not in (before, totals(one).checksum)
    one.close()
    other.close()


def test_a_store_that_is_not_empty_is_replaced_only_when_asked(tmp_path: Path) -> None:
    one, other = TinyDbHistory(tmp_path / "one"), TinyDbHistory(tmp_path / "other")
    filled(one)
    other.put_project(PROJECT)
    other.create(attrs.evolve(SESSION, name="Here"), [message(5)])
    other.create(attrs.evolve(SESSION, session_id="only here"))
    before = everything(tmp_path / "other")
    with pytest.raises(InvalidInput, match="not empty"):
        copy_all(one, other)
    assert everything(tmp_path / "other") == before
    copy_all(one, other, replace=True)
    assert totals(other, like=one) == totals(one)
    assert other.session("p", "only here")
    one.close()
    other.close()


def test_a_copy_that_is_interrupted_leaves_the_source_as_it_was(tmp_path: Path) -> None:
    one, other = TinyDbHistory(tmp_path / "one"), TinyDbHistory(tmp_path / "other")
    filled(one)
    before = totals(one)

    def interrupt(step: Progress) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_all(one, other, report=interrupt)
    assert len(other.sessions("p")) + len(other.trashed("p")) == 2
    assert totals(one) == before
    copy_all(one, other, replace=True)
    assert totals(other) == before
    one.close()
    other.close()


def test_an_archive_holds_what_another_store_has(tmp_path: Path) -> None:
    with closing(KeyedHistory(SqliteRows(tmp_path / "data" / FILE))) as store:
        filled(store)
        archives = ZipArchives(tmp_path / "data", program="1", store=store)
        archives.write(archives.snapshot(), tmp_path / "all.zip")
        with archives.opened(tmp_path / "all.zip") as archive:
            assert totals(archive) == totals(store)
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]


# SQLite's file.


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The file of a store with one session."""
    with closing(KeyedHistory(SqliteRows(tmp_path / FILE))) as store:
        store.put_project(PROJECT)
        store.create(SESSION, [message(0)])
    yield tmp_path / FILE


def test_a_damaged_file_is_told_of_and_left_as_it_is(file: Path) -> None:
    file.write_bytes(b"no database at all" * 1000)
    content = file.read_bytes()
    with pytest.raises(StorageCorrupt) as caught:
        KeyedHistory(SqliteRows(file))
    assert caught.value.data["path"] == str(file)
    assert file.read_bytes() == content


def test_a_file_of_a_newer_format_is_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 9")
    with pytest.raises(StorageCorrupt, match="newer version"):
        KeyedHistory(SqliteRows(file))


def test_a_file_that_another_program_holds_is_locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rejoinder.adapters.sqlite_history._PATIENCE", 0.05)
    with closing(KeyedHistory(SqliteRows(file))) as store, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageLocked):
            store.append(SESSION, [message(1)])
        store.put(attrs.evolve(SESSION, draft="typed meanwhile"), durable=False)
        assert store.session("p", SESSION.session_id).draft == "typed meanwhile"
        other.rollback()
        store.append(attrs.evolve(SESSION, draft="typed meanwhile", revision=1), [message(2)])
        assert store.messages("p", SESSION.session_id) == (message(0), message(2))
    with closing(KeyedHistory(SqliteRows(file))) as store:
        assert store.session("p", SESSION.session_id).draft == "typed meanwhile"


def test_a_full_disk_changes_nothing(file: Path) -> None:
    rows = SqliteRows(file)
    with closing(KeyedHistory(rows)) as store:
        rows._database.execute("PRAGMA max_page_count = 12")
        with pytest.raises(StorageFull):
            store.append(SESSION, [attrs.evolve(message(1), content="x" * 200_000)])
        assert store.messages("p", SESSION.session_id) == (message(0),)
        store.append(SESSION, [message(2)])
    with closing(KeyedHistory(SqliteRows(file))) as store:
        assert store.messages("p", SESSION.session_id) == (message(0), message(2))


def test_a_file_is_private(file: Path) -> None:
    with closing(KeyedHistory(SqliteRows(file))) as store:
        store.append(SESSION, [message(1)])
        assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir() if path.is_file()} == {0o600}


# Redis.


def address(server: redis_server.RedisServer | None, prefix: str) -> str:
    if server is None:
        pytest.skip(redis_server.MISSING)
    return f"{server.address}?prefix={prefix}"


def test_a_second_engine_on_one_server_is_refused(tmp_path: Path, redis: redis_server.RedisServer | None) -> None:
    where = address(redis, "locked")
    with closing(open_store(where, tmp_path / "one")), pytest.raises(StorageLocked) as caught:
        open_store(where, tmp_path / "other")
    assert str(tmp_path / "one") in caught.value.data["holder"]
    open_store(where, tmp_path / "other").close()


def test_what_the_same_folders_engine_left_behind_is_taken_over(
    tmp_path: Path, redis: redis_server.RedisServer | None
) -> None:
    where = address(redis, "left")
    killed = open_store(where, tmp_path)
    killed.put_project(PROJECT)
    killed.create(SESSION)
    with closing(open_store(where, tmp_path)) as store:
        store.append(SESSION, [message(0)])
        with pytest.raises(StorageLocked):
            killed.append(SESSION, [message(1)])
        assert store.messages("p", SESSION.session_id) == (message(0),)


def test_a_lease_that_ran_out_is_taken_again_unless_somebody_had_it(
    tmp_path: Path, redis: redis_server.RedisServer | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis as library

    where = address(redis, "lease")
    assert redis is not None
    with closing(library.Redis(port=redis.port)) as server, closing(open_store(where, tmp_path)) as store:
        store.put_project(PROJECT)
        server.delete("lease:lock")
        store.create(SESSION, [message(0)])
        assert server.ttl("lease:lock") in range(redis_lease.SECONDS + 1)
        server.delete("lease:lock")
        with closing(open_store(where, tmp_path / "other")) as other:
            other.append(SESSION, [message(1)])
        for _ in range(2):
            with pytest.raises(StorageLocked):
                store.append(SESSION, [message(2)])
    with closing(open_store(where, tmp_path)) as store:
        assert store.messages("p", SESSION.session_id) == (message(0), message(1))


def test_a_password_comes_from_a_variable(tmp_path: Path) -> None:
    if not redis_server.installed():
        pytest.skip(redis_server.MISSING)
    with redis_server.RedisServer(tmp_path / "redis", password="s3cret") as server:
        with pytest.raises(StorageError, match="password") as caught:
            open_store(server.address, tmp_path, environment={})
        assert stores.PASSWORD_VARIABLE in caught.value.hint
        open_store(server.address, tmp_path, environment={stores.PASSWORD_VARIABLE: "s3cret"}).close()


def test_what_a_server_may_lose_is_said(
    tmp_path: Path, redis: redis_server.RedisServer | None, caplog: pytest.LogCaptureFixture
) -> None:
    import redis as library

    where = address(redis, "durable")
    assert redis is not None
    with closing(library.Redis(port=redis.port)) as server:
        for settings, said in ({"appendfsync": "everysec"}, "last second"), ({"appendonly": "no"}, "now and then"):
            for name, value in settings.items():
                server.config_set(name, value)
            with caplog.at_level(logging.WARNING), closing(open_store(where, tmp_path)):
                assert said in caplog.records[-1].getMessage()
        server.config_set("appendonly", "yes")
        server.config_set("appendfsync", "always")
