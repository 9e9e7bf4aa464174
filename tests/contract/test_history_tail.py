"""The end of a long session is read alone, and tells the same as all of it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from core import Core
from rejoinder.adapters.journal_format import BLANK, encode_line
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import NotFound, SessionNotFound
from rejoinder.domain.tree import MessageTree

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROJECT = Project(project_id="p", name="Shop", paths=("/shop",), created_at=NOW)
COUNT = 600


def message(number: int, parent: int | None) -> Message:
    return Message(
        message_id=f"m{number}",
        turn_id=f"t{number}",
        role="assistant" if number % 2 else "user",
        source="chat",
        content=f"{number} " + "x" * 500,
        created_at=NOW,
        parent_id=None if parent is None else f"m{parent}",
    )


MESSAGES = [message(number, number - 1 if number else None) for number in range(COUNT)]
# the last ten of the path, and beside one of them two others, as from editing
BESIDE = [message(COUNT, COUNT - 5), message(COUNT + 1, COUNT - 5)]
SESSION = Session(
    session_id="s",
    project_id="p",
    name="Plans",
    scope="workspace",
    created_at=NOW,
    updated_at=NOW,
    message_count=COUNT,
    head=MESSAGES[-1].message_id,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a long session that nobody has open."""
    with closing(TinyDbHistory(tmp_path / "data")) as store:
        store.put_project(PROJECT)
        store.create(SESSION, MESSAGES)
        store.append(SESSION, BESIDE)
    return tmp_path / "data"


@pytest.fixture
def journal(data: Path) -> Path:
    return next(data.rglob("messages.*.jsonl"))


@pytest.fixture
def store(data: Path, journal: Path) -> Iterator[TinyDbHistory]:
    with closing(TinyDbHistory(data)) as store:
        yield store


def changed(journal: Path, place: int, data: Path) -> TinyDbHistory:
    """The store over a journal with another byte at this place."""
    content = bytearray(journal.read_bytes())
    content[place] ^= 1
    journal.write_bytes(content)
    return TinyDbHistory(data)


@pytest.mark.parametrize("count", [1, 51, 200, 550])
def test_the_end_is_the_end_of_all(store: TinyDbHistory, count: int) -> None:
    latest = list(store.latest("p", "s", count))
    assert len(latest) >= count
    assert latest == [*MESSAGES, *BESIDE][-len(latest) :]


def test_more_than_there_is_gives_all(store: TinyDbHistory) -> None:
    assert list(store.latest("p", "s", 10 * COUNT)) == [*MESSAGES, *BESIDE]
    with pytest.raises(SessionNotFound):
        store.latest("p", "other", 1)


def test_the_end_has_what_was_stored_just_now(store: TinyDbHistory) -> None:
    store.append(attrs.evolve(SESSION, head="m700"), [message(700, COUNT - 1)])
    assert store.latest("p", "s", 1)[-1].message_id == "m700"


def test_the_end_of_a_file_that_was_never_closed_is_read_alone_as_well(data: Path, journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(BLANK * 9000)
    with closing(changed(journal, journal.stat().st_size // 3, data)) as store:
        assert list(store.latest("p", "s", 50))[-2:] == BESIDE
        assert store.faults() == []


def test_only_the_end_is_read(data: Path, journal: Path) -> None:
    with closing(changed(journal, journal.stat().st_size // 3, data)) as store:
        assert list(store.latest("p", "s", 50))[-2:] == BESIDE
        assert store.faults() == []
        assert len(store.messages("p", "s")) == COUNT + 1
        assert "One line was damaged" in store.faults()[0]
        assert list(store.latest("p", "s", 50))[-2:] == BESIDE


def test_damage_at_the_end_is_mended_and_told_of(data: Path, journal: Path) -> None:
    place = journal.read_bytes().index(b'"m590"')
    with closing(changed(journal, place, data)) as store:
        latest = [message.message_id for message in store.latest("p", "s", 50)]
        assert "m590" not in latest
        assert "m589" in latest
        assert "One line was damaged" in store.faults()[0]


@pytest.mark.parametrize("left", [b"", b"\n", b'["00000000",[["put","mess'])
def test_a_torn_line_at_the_end_is_left_out(data: Path, journal: Path, left: bytes) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[: -len(b"]\n")] + left)
    with closing(TinyDbHistory(data)) as store:
        assert [message.message_id for message in store.latest("p", "s", 50)][-1] in ("m599", "m601")
        assert store.faults()


def test_a_file_that_changed_while_it_was_closed_counts_as_it_is(store: TinyDbHistory, journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(encode_line(b'[["remove","messages","1"]]'))
    assert store.latest("p", "s", COUNT)[0].message_id == "m1"


def test_an_end_that_takes_messages_away_is_not_trusted(data: Path, journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(encode_line(b'[["remove","messages","602"]]'))
    with closing(TinyDbHistory(data)) as store:
        assert [message.message_id for message in store.latest("p", "s", 50)][-1] == "m600"


def test_a_newer_generation_counts(store: TinyDbHistory, data: Path, journal: Path) -> None:
    with closing(TinyDbHistory(data)) as other:
        other.replace(attrs.evolve(SESSION, head="m1", message_count=2), MESSAGES[:2])
    assert list(store.latest("p", "s", 50)) == MESSAGES[:2]


@pytest.mark.parametrize(("head", "before"), [("m599", None), ("m601", None), ("m20", None), ("m599", "m580")])
@pytest.mark.parametrize("before_is_far", [False, True])
async def test_a_page_is_the_same_from_the_end_alone(
    data: Path, tmp_path: Path, head: str, before: str | None, before_is_far: bool
) -> None:
    with closing(TinyDbHistory(data)) as store:
        store.put(attrs.evolve(SESSION, head=head))
        tree = MessageTree(store.messages("p", "s"))
    before = "m3" if before_is_far else before
    core = Core(TinyDbHistory(data), tmp_path)
    try:
        page = await core.history.page("p", "s", before=before, limit=40)
        read_all = "messages" in core.store.calls
    finally:
        await core.close()
    assert read_all == (before == "m3" or head == "m20")
    before_message = tree.get(before) if before else None
    path = tree.path(before_message.parent_id if before_message else head, limit=40)
    assert [placed.message for placed in page.messages] == path
    assert [placed.siblings for placed in page.messages] == [tree.siblings(message) for message in path]
    assert page.next_cursor == (path[0].message_id if tree.siblings(path[0]) != ("m0",) else None)


async def test_a_cursor_that_is_nowhere_is_refused(data: Path, tmp_path: Path) -> None:
    core = Core(TinyDbHistory(data), tmp_path)
    try:
        with pytest.raises(NotFound):
            await core.history.page("p", "s", before="nothing")
    finally:
        await core.close()
