"""A disk that takes no more, in the middle of a write: an error that says so, and everything as it was before.

The kernel refuses the bytes: files may not grow beyond a limit that is lowered for a moment. A write then takes what
still fits and fails after it, as on a full disk.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import StorageFull

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROJECT = Project(project_id="p", name="Shop", paths=("/shop",), created_at=NOW)
SESSION = Session(session_id="s", project_id="p", name="Plans", scope="workspace", created_at=NOW, updated_at=NOW)


def message(number: int) -> Message:
    return Message(message_id=f"m{number}", turn_id="t", role="user", source="chat", content="x" * 600, created_at=NOW)


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = TinyDbHistory(tmp_path)
    store.put_project(PROJECT)
    store.create(SESSION, [message(0)])
    store.close()
    return tmp_path


def session_file(data: Path) -> Path:
    return next(data.glob("projects/*/sessions/*/messages.*.jsonl"))


@pytest.mark.parametrize("room", [0, 1, 300, 700])
def test_a_turn_that_does_not_fit_leaves_no_trace(data: Path, room: int) -> None:
    store = TinyDbHistory(data)
    file = session_file(data)
    before = file.read_bytes()
    with no_file_beyond(len(before) + room), pytest.raises(StorageFull) as caught:
        store.append(attrs.evolve(SESSION, revision=1), [message(1)])
    assert caught.value.hint
    assert file.read_bytes() == before
    assert store.messages("p", "s") == (message(0),)
    assert store.session("p", "s") == SESSION

    store.append(attrs.evolve(SESSION, revision=2), [message(2)])
    store.close()
    store = TinyDbHistory(data)
    assert store.messages("p", "s") == (message(0), message(2))
    assert store.session("p", "s").revision == 2
    assert store.faults() == []
    store.close()


def test_a_turn_that_just_fits_is_stored_though_no_room_can_be_made_for_the_next(data: Path) -> None:
    store = TinyDbHistory(data)
    file = session_file(data)
    with no_file_beyond(file.stat().st_size + 2000):
        store.append(attrs.evolve(SESSION, revision=1), [message(1)])
        assert file.read_bytes().endswith(b"]\n")
        store.append(attrs.evolve(SESSION, revision=2), [message(2)])
    store.append(attrs.evolve(SESSION, revision=3), [message(3)])
    store.close()
    store = TinyDbHistory(data)
    assert store.messages("p", "s") == tuple(map(message, range(4)))
    assert store.faults() == []
    store.close()


USES: dict[str, Callable[[TinyDbHistory], object]] = {
    "create": lambda store: store.create(attrs.evolve(SESSION, session_id="new"), [message(1)]),
    "put": lambda store: store.put(attrs.evolve(SESSION, description="d" * 1000)),
    "draft": lambda store: store.put(attrs.evolve(SESSION, draft="d" * 1000), durable=False),
    "replace": lambda store: store.replace(SESSION, [message(1), message(2)]),
    "state": lambda store: store.put_state("p", "s", {"k": "v" * 1000}),
    "attach": lambda store: store.attach("p", "s", b"data" * 1000),
    "trash": lambda store: store.trash(attrs.evolve(SESSION, description="d" * 1000, deleted_at=NOW)),
    "project": lambda store: store.put_project(attrs.evolve(PROJECT, name="n" * 1000)),
}


def seen(store: TinyDbHistory) -> tuple[object, ...]:
    return (
        store.projects(),
        store.sessions("p"),
        store.trashed("p"),
        store.messages("p", "s"),
        store.state("p", "s"),
    )


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_whatever_does_not_fit_changes_nothing(data: Path, use: Callable[[TinyDbHistory], object]) -> None:
    store = TinyDbHistory(data)
    before = seen(store)
    with no_file_beyond(1000), pytest.raises(StorageFull):
        use(store)
    assert seen(store) == before
    store.close()
    store = TinyDbHistory(data)
    assert seen(store) == before
    assert store.faults() == []
    assert not [path for path in data.rglob("*") if path.name.endswith(".new")]
    use(store)
    store.close()


def test_a_damaged_file_can_be_read_on_a_full_disk(data: Path) -> None:
    file = session_file(data)
    content = file.read_bytes() + b'["0123'
    file.write_bytes(content)
    with no_file_beyond(100):
        store = TinyDbHistory(data)
        assert store.messages("p", "s") == (message(0),)
        assert "could not be mended" in store.faults()[0]
        with pytest.raises(StorageFull):
            store.append(SESSION, [message(1)])
    assert file.read_bytes() == content
    store.append(SESSION, [message(1)])
    store.close()
    store = TinyDbHistory(data)
    assert store.messages("p", "s") == (message(0), message(1))
    store.close()
