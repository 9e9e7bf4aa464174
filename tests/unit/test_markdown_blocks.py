"""Cutting Markdown that is still coming in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder_client.cli.answer_view import printable
from rejoinder_client.cli.markdown_blocks import finished_length


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("", ""),
        ("one", ""),
        ("one\n\n", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\ntwo\n\nthree", "one\n\ntwo\n\n"),
        ("- item\n\n  of the item\n", ""),
        ("- item\n\n  of the item\n\nnext", "- item\n\n  of the item\n\n"),
        ("```py\n\nx\n\ny", ""),
        ("```py\n\nx\n```\n\ny", "```py\n\nx\n```\n\n"),
        ("````\n```\n\nx", ""),
        ("~~~\n```\n\nx", ""),
        ("```a`b\n\nx", "```a`b\n\n"),
    ],
)
def test_whole_blocks_are_cut_off(text: str, finished: str) -> None:
    assert text[: finished_length(text)] == finished


@settings(deadline=None)
@given(st.text(alphabet="a `~\n-", max_size=80), st.text(alphabet="a `~\n-", max_size=20))
def test_what_is_finished_stays_finished(text: str, more: str) -> None:
    cut = finished_length(text)
    assert finished_length(text + more) >= cut
    assert finished_length(text[:cut] + "x") == cut


@given(st.text())
def test_nothing_printable_steers_a_terminal(text: str) -> None:
    shown = printable(text)
    assert all(character in "\n\t" or character >= " " for character in shown)
    assert not set(shown) & set(map(chr, range(0x7F, 0xA0)))
