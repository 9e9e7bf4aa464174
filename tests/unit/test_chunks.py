"""How a text is cut into passages."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.index.chunks import LONGEST_CHUNK, OVERLAP_LINES, WINDOW_LINES, split

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12), max_size=90)


def test_windows_overlap() -> None:
    text = "".join(f"line {number}\n" for number in range(100))
    places = [chunk.place for chunk in split(text)]
    assert places[0] == Place(0, 0, WINDOW_LINES - 1, len("line 39"))
    assert places[1].start_line == WINDOW_LINES - OVERLAP_LINES
    assert places[-1].end_line == 99


def test_long_lines_are_cut() -> None:
    text = "short\n" + "x" * (2 * LONGEST_CHUNK + 5) + "\n"
    chunks = list(split(text))
    assert all(chunk.end - chunk.start <= LONGEST_CHUNK for chunk in chunks)
    assert chunks[-1].place == Place(1, 2 * LONGEST_CHUNK, 1, 2 * LONGEST_CHUNK + 5)


def test_nothing_gives_nothing() -> None:
    assert not list(split("")) and not list(split(" \n\t\r\n"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_places_fit_the_text_and_no_line_is_lost(lines: list[str], ending: str) -> None:
    text = ending.join(lines)
    covered: set[int] = set()
    for chunk in split(text):
        place = chunk.place
        body = lines[place.start_line : place.end_line + 1]
        body[-1] = body[-1][: place.end_character]
        body[0] = body[0][place.start_character :]
        assert text[chunk.start : chunk.end] == ending.join(body)
        covered.update(range(place.start_line, place.end_line + 1))
    assert {number for number, line in enumerate(lines) if line.strip()} <= covered
