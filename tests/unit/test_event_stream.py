"""Joining the small events of a chat stream."""

import json
from typing import Any

import pytest

from rejoinder.adapters.event_stream import EventJoiner


def event(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
    return b"data: " + json.dumps({"id": "x", "choices": [choice]}).encode() + b"\n\n"


def encoded(joiner: EventJoiner, *data: bytes) -> bytes:
    """What the library would get for pieces of a stream."""
    return b"".join(event.encode() for piece in data for event in joiner.feed(piece))


def joined(*data: bytes) -> list[Any]:
    """The deltas, or whole events that are no chunks, that come out for pieces of a stream."""
    joiner = EventJoiner()
    out = encoded(joiner, *data) + joiner.rest()
    found = [line.removeprefix(b"data: ") for line in out.split(b"\n\n") if line]
    return [json.loads(line)["choices"][0]["delta"] if line.startswith(b"{") else line for line in found]


def test_neighbouring_texts_become_one() -> None:
    stream = event({"role": "assistant", "content": ""}) + event({"content": "a"}) + event({"content": "b"})
    assert joined(stream) == [{"role": "assistant", "content": ""}, {"content": "ab"}]


def test_thoughts_and_text_stay_apart_and_in_order() -> None:
    stream = event({"reasoning_content": "a"}) * 2 + event({"content": "b"}) * 2 + event({"reasoning_content": "c"})
    assert joined(stream) == [{"reasoning_content": "aa"}, {"content": "bb"}, {"reasoning_content": "c"}]


@pytest.mark.parametrize(
    "other",
    [
        event({"content": "x"}, finish_reason="stop"),
        event({"content": "x"}, logprobs={"content": []} | {"some": 1}),
        event({"content": "x", "tool_calls": [{"index": 0}]}),
        event({"content": ["x"]}),
        event({}),
        event({"content": "</think>"}),
    ],
)
def test_what_says_more_than_text_passes_between(other: bytes) -> None:
    text = event({"content": "a"})
    assert joined(text + other + text)[::2] == [{"content": "a"}] * 2


def test_what_is_no_chunk_passes() -> None:
    stream = b": ping\n\ndata: [DONE]\n\ndata: {broken\n\nevent: x\ndata: {}\n\nno end"
    joiner = EventJoiner()
    assert encoded(joiner, stream) + joiner.rest() == stream
    assert not joiner.has_text


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_pieces_may_be_cut_anywhere(end: bytes) -> None:
    stream = (event({"content": "a é"}) * 3 + b"data: [DONE]\n\n").replace(b"\n", end)
    for cut in range(len(stream)):
        found = joined(stream[:cut], stream[cut:])
        assert "".join(delta["content"] for delta in found[:-1]) == "a é" * 3
        assert found[-1] == b"[DONE]"


@pytest.mark.parametrize(
    "odd",
    [
        event({"content": "x"}, finish_reason="stop"),
        event({"content": "</think>"}),
        event({"content": 'a","role":"b'}),
        event({"content": ""}),
        event({"content": None}),
        event({"content": ["x"]}),
        event({"reasoning_content": "a"}),
        event({"content": 'é \U0001f600 \\ " \n'}),
        event({"content": "a", "more": "b"}),
        event({"content": "a"}).replace(b'"a"', b'"a", "b"'),
        event({"content": "a"}).replace(b'"a"', b'"a"\n'),
        event({"content": "a"}).replace(b'"a"', b""),
        event({"content": "a"}).replace(b'"a"', b'"a'),
        b": ping\n\n",
    ],
)
@pytest.mark.parametrize("first", ["a", "x", "é", "?"])
def test_a_run_of_like_events_means_what_each_one_means(odd: bytes, first: str) -> None:
    plain = event({"content": first}) + event({"content": "b"})
    each = [part + b"\n\n" for part in (odd + plain).split(b"\n\n") if part]
    assert meaning(plain, odd + plain) == meaning(plain, *each)


def meaning(*data: bytes) -> list[Any]:
    """Kinds of text with all of it that has nothing between, and the other events."""
    joiner = EventJoiner()
    found: list[Any] = []
    for event in (event for piece in data for event in joiner.feed(piece)):
        if event.field is None:
            found.append(event.data)
        elif found and found[-1][0] == event.field:
            found[-1] = (event.field, found[-1][1] + event.text)
        else:
            found.append((event.field, event.text))
    return found
