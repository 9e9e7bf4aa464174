"""What pieces words are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.word_pieces import WordPieces, parts

VOCABULARY = {piece: number for number, piece in enumerate(["get", "user", "name", "un", "seen", "s", "2"])}


def spelled(text: str) -> list[str]:
    names = list(VOCABULARY)
    return [names[number] for number in WordPieces(VOCABULARY).pieces(text)]


@pytest.mark.parametrize("text", ["getUserName2", "get_user_name_2", "GET user-name 2", "GetUSERName2"])
def test_an_identifier_is_split_by_case_underscore_and_digits(text: str) -> None:
    assert spelled(text) == ["get", "user", "name", "2"]


def test_a_word_that_is_no_piece_is_cut_into_the_longest_that_fit() -> None:
    assert spelled("unseen users") == ["un", "seen", "user", "s"]


def test_what_cannot_be_spelled_is_left_out() -> None:
    assert spelled("x日本users!") == ["user", "s"]
    assert spelled("") == []


def test_a_long_word_counts_by_its_beginning() -> None:
    assert len(spelled("s" * 10_000)) == 64


@given(st.text())
def test_any_text_has_parts_in_lower_case(text: str) -> None:
    assert all(part and part == part.lower() for part in parts(text) if part.isascii())
