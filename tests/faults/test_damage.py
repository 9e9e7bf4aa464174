"""Damage at every place of a session's file: reading goes on, one line is lost at most, nothing is thrown away."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import orjson
import pytest

from rejoinder.adapters.journal_format import BLANK, decode_line, encode_line, read_contents, whole_file
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Message, Project, Session

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROJECT = Project(project_id="p", name="Shop", paths=("/shop",), created_at=NOW)
SESSION = Session(session_id="s", project_id="p", name="Plans", scope="workspace", created_at=NOW, updated_at=NOW)
TURNS = 2


def turn(number: int) -> list[Message]:
    question = Message(
        message_id=f"q{number}",
        turn_id=f"t{number}",
        role="user",
        source="chat",
        content=f"Why {number}?",
        created_at=NOW,
    )
    return [question, attrs.evolve(question, message_id=f"a{number}", role="assistant", parent_id=f"q{number}")]


def no_sync(_descriptor: int) -> None:
    pass


class Damaged:
    """A data folder whose one session file is put back, changed, and opened, again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._master = folder / "data", folder / "master"
        store = TinyDbHistory(self._master)
        store.put_project(PROJECT)
        store.create(SESSION)
        for number in range(TURNS):
            session = attrs.evolve(SESSION, message_count=2 * number + 2, head=f"a{number}", revision=number)
            store.append(session, turn(number))
        store.close()
        file = next(self._master.glob("projects/*/sessions/*/messages.1.jsonl"))
        self.whole = file.read_bytes()
        self.place = self._folder / file.relative_to(self._master)

    def open(self, content: bytes) -> "Found":
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._master, self._folder)
        self.place.write_bytes(content)
        # nothing here depends on what a power failure leaves: without syncs, thousands of cases take seconds
        store = TinyDbHistory(self._folder, sync=no_sync)
        try:
            (listed,) = store.sessions("p")
            before = store.messages("p", "s")
            session = store.session("p", "s")
            faults = store.faults()
            store.append(attrs.evolve(session, revision=99, head="a9"), turn(9))
            store.close()
            store = TinyDbHistory(self._folder, sync=no_sync)
            after = store.messages("p", "s")
            again = store.session("p", "s")
            assert store.faults() == []
        finally:
            store.close()
        copies = [path.read_bytes() for path in self.place.parent.glob("*.damaged-*")]
        assert after == (*before, *turn(9))
        assert again.revision == 99
        assert listed.name == session.name == again.name == "Plans"
        return Found([message.message_id for message in before], session, faults, copies)


@attrs.frozen
class Found:
    """What opening gave: IDs of messages, the session, sentences, copies that were kept."""

    messages: list[str]
    session: Session
    faults: list[str]
    copies: list[bytes]


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Damaged]:
    yield Damaged(tmp_path)


def turns_by_line(content: bytes) -> list[list[str]]:
    """The IDs of the messages that each line holds."""
    found = []
    for line in content.splitlines(keepends=True):
        payload = decode_line(line)
        operations = payload if isinstance(payload, list) else []
        found.append([operation[3]["messageId"] for operation in operations if operation[:2] == ["put", "messages"]])
    return found


@pytest.mark.parametrize("mask", [1 << bit for bit in range(8)])
def test_a_changed_bit_costs_at_most_its_line(damaged: Damaged, tmp_path: Path, mask: int) -> None:
    whole, lines = damaged.whole, [decode_line(line) for line in damaged.whole.splitlines()]
    file = tmp_path / "changed"
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        contents = read_contents(file)
        number = whole.count(b"\n", 0, place)
        expected = [line for line in lines if isinstance(line, list)]
        without = [line for line in expected if line is not lines[number]]
        assert contents.records in (without, expected), place
        assert contents.damaged, place


def test_a_changed_byte_is_told_of_and_the_file_kept(damaged: Damaged) -> None:
    whole, lines = damaged.whole, turns_by_line(damaged.whole)
    everything = [message_id for line in lines for message_id in line]
    assert len(everything) == 2 * TURNS
    for place in range(len(whole)):
        content = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        number = whole.count(b"\n", 0, place)
        found = damaged.open(content)
        without = [message_id for message_id in everything if message_id not in lines[number]]
        assert found.messages in (without, everything), place
        assert len(found.faults) == 1, place
        assert "is kept as" in found.faults[0]
        assert found.copies == [content], place
        assert found.session.message_count == len(found.messages)
        assert found.session.head == (found.messages[-1] if found.messages else None)


def test_a_lost_line_break_costs_nothing(damaged: Damaged) -> None:
    breaks = [place for place, byte in enumerate(damaged.whole) if byte == ord("\n")]
    for place in breaks:
        found = damaged.open(damaged.whole[:place] + b"?" + damaged.whole[place + 1 :])
        assert len(found.messages) == 2 * TURNS, place


def test_a_file_that_was_cut_off_costs_at_most_what_is_missing(damaged: Damaged) -> None:
    whole, lines = damaged.whole, turns_by_line(damaged.whole)
    last_mark = whole.index(b'{"complete":true}]\n') + len(b'{"complete":true}]\n')
    for length in range(len(whole)):
        found = damaged.open(whole[:length])
        complete = whole.count(b"\n", 0, length)
        kept = [message_id for line in lines[:complete] for message_id in line]
        assert found.messages[: len(kept)] == kept, length
        assert len(found.messages) <= len(kept) + 2
        assert found.session.message_count == len(found.messages)
        if length >= last_mark and whole[:length].endswith(b"\n"):
            # what is left is a sound file: nobody can tell that there was more
            assert found.faults == []
        else:
            assert len(found.faults) == 1, length
            assert found.copies == [whole[:length]], length


@pytest.mark.parametrize("room", [1, 600, 5000, 70_000])
def test_blanks_after_the_last_line_are_no_damage(damaged: Damaged, room: int) -> None:
    found = damaged.open(damaged.whole + BLANK * room)
    assert len(found.messages) == 2 * TURNS
    assert found.faults == []


@pytest.mark.parametrize("place", [0, 299, 599])
@pytest.mark.parametrize("byte", [b"\n", b"\0", b"]", b"x"])
def test_damage_in_the_blanks_is_told_of_and_costs_nothing(damaged: Damaged, place: int, byte: bytes) -> None:
    content = damaged.whole + BLANK * place + byte + BLANK * (599 - place)
    found = damaged.open(content)
    assert len(found.messages) == 2 * TURNS
    assert len(found.faults) == 1
    assert found.copies == [content]


def test_of_a_line_that_was_torn_before_the_blanks_nothing_else_is_lost(damaged: Damaged) -> None:
    line = encode_line(orjson.dumps([["put", "messages", "99", {"text": "x"}]]))
    for length in range(1, len(line) - 1):
        content = damaged.whole + line[:length] + BLANK * 600
        found = damaged.open(content)
        assert len(found.messages) == 2 * TURNS
        assert len(found.faults) == 1, length
        assert found.copies == [content]


@pytest.mark.parametrize("instead", [b"?", BLANK])
def test_a_lost_line_break_before_the_blanks_costs_nothing(damaged: Damaged, instead: bytes) -> None:
    found = damaged.open(damaged.whole[:-1] + instead + BLANK * 600)
    assert len(found.messages) == 2 * TURNS
    assert len(found.faults) == 1


@pytest.mark.parametrize("rubbish", [b"\n", b"\0" * 600, b"\xff\xfe\n" * 3, b'["00000000",[]]\n', b"null\n", b"{}\n"])
def test_rubbish_anywhere_between_lines_costs_nothing(damaged: Damaged, rubbish: bytes) -> None:
    lines = damaged.whole.splitlines(keepends=True)
    for number in range(len(lines) + 1):
        joined = rubbish if rubbish.endswith(b"\n") or number == len(lines) else rubbish + b"\n"
        found = damaged.open(b"".join([*lines[:number], joined, *lines[number:]]))
        assert len(found.messages) == 2 * TURNS
        assert len(found.faults) == 1


def test_a_document_that_looks_like_lines_is_not_taken_for_them(tmp_path: Path) -> None:
    inner = encode_line(orjson.dumps([["drop", "messages"]])).rstrip()
    trap = orjson.loads(inner)
    outer = encode_line(orjson.dumps([["put", "t", "1", {"trap": [trap, trap]}]]))
    assert outer.count(inner) == 2
    file = tmp_path / "trapped"
    file.write_bytes(b"".join(whole_file([orjson.dumps([["put", "t", "0", {}]])])) + outer.replace(b"put", b"pat"))
    contents = read_contents(file)
    assert contents.records == [[["put", "t", "0", {}]]]
    assert contents.damaged == 1


def test_a_damaged_registry_costs_no_session(tmp_path: Path) -> None:
    store = TinyDbHistory(tmp_path)
    store.put_project(PROJECT)
    store.create(SESSION, turn(0))
    store.close()
    for registry in (next(tmp_path.glob("projects/*/sessions.1.jsonl")), next(tmp_path.glob("projects.1.jsonl"))):
        content = registry.read_bytes()
        for place in range(0, len(content), 11):
            for stale in [*registry.parent.glob("sessions.*"), *registry.parent.glob("projects.*")]:
                if stale.is_file():
                    stale.unlink()
            registry.write_bytes(content[:place] + b"\0" + content[place + 1 :])
            store = TinyDbHistory(tmp_path, sync=no_sync)
            assert store.projects() == [PROJECT]
            assert store.sessions("p") == [SESSION]
            assert store.faults()
            store.close()
        for stale in registry.parent.glob(f"{registry.name.split('.')[0]}.*.jsonl*"):
            stale.unlink()
        registry.write_bytes(content)


def test_a_session_whose_file_is_destroyed_stays_in_the_list(tmp_path: Path) -> None:
    store = TinyDbHistory(tmp_path, sync=no_sync)
    store.put_project(PROJECT)
    store.create(SESSION, turn(0))
    # without closing, as after a kill
    (file,) = tmp_path.glob("projects/*/sessions/*/messages.1.jsonl")
    file.write_bytes(b"rubbish")
    again = TinyDbHistory(tmp_path, sync=no_sync)
    (found,) = again.sessions("p")
    assert (found.session_id, found.name, found.message_count) == ("s", "Plans", 0)
    assert list(again.messages("p", "s")) == []
    assert any("damaged-1" in fault for fault in again.faults())
    again.close()
    store.close()
