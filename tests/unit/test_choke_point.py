from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import FIRST_MOMENT, FaultyStore, message, session
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Attachment, Project, ToolCall
from rejoinder.domain.redaction import Redactor
from rejoinder.services.choke_point import ChokePoint, RedactingHistory, masked_value

ONE, TWO, THREE = ("ghp_" + letter * 36 for letter in "abc")


def placeholder(number: int) -> str:
    return f"[masked:github-token:{number}]"


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[TinyDbHistory]:
    store = TinyDbHistory(tmp_path / "data")
    store.put_project(Project(project_id="p1", name="p", paths=(), created_at=FIRST_MOMENT))
    yield store
    store.close()


@pytest.fixture
def store(inner: TinyDbHistory) -> RedactingHistory:
    return RedactingHistory(inner, ChokePoint())


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_way_to_the_disk_lets_a_secret_through(
    store: RedactingHistory, inner: TinyDbHistory, tmp_path: Path
) -> None:
    telling = session(
        "s1", name=f"n {ONE}", label=ONE, description=ONE, draft=ONE, system=ONE, metadata={"k": [{ONE: ONE}]}
    )
    full = message(
        "m1",
        content=f"it is {ONE}",
        attachments=(Attachment("file:///a", text=ONE),),
        tool_calls=(ToolCall("c1", "run", {"line": ONE}, "done", ONE),),
    )
    store.create(telling, [full])
    store.put(telling)
    store.put(telling, durable=False)
    store.append(telling, [message("m2", "m1", content=ONE)])
    store.put_state("p1", "s1", {ONE: {ONE: ONE}})
    store.replace(telling, [full])
    deleted = session("s1", name=ONE, deleted_at=FIRST_MOMENT)
    store.trash(deleted)
    store.restore(session("s1", name=ONE))
    inner.close()
    written = on_disk(tmp_path)
    assert ONE.encode() not in written
    assert placeholder(1).encode() in written


def test_reading_is_left_as_it_is(store: RedactingHistory, inner: TinyDbHistory) -> None:
    inner.create(session("s1"), [message("m1", content=ONE)])
    assert store.messages("p1", "s1")[0].content == ONE


def test_the_same_secret_has_one_number_in_a_session(store: RedactingHistory) -> None:
    store.create(session("s1", system=ONE), [message("m1", content=f"{TWO} {ONE}")])
    assert store.session("p1", "s1").system == placeholder(1)
    assert store.messages("p1", "s1")[0].content == f"{placeholder(2)} {placeholder(1)}"


@pytest.mark.parametrize("first", ["read", "draft", "state", "append"])
def test_numbers_go_on_above_what_is_stored(inner: TinyDbHistory, first: str) -> None:
    old = message("m1", content=placeholder(4), attachments=(Attachment("file:///a", text=placeholder(7)),))
    inner.create(session("s1"), [old])
    store = RedactingHistory(inner, ChokePoint())
    if first == "read":
        store.messages("p1", "s1")
    elif first == "draft":
        store.put(session("s1", draft=ONE), durable=False)
        assert store.session("p1", "s1").draft == placeholder(8)
    elif first == "state":
        store.put_state("p1", "s1", {"k": ONE})
        assert store.state("p1", "s1") == {"k": placeholder(8)}
    store.append(session("s1"), [message("m2", "m1", content=ONE)])
    assert store.messages("p1", "s1")[1].content == placeholder(8)


def test_numbers_go_on_above_what_a_new_session_brings(store: RedactingHistory) -> None:
    store.create(session("s1"), [message("m1", content=placeholder(5)), message("m2", "m1", content=ONE)])
    assert store.messages("p1", "s1")[1].content == placeholder(6)


def test_a_session_is_read_for_its_numbers_once(inner: TinyDbHistory) -> None:
    inner.create(session("s1"))
    watched = FaultyStore(inner)
    store = RedactingHistory(watched, ChokePoint())  # type: ignore[arg-type]
    for _ in range(3):
        store.put(session("s1", draft="x"), durable=False)
    assert watched.calls.count("messages") == 1


def test_each_session_has_its_own_redactor_and_keeps_it() -> None:
    choke_point = ChokePoint()
    one = choke_point.redactor("p1", "s1", [placeholder(3)])
    assert choke_point.redactor("p1", "s1", [placeholder(9)]) is one
    assert choke_point.redactor("p2", "s1") is not one
    assert one.mask(ONE) == placeholder(4)


def test_only_so_many_are_kept() -> None:
    choke_point = ChokePoint()
    first = choke_point.redactor("p1", "first")
    kept = choke_point.redactor("p1", "kept")
    for number in range(300):
        choke_point.redactor("p1", f"s{number}")
        choke_point.redactor("p1", "kept")
    assert choke_point.redactor("p1", "kept") is kept
    assert choke_point.redactor("p1", "first") is not first


def test_every_text_of_a_json_value_is_masked() -> None:
    value = {"a": [ONE, 5, None, True, {TWO: (TWO, 1.5)}], "c": ""}
    assert masked_value(value, Redactor()) == {
        "a": [placeholder(1), 5, None, True, {placeholder(2): [placeholder(2), 1.5]}],
        "c": "",
    }
