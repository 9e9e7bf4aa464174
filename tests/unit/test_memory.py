"""What may be remembered, and how it is kept as a document."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.completion import commands
from rejoinder.domain.errors import InvalidInput, TooLarge
from rejoinder.domain.memory import (
    LARGEST_METADATA,
    LONGEST_TEXT,
    Memory,
    MemorySource,
    check_expiry,
    check_metadata,
    check_quality,
    check_text,
    decode_memory,
    default_expiry,
    encode_memory,
    recallable,
)
from rejoinder.domain.mentions import leading_action, note_in

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.none() | st.text(min_size=1, max_size=20)
memories = st.builds(
    Memory,
    memory_id=st.just("m1"),
    text=st.text(min_size=1),
    kind=st.sampled_from(["short", "long"]),
    created_at=times,
    updated_at=times,
    user_id=st.text(min_size=1, max_size=20),
    quality=st.floats(0, 1),
    metadata=st.dictionaries(st.text(), values, max_size=3),
    source=st.builds(MemorySource, names, names, names),
    expires_at=st.none() | times,
)


def entry(**fields: Any) -> Memory:
    given: dict[str, Any] = {"text": "It rains.", "kind": "long", "created_at": NOW, "updated_at": NOW}
    return Memory(memory_id="m1", **{**given, **fields})


@given(memories)
def test_an_entry_comes_back_from_its_document(memory: Memory) -> None:
    assert decode_memory("m1", encode_memory(memory)) == memory


@pytest.mark.parametrize(
    "document", [{}, {"kind": "other", "text": "x"}, {"kind": "long", "text": 3}, {"kind": "long", "text": "x"}]
)
def test_what_is_no_entry_is_told_apart(document: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        decode_memory("m1", document)


@pytest.mark.parametrize("quality", [-0.001, 1.001, float("nan"), float("inf")])
def test_a_quality_is_from_0_to_1(quality: float) -> None:
    with pytest.raises(InvalidInput, match="quality"):
        check_quality(quality)
    assert [check_quality(one) for one in (0, 0.5, 1)] == [0.0, 0.5, 1.0]


def test_a_text_has_something_in_it_and_is_not_too_long() -> None:
    assert check_text("x" * LONGEST_TEXT)
    with pytest.raises(TooLarge) as caught:
        check_text("é" * (LONGEST_TEXT // 2 + 1))
    assert caught.value.data == {"limit": LONGEST_TEXT}
    for blank in ("", " \n\t"):
        with pytest.raises(InvalidInput, match="text"):
            check_text(blank)


def test_metadata_are_json_and_not_too_large() -> None:
    assert check_metadata({"a": [1, None, {"b": 0.5}]}) == {"a": [1, None, {"b": 0.5}]}
    deep: dict[str, Any] = {}
    deep["a"] = deep
    for wrong in ({"a": object()}, {"a": float("nan")}, deep):
        with pytest.raises(InvalidInput, match="metadata"):
            check_metadata(wrong)
    with pytest.raises(TooLarge):
        check_metadata({"a": "x" * LARGEST_METADATA})


def test_an_expiry_is_to_come() -> None:
    assert check_expiry(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(InvalidInput, match="expiresAt"):
        check_expiry(NOW, NOW)


def test_where_an_entry_counts_and_until_when() -> None:
    there = MemorySource(session_id="s")
    assert entry(source=there).session_id is None
    assert entry(kind="short", source=there).session_id == "s"
    assert default_expiry("short", there, NOW) is default_expiry("long", MemorySource(), NOW) is None
    assert default_expiry("short", MemorySource(), NOW) == NOW + timedelta(days=7)
    assert not entry().is_expired(NOW)
    assert entry(expires_at=NOW).is_expired(NOW)


def test_what_is_found_names_the_entry_and_where_it_came_from() -> None:
    found = recallable(entry(text="two\nlines", kind="short", source=MemorySource("s", "q"), quality=0.9))
    assert (found.uri, found.scope, found.quality) == ("rejoinder:/memory/m1", "short", 0.9)
    assert (found.session_id, found.message_id) == ("s", "q")
    assert (found.place.start_line, found.place.end_line, found.place.end_character) == (0, 1, 5)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("/remember the key is under the mat", "the key is under the mat"),
        ("  /remember\nfirst\nsecond ", "first\nsecond"),
        ("/remember", ""),
        ("/remembered", None),
        ("please /remember this", None),
        ("/explain", None),
        ("", None),
    ],
)
def test_a_note_stands_behind_its_command_at_the_beginning(text: str, note: str | None) -> None:
    assert note_in(text) == note
    if note is not None:
        assert leading_action(text) == (None, text)


def test_the_command_is_proposed_with_the_others() -> None:
    assert [one.insert for one in commands("rem")] == ["/remember "]
    assert {"/remember", "/explain"} <= {one.label for one in commands("")}
