import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.lines import lines_of
from rejoinder.lsp.positions import Encoding, place_of, range_of, slice_of, units, units_before
from rejoinder.protocol.types import Position, Range

LINES = lines_of("a😀b\n\nünï\nend\n")
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def wire(start_line: int, start: int, end_line: int, end: int) -> Range:
    return Range(Position(start_line, start), Position(end_line, end))


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)],
)
def test_characters_count_in_the_negotiated_units(encoding: Encoding, end: int) -> None:
    place = place_of(wire(0, 1, 0, end), LINES, encoding)
    assert place == Place(0, 1, 0, 2)
    assert slice_of(place, LINES) == "😀"


def test_a_slice_over_lines_joins_them() -> None:
    assert slice_of(Place(0, 2, 2, 1), LINES) == "b\n\nü"
    assert slice_of(Place(3, 0, 4, 0), LINES) == "end\n"


@pytest.mark.parametrize(
    "outside",
    [
        wire(5, 0, 5, 0),
        wire(0, 0, 9, 0),
        wire(-1, 0, 0, 0),
        wire(0, -1, 0, 1),
        wire(4, 0, 5, 0),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_range_outside_of_the_document_is_refused(outside: Range, encoding: Encoding) -> None:
    with pytest.raises(InvalidInput) as caught:
        place_of(outside, LINES, encoding)
    assert caught.value.data["key"] == "range"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_character_beyond_its_line_means_the_lines_end(encoding: Encoding) -> None:
    whole = place_of(wire(0, 0, 0, 2**31 - 1), LINES, encoding)
    assert slice_of(whole, LINES) == LINES[0]
    assert place_of(wire(1, 7, 4, 1), LINES, encoding) == Place(1, 0, 4, 0)


def test_the_end_of_a_document_that_ends_with_a_line_end_is_inside() -> None:
    assert place_of(wire(0, 0, 4, 0), LINES, "utf-16") == Place(0, 0, 4, 0)


@pytest.mark.parametrize("backwards", [wire(2, 0, 0, 0), wire(0, 2, 0, 1)])
def test_a_range_that_ends_before_it_begins_is_refused(backwards: Range) -> None:
    with pytest.raises(InvalidInput, match="ends before it begins"):
        place_of(backwards, LINES, "utf-16")


texts = st.lists(
    st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8), min_size=1
)


@settings(deadline=None)
@given(texts, st.sampled_from(ENCODINGS), st.data())
def test_a_place_comes_back_from_the_wire(lines: list[str], encoding: Encoding, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    begin = data.draw(st.integers(0, len(lines[first])))
    place = Place(first, begin, last, data.draw(st.integers(begin if first == last else 0, len(lines[last]))))
    sent = range_of(place, slice_of(place, lines), encoding, units_before(place, lines))
    assert sent.start.character == units(lines[first][:begin], encoding)
    assert sent.end.character == units(lines[last][: place.end_character], encoding)
    assert place_of(sent, lines, encoding) == place


def test_a_surrogate_alone_is_measured_too() -> None:
    assert [units("\ud800", encoding) for encoding in ENCODINGS] == [3, 1, 1]
