"""What is known is not sent again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import hit
from rejoinder.domain.conversation import Attachment, Place
from rejoinder.domain.repeats import without_repeats
from rejoinder.domain.retrieval import Hit

LINES = [f"line {number}" for number in range(60)]


def passage(first: int, last: int, uri: str = "file:///p/a.py") -> Hit:
    """Whole lines, counted from 0, the last one included."""
    return hit("\n".join(LINES[first : last + 1]), uri, place=Place(first, 0, last, len(LINES[last])))


def test_a_passage_of_an_attached_file_is_left_out() -> None:
    attached = [Attachment("file:///p/a.py", text="all of it")]
    assert without_repeats([passage(3, 9), other := passage(3, 9, "file:///p/b.py")], attached) == [other]


@pytest.mark.parametrize(
    ("known", "left"), [((0, 5), (6, 9)), ((7, 12), (3, 6)), ((4, 5), (6, 9)), ((0, 2), (3, 9)), ((3, 9), None)]
)
def test_an_attached_part_is_cut_off(known: tuple[int, int], left: tuple[int, int] | None) -> None:
    attached = [Attachment("file:///p/a.py", Place(known[0], 0, known[1], 4), text="…")]
    assert without_repeats([passage(3, 9)], attached) == ([passage(*left)] if left else [])


def test_a_message_comes_once() -> None:
    said = hit("said", "rejoinder:/session/s#m", source="message", message_id="m")
    assert without_repeats([said, said], []) == [said]


def test_pieces_of_one_long_line_are_different_places() -> None:
    pieces = [hit("x" * 9, place=Place(4, start, 4, start + 9)) for start in (0, 9, 9)]
    assert without_repeats(pieces, []) == pieces[:2]
    assert without_repeats(pieces, [Attachment("file:///p/a.py", Place(0, 0, 8, 0), text="…")]) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_no_line_comes_twice_and_each_text_stands_at_its_place(spans: list[tuple[int, int]]) -> None:
    kept = without_repeats([passage(first, first + length) for first, length in spans], [])
    told = [line for each in kept for line in range(each.place.start_line, each.place.end_line + 1)]
    assert len(told) == len(set(told))
    for each in kept:
        assert each.text == passage(each.place.start_line, each.place.end_line).text
