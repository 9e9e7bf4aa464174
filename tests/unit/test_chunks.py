"""How a text is cut into passages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.index.chunks import LONGEST_CHUNK, OVERLAP_LINES, WINDOW_LINES, split

ENDINGS = "py js ts tsx go rs c cpp java cs rb php lua sh md html css json yaml toml txt"
NAMES = ["a." + ending for ending in ENDINGS.split()]
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


# What opens, closes and joins things in one language or another.
WORDS = st.sampled_from(
    [
        *"()[]{}<>;:,.#=|&%$@!?*-+/\\'\"`~^\n\t é💡\0\ud800",
        *(
            "\n\n",
            "\r\n",
            "    ",
            "class ",
            "def f():\n",
            "fn f() {",
            "function f() {",
            "end\n",
            "if x ",
            "then\n",
            "=> ",
        ),
        *(
            "/*",
            "*/",
            "//",
            "<!--",
            "-->",
            "<div>",
            "</div>",
            "<?php ",
            "<<E\n",
            "E\n",
            '"""',
            "'''",
            'R"(',
            "${",
            "#{",
        ),
        *("- ", "a: ", "[[a]]", "#if X\n", "#endif\n", "```\n", "# a\n", "a\n---\n"),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.lists(WORDS, max_size=120).map("".join))
def test_any_text_of_any_language_is_cut(name: str, text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    covered: set[int] = set()
    reached = (-1, -1)
    for chunk in split(text, name):
        place = chunk.place
        body = text[chunk.start : chunk.end].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert lines[place.start_line][place.start_character :].startswith(body[0])
        assert lines[place.end_line][: place.end_character].endswith(body[-1])
        assert len(body) == place.end_line - place.start_line + 1
        assert (chunk.start, chunk.end) > reached
        assert all(0 <= start <= end <= len(text) for start, end in chunk.definitions)
        reached = (chunk.start, chunk.end)
        covered.update(range(place.start_line, place.end_line + 1))
    assert {number for number, line in enumerate(lines) if line.strip()} <= covered


OPENING = ("(", "[", "{", "<", "a<", "%w(", "- ", "<div>", "if x:\n ", "a(\n", "/*", '"')
TOO_MUCH = {
    **{opening * 10_000: f"10,000 {opening!r}" for opening in OPENING},
    "(" * 10_000 + ")" * 10_000: "closed again",
    "f(" * 300 + ")" * 300: "300 deep",
    "x = 1; " * 100_000: "one line",
    "\0\x01\xff" * 3_000: "binary",
    "".join(" " * depth + "a:\n" for depth in range(500)): "500 indentations",
    "\r" * 1000: "returns",
    "a\rb\r\nc\n": "three line ends",
    "\ufeff# a\n": "byte order mark",
    "\ud800\n": "half a character",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", TOO_MUCH, ids=TOO_MUCH.values())
def test_no_text_is_too_much(name: str, text: str) -> None:
    chunks = list(split(text, name))
    assert chunks or not text.strip()
    assert all(chunk.end - chunk.start <= LONGEST_CHUNK for chunk in chunks)


def test_a_line_of_fifty_megabytes_is_cut() -> None:
    text = "x" * 50_000_000
    assert sum(chunk.end - chunk.start for chunk in split(text, "a.js")) == len(text)
