"""What is streamed over HTTP is masked as the whole would be, however it is cut into pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.redaction import Redactor
from rejoinder.http.masking import StreamMask

KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7" * 4 + "\nabc=\n-----END RSA PRIVATE KEY-----\n"
PIECES = (
    *("word ", "two words\n", "é", "長い文", "\n", " ", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789", KEY),
    *("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl ", 'password = "hunter2hunter"\n', "token ", "AKIA"),
    *(
        "sk_live_abcdefghijklmnop1234 ",
        "https://ann:secret123@host/x ",
        "API_KEY=abcdefgh1234\n",
        "-----BEGIN",
        "Bearer ",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def unnumbered(text: str) -> str:
    """Pieces are masked in another order than a whole."""
    return re.sub(r"(\[masked:[a-z-]+:)\d+", r"\1", text)


@given(text=TEXTS, cuts=st.lists(st.integers(0, 600), max_size=12))
def test_pieces_come_to_the_masked_whole(text: str, cuts: list[int]) -> None:
    at = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    mask = StreamMask()
    told = [mask.add(text[start:end]) for start, end in pairwise(at)]
    assert unnumbered("".join([*told, mask.rest()])) == unnumbered(Redactor().mask(text))


@pytest.mark.parametrize("text", ["plain words that come one by one ", "漢字がつづく", "line\nby line\n"])
def test_what_holds_no_secret_is_hardly_held_back(text: str) -> None:
    mask = StreamMask()
    told = ""
    for at, sign in enumerate(text, 1):
        told += mask.add(sign)
        assert len(text[:at]) - len(told) < 8
    assert told + mask.rest() == text
