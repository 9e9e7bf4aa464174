"""A project's own records, in every store that there is."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from test_history_store import PROJECT, everything

import redis_server
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.services.choke_point import ChokePoint, RedactingHistory
from stores_kit import STORES, Reopened, reopened

TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path, redis: redis_server.RedisServer | None) -> Iterator[Reopened]:
    kept = reopened(request.param, tmp_path / "data", redis)
    kept.store.put_project(PROJECT)
    yield kept
    kept.store.close()


def test_records_come_back_in_the_order_of_their_coming(kept: Reopened) -> None:
    first = {"b": {"text": "one", "deep": [1, None, {"x": 0.5}]}, "a": {"text": "ü\u2028"}}
    kept.store.put_records("p", "memory", first)
    kept.store.put_records("p", "memory", {"c": {}, "b": {"text": "changed"}})
    expected = [("b", {"text": "changed"}), ("a", {"text": "ü\u2028"}), ("c", {})]
    for store in kept.both():
        assert list(store.records("p", "memory").items()) == expected
        assert store.record_kinds("p") == ["memory"]
        assert store.faults() == []


def test_what_is_dropped_is_gone_and_the_rest_stays(kept: Reopened) -> None:
    kept.store.put_records("p", "memory", {str(number): {"text": f"number {number}"} for number in range(20)})
    kept.store.drop_records("p", "memory", ["3", "17", "unknown"])
    left = [str(number) for number in range(20) if number not in (3, 17)]
    assert list(kept.store.records("p", "memory")) == left
    store = kept.again()
    assert list(store.records("p", "memory")) == left
    store.drop_records("p", "memory", left)
    store.put_records("p", "memory", {"new": {"n": 1}})
    assert dict(kept.again().records("p", "memory")) == {"new": {"n": 1}}


def test_what_was_read_does_not_change_later(kept: Reopened) -> None:
    kept.store.put_records("p", "memory", {"a": {"n": 1}, "b": {"n": 1}})
    before = kept.store.records("p", "memory")
    kept.store.put_records("p", "memory", {"a": {"n": 2}, "c": {"n": 2}})
    kept.store.drop_records("p", "memory", ["b"])
    kept.store.put_records("p", "memory", {"c": {"n": 3}}, erase=True)
    assert dict(before) == {"a": {"n": 1}, "b": {"n": 1}}
    assert dict(kept.store.records("p", "memory")) == {"a": {"n": 2}, "c": {"n": 3}}


def test_kinds_and_projects_are_apart(kept: Reopened) -> None:
    kept.store.put_project(attrs.evolve(PROJECT, project_id="q"))
    kept.store.put_records("p", "memory", {"a": {"of": "p"}})
    kept.store.put_records("p", "knowledge", {"a": {"of": "knowledge"}})
    kept.store.put_records("q", "memory", {"a": {"of": "q"}})
    store = kept.again()
    assert store.record_kinds("p") == ["knowledge", "memory"]
    assert dict(store.records("q", "memory")) == {"a": {"of": "q"}}
    store.drop_records("q", "memory", ["a"])
    assert dict(store.records("p", "memory")) == {"a": {"of": "p"}}
    assert dict(store.records("unknown", "memory")) == {}
    assert store.record_kinds("unknown") == []
    store.drop_records("unknown", "memory", ["a"])
    with pytest.raises(NotFound):
        store.put_records("unknown", "memory", {"a": {}})


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "\ud800"])
def test_a_record_that_json_cannot_hold_changes_nothing(kept: Reopened, value: object) -> None:
    kept.store.put_records("p", "memory", {"a": {"n": 1}})
    with pytest.raises(InvalidInput):
        kept.store.put_records("p", "memory", {"b": {"n": 2}, "c": {"deep": [value]}})
    for store in kept.both():
        assert dict(store.records("p", "memory")) == {"a": {"n": 1}}


@pytest.mark.parametrize("kind", ["", "../x", "Memory", "a/b", "sessions.1"])
def test_a_kind_is_a_plain_word(kept: Reopened, kind: str) -> None:
    with pytest.raises(InvalidInput):
        kept.store.put_records("p", kind, {"a": {}})


def test_records_are_stored_without_their_secrets(kept: Reopened) -> None:
    store = RedactingHistory(kept.store, ChokePoint())
    store.put_records("p", "memory", {"a": {"text": f"the token is {TOKEN}", "deep": [{"x": TOKEN}]}})
    masked = store.records("p", "memory")["a"]
    assert masked["text"] == "the token is [masked:github-token:1000000]"
    assert masked["deep"] == [{"x": "[masked:github-token:1000000]"}]
    assert TOKEN.encode() not in everything(kept.folder)


@pytest.mark.parametrize("kind", ["tinydb", "sqlite"])
@pytest.mark.parametrize("way", ["drop", "erase"])
def test_what_goes_is_gone_from_the_disk_at_once(tmp_path: Path, kind: str, way: str) -> None:
    kept = reopened(kind, tmp_path / "data", None)
    kept.store.put_project(PROJECT)
    kept.store.put_records("p", "memory", {"a": {"text": "the SECRET word"}, "b": {"text": "harmless"}})
    kept.store.put_records("p", "memory", {"a": {"text": "the SECRET once more"}})
    assert b"SECRET" in everything(kept.folder)
    if way == "drop":
        kept.store.drop_records("p", "memory", ["a"])
    else:
        kept.store.put_records("p", "memory", {"a": {"text": "corrected"}}, erase=True)
    assert b"SECRET" not in everything(kept.folder)
    assert b"harmless" in everything(kept.folder)
    kept.store.close()


def test_damaged_records_are_told_of_and_the_rest_stays(tmp_path: Path) -> None:
    store = TinyDbHistory(tmp_path / "data")
    store.put_project(PROJECT)
    for name in ("a", "b", "c"):
        store.put_records("p", "memory", {name: {"text": f"text of {name}"}})
    store.close()
    (file,) = (tmp_path / "data").rglob("memory.*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"text of b", b"text or b"))
    store = TinyDbHistory(tmp_path / "data")
    assert list(store.records("p", "memory")) == ["a", "c"]
    assert "One line was damaged" in store.faults()[0]
    assert store.faults() == []
    store.put_records("p", "memory", {"d": {}})
    store.close()
    store = TinyDbHistory(tmp_path / "data")
    assert list(store.records("p", "memory")) == ["a", "c", "d"]
    assert store.faults() == []
    assert list((tmp_path / "data").rglob("memory.*.damaged-1"))
    store.drop_records("p", "memory", ["a"])
    assert not list((tmp_path / "data").rglob("memory.*.damaged-1"))
    store.close()


def test_a_journal_of_records_does_not_grow_without_end(tmp_path: Path) -> None:
    store = TinyDbHistory(tmp_path / "data")
    store.put_project(PROJECT)
    for _ in range(30):
        store.put_records("p", "memory", {"a": {"text": "x" * 100_000}})
    assert sum(path.stat().st_size for path in (tmp_path / "data").rglob("memory.*")) < 1_500_000
    store.close()
    store = TinyDbHistory(tmp_path / "data")
    assert len(store.records("p", "memory")["a"]["text"]) == 100_000
    store.close()
