"""Whether a text nests so deeply that a parser would be busy with it for hours, without a look at the clock."""

import re

DEEPEST = 250
"""Open brackets; the parsers' time grows with the cube of them, and is a tenth of a second here."""

_OPEN, _CLOSE = b"([{", b")]}"
_OTHER = bytes(set(range(256)) - set(_OPEN + _CLOSE))
_MOST_PASSES = 32
_ANGLE_OR_END = re.compile(rb"[<>;(){}]")


def nests_deeply(source: bytes, *, angles: bool = False) -> bool:
    """Whether more than DEEPEST brackets are open at once, strings and comments included; with `angles`, also `<`."""
    return _depth(source.translate(None, _OTHER)) > DEEPEST or (angles and _open_angles(source) > DEEPEST)


def _depth(brackets: bytes) -> int:
    # pairs go first, all at once: of a usual text next to nothing is left to be counted one by one
    taken = 0
    for _ in range(_MOST_PASSES):
        fewer = brackets.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
        taken += 3
    depth = deepest = 0
    for bracket in brackets:
        depth = depth + 1 if bracket in _OPEN else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest + taken if deepest else taken


def _open_angles(source: bytes) -> int:
    run = longest = 0
    for mark in _ANGLE_OR_END.finditer(source):
        run = run + 1 if mark[0] == b"<" else 0
        longest = max(longest, run)
    return longest
