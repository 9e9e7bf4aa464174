"""JSON text at its edges, and what is told from the ends of a message too large to read."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.nesting import nests_too_deep
from rejoinder.lsp.json_text import NESTING_LIMIT, NotJson, decode, encode
from rejoinder.lsp.messages import envelope


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"\xff\xfe", b'{"a": "\xc3"}', b"[" * 5000 + b"]" * 5000, b"{}{}"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(NotJson):
        decode(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'"a\uDC00b"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud83d\ude00 \ud83d"', "😀 \ufffd"),
        (rb'"\\ud800 \ud800"', "\\ud800 \ufffd"),
        (rb'"\ud800\ud83d\ude00"', "\ufffd😀"),
        (rb'"\ud800\n"', "\ufffd\n"),
    ],
)
def test_lone_surrogates_become_replacement_characters(body: bytes, value: str) -> None:
    assert decode(body) == value


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        ({"a": math.nan, "b": [math.inf, -math.inf]}, {"a": None, "b": [None, None]}),
        ({"t": "a\ud800b"}, {"t": "a\ufffdb"}),
        ({"\ud800": "\udfff", "n": math.nan}, {"\ufffd": "\ufffd", "n": None}),
        ({"big": 2**70}, {"big": 2**70}),
        ({1: "one"}, {"1": "one"}),
    ],
)
def test_values_that_are_hard_to_write(value: Any, decoded: Any) -> None:
    assert json.loads(encode(value)) == decoded


@pytest.mark.parametrize("value", [object(), {"a": b"bytes"}, {1, 2}])
def test_values_that_json_cannot_hold(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


def test_nesting() -> None:
    def nested(levels: int) -> Any:
        value: Any = "leaf"
        for level in range(levels):
            value = [value] if level % 2 else {"k": value}
        return value

    assert not nests_too_deep(nested(NESTING_LIMIT), NESTING_LIMIT)
    assert nests_too_deep(nested(NESTING_LIMIT + 1), NESTING_LIMIT)
    assert decode(encode({"result": {"metadata": nested(NESTING_LIMIT)}}))
    with pytest.raises(TypeError):
        encode(nested(100_000))  # beyond any limit of recursion that is set elsewhere


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ('{"jsonrpc":"2.0","id":7,"method":"m","params":{"id":99}}', {"jsonrpc": "2.0", "id": 7, "method": "m"}),
        ('{"jsonrpc": "2.0", "method": "m", "params": {"id": 99}, "id": "a-1"}', {"id": "a-1", "method": "m"}),
        ('{"params":{"a":[1]},"id":3,"jsonrpc":"2.0","method":"m"}\n', {"id": 3, "method": "m"}),
        ('{"params":{"id":99}}', {}),
        ('{"params":{"text":",\\"id\\":5}"}}', {}),
        ('{"params":{"text":"x\\\\"},"extra":",\\"id\\":5"}', {}),
        ('{"jsonrpc":"2.0","method":"m","params":[{"x":1,"id":5}]}', {"method": "m"}),
        ('[{"id":5}]', {}),
    ],
)
def test_envelope_from_the_ends(text: str, members: dict[str, Any]) -> None:
    found = envelope(text.encode(), text.encode())
    assert {key: found.get(key) for key in ("id", "method")} == {key: members.get(key) for key in ("id", "method")}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='",:{}\\idx 1'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "x", 'y",']) | st.text('",id\\'), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    message=st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params", "x"]) | st.text('",id:\\'), _VALUES),
    cut=st.integers(0, 40),
)
def test_envelope_never_tells_what_is_not_so(message: dict[str, Any], cut: int) -> None:
    body = json.dumps(message).encode()
    for key, value in envelope(body[:cut], body[-cut:] if cut else b"").items():
        assert message[key] == value
