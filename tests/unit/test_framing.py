"""Frames out of a stream, however it is cut and whatever is wrong with it."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.lsp.framing import (
    EDGE,
    HEADER_LIMIT,
    LINE_LIMIT,
    BrokenFrame,
    Frame,
    FrameParser,
    OversizedFrame,
    framed,
)


def frames(*pieces: bytes, body_limit: int = 1000) -> list[Frame]:
    parser = FrameParser(body_limit=body_limit)
    return [frame for piece in pieces for frame in parser.feed(piece)]


def bodies(found: Iterable[Frame]) -> list[bytes]:
    return [frame for frame in found if isinstance(frame, bytes)]


def test_length_counts_bytes() -> None:
    body = '{"a": "é€😀"}'.encode()
    assert framed(body).startswith(b"Content-Length: %d\r\n" % len(body))
    assert frames(framed(body) + framed(b"{}")) == [body, b"{}"]


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length : 2 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nX-Other: a: b\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers_that_differ_and_mean_the_same(head: bytes) -> None:
    assert frames(head + b"{}") == [b"{}"]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"hello\r\n",
        b"\x00\xff\xfe garbage {",
        b"Content-Length: -5\r\n\r\n{}",
        b"Content-Length: abc\r\n\r\n{}",
        b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: \r\n\r\n",
        b"Content-Length: 99999999999999999999999\r\n\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        "Content-Length: ٣\r\n\r\n".encode(),
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"X-Only: other\r\n\r\n{}",
        b"A: b\r\n" * (HEADER_LIMIT + 1),
        b"x" * (LINE_LIMIT + 100),
        b"X-Long: " + b"y" * (3 * LINE_LIMIT) + b"\r\n",
        b'{"text": "Content-Length: 7 is what it says"}\r\n',
    ],
)
def test_rubbish_is_told_once_and_the_next_message_is_heard(rubbish: bytes) -> None:
    found = frames(rubbish + framed(b'{"next": 1}') + framed(b"{}"))
    assert [type(frame) for frame in found] == [BrokenFrame, bytes, bytes]
    assert bodies(found) == [b'{"next": 1}', b"{}"]


def test_each_run_of_rubbish_is_told() -> None:
    found = frames(b"what?\r\n" + framed(b"{}") + b"what?\r\nand what?\r\n" + framed(b"[]"))
    assert [type(frame) for frame in found] == [BrokenFrame, bytes, BrokenFrame, bytes]


def test_wrong_length_costs_its_own_message_only() -> None:
    short = b'Content-Length: 3\r\n\r\n{"a": 1}'
    assert bodies(frames(short + framed(b"{}")))[-1] == b"{}"


def test_half_a_message_gives_nothing() -> None:
    assert frames(b"Content-Length: 10\r\n\r\n{}") == []
    assert frames(b"Content-Len") == []


def test_empty_body_is_a_body() -> None:
    assert frames(b"Content-Length: 0\r\n\r\n" + framed(b"{}")) == [b"", b"{}"]


def test_oversized_body_keeps_its_ends_and_no_more() -> None:
    body = b"<head>" + b"x" * (4 * EDGE) + b"<tail>"
    parser = FrameParser(body_limit=EDGE)
    stream = framed(body) + framed(b"{}")
    found: list[Frame] = []
    for start in range(0, len(stream), 1000):
        found += parser.feed(stream[start : start + 1000])
    oversized = found[0]
    assert isinstance(oversized, OversizedFrame)
    assert (oversized.length, oversized.limit) == (len(body), EDGE)
    assert oversized.head == body[:EDGE] and oversized.tail == body[-EDGE:]
    assert found[1:] == [b"{}"]


def test_body_of_exactly_the_limit_is_taken() -> None:
    assert frames(framed(b"x" * 1000)) == [b"x" * 1000]
    assert isinstance(frames(framed(b"x" * 1001))[0], OversizedFrame)


_STREAMS = st.lists(
    st.one_of(
        st.binary(max_size=60).map(framed),
        st.binary(max_size=60),
        st.sampled_from(
            [b"Content-Length: 4\r\n", b"\r\n", b"\n", b"Content-Length:", b"Content-Length: 2000\r\n\r\n"]
        ),
    ),
    max_size=12,
).map(b"".join)


@given(stream=_STREAMS, cuts=st.lists(st.integers(0, 800), max_size=8))
def test_cuts_make_no_difference(stream: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[start:end] for start, end in itertools.pairwise(edges)]
    assert bodies(frames(*pieces)) == bodies(frames(stream))


@given(messages=st.lists(st.binary(max_size=200), max_size=8))
def test_every_message_comes_through(messages: list[bytes]) -> None:
    stream = b"".join(map(framed, messages))
    assert frames(*(stream[at : at + 1] for at in range(len(stream)))) == messages
