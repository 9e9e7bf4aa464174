from datetime import UTC, datetime

import pytest

from rejoinder.domain.titles import LONGEST, dated_name, title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("How does the parser work? Tell me all.", "How does the parser work?"),
        ("fix this", "fix this"),
        ("/explain @file:src/app.py#L1-20", "src/app.py"),
        ("\n\n  # A heading\nand more", "A heading"),
        ("```python\nprint(1)\n```\nWhat prints here?", "What prints here?"),
        ("version 1.2 of it", "version 1.2 of it"),
        ("tabs\tand   spaces", "tabs and spaces"),
        ("これは何ですか。教えて", "これは何ですか。教えて"),
    ],
)
def test_the_first_sentence_is_the_title(text: str, title: str) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize("text", ["", "   \n", "```\ncode only\n```", "...", "/explain", "---"])
def test_where_there_is_nothing_to_take_there_is_none(text: str) -> None:
    assert title_of(text) is None


def test_a_long_one_is_cut_at_a_word() -> None:
    title = title_of("word " * 40)
    assert title is not None
    assert title.endswith("word…")
    assert len(title) <= LONGEST + 1


def test_a_long_word_is_cut_anywhere() -> None:
    assert title_of("x" * 200) == "x" * LONGEST + "…"


def test_a_title_is_one_line() -> None:
    title = title_of("a\u2028b\x85c\r\nd")
    assert title is not None
    assert len(title.splitlines()) == 1


def test_a_dated_name_is_to_the_minute() -> None:
    assert dated_name(datetime(2026, 1, 2, 3, 4, 59, tzinfo=UTC)) == "Session 2026-01-02 03:04"


@pytest.mark.parametrize("unit", ["```", "` ", "a? ", "\n", "# ", "/a "])
def test_hostile_texts_take_time_in_step_with_their_length(unit: str) -> None:
    title_of(unit * (1_000_000 // len(unit)))
