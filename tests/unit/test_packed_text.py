import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.index.packed_text import cut_text, pack_text

LONG = "".join(f"line {number} größer 🎉\n" for number in range(2000))


@given(st.integers(0, len(LONG)), st.integers(0, 9000))
def test_a_part_is_what_it_was(start: int, length: int) -> None:
    assert cut_text(pack_text(LONG), start, start + length) == LONG[start : start + length]


@pytest.mark.parametrize("text", ["", "a", "ab" * 8192])
def test_the_whole_comes_back(text: str) -> None:
    assert cut_text(pack_text(text), 0, len(text)) == text


def test_damage_is_seen() -> None:
    packed = pack_text(LONG)
    for damaged in (b"", packed[:20], packed[:40] + b"\xff" * (len(packed) - 40)):
        with pytest.raises(sqlite3.DatabaseError):
            cut_text(damaged, 0, 100)
