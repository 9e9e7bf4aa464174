"""Cuts a text by its outline: long definitions into parts, short neighbours together."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import attrs

from rejoinder.declared import frozen
from rejoinder.index.syntax.outline import WHOLE_ROWS, Definition, Outline

PART_ROWS = 40
"""How long the parts of something longer are, about."""

JOINED_ROWS = 30
"""Short neighbours are joined up to this many rows."""

_LEAST_PART_ROWS = 12
_TINY_ROWS = 3
_MOST_SCOPES = 6
_CLOSING = re.compile(r"[\s\])};,]*(end|fi|done|esac|#\s*endif.*|(</[\w:-]+>\s*)+)?[\s\])};,]*\Z")

_Around = tuple[Definition, ...]


@frozen
class Part:
    """A stretch of rows, the last one included, of which the first and the last are not blank."""

    first: int
    last: int
    around: _Around
    """The definitions that it lies in, its own included when it is one or a part of one.

    A head of a few rows does not count: with the line of its class, a method is still the method.
    """
    outer: _Around
    """The same without its own."""
    begun: _Around = ()
    """The definitions whose signatures stand in it."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.last - self.first + 1

    @property
    def scope(self) -> str:
        """What it lies in, from the outside in."""
        return " › ".join(definition.title for definition in self.around[-_MOST_SCOPES:])


def cut(outline: Outline, lines: Sequence[str]) -> list[Part]:
    """The parts of a text from its top to its bottom, none over another; they hold all that is not blank."""
    parts: list[Part] = []
    for part in _pieces(outline, lines):
        joined = _joined(parts[-1], part, lines) if parts else None
        if joined is None:
            parts.append(part)
        else:
            parts[-1] = joined
    return _with_begun(parts, outline.definitions)


def _pieces(outline: Outline, lines: Sequence[str]) -> Iterator[Part]:
    members: dict[Definition | None, list[Definition]] = {}
    for definition in outline.definitions:
        members.setdefault(definition.parent, []).append(definition)
    breaks = sorted(outline.breaks.items())
    todo: list[tuple[int, int, _Around, _Around, list[Definition]]] = [
        (0, len(lines) - 1, (), (), members.get(None, []))
    ]
    while todo:
        first, last, around, outer, inner = todo.pop()
        first, last = _trimmed(first, last, lines)
        if first > last:
            continue
        if around != outer and last - first < WHOLE_ROWS:
            yield Part(first, last, around, outer)
        elif inner:
            todo.extend(reversed(list(_spans(first, last, around, inner, members))))
        else:
            yield from (Part(*rows, around, outer) for rows in _stretches(first, last, breaks, lines))


def _spans(
    first: int, last: int, around: _Around, inner: list[Definition], members: dict[Definition | None, list[Definition]]
) -> Iterator[tuple[int, int, _Around, _Around, list[Definition]]]:
    """The definitions within a stretch and what stands between them."""
    row = first
    for definition in inner:
        begin, end = max(definition.first, row), min(definition.last, last)
        if begin <= end:
            yield row, begin - 1, around, around, []
            yield begin, end, (*around, definition), around, members.get(definition, [])
            row = end + 1
    yield row, last, around, around, []


def _stretches(first: int, last: int, breaks: list[tuple[int, int]], lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """A long stretch cut where that separates least, else at a blank line, else anywhere."""
    while last - first >= WHOLE_ROWS:
        begin = bisect_right(breaks, (first + _LEAST_PART_ROWS - 1, 1 << 30))
        end = bisect_left(breaks, (first + WHOLE_ROWS, -1))
        wanted = first + PART_ROWS
        if begin < end:
            _, _, row = min((depth, abs(row - wanted), row) for row, depth in breaks[begin:end])
        else:
            window = range(first + WHOLE_ROWS - 1, first + _LEAST_PART_ROWS, -1)
            row = next((row for row in window if not lines[row - 1].strip()), wanted)
        rows = _trimmed(first, row - 1, lines)
        if rows[0] <= rows[1]:
            yield rows
        first, last = _trimmed(row, last, lines)
    if first <= last:
        yield first, last


def _trimmed(first: int, last: int, lines: Sequence[str]) -> tuple[int, int]:
    while first <= last and not lines[first].strip():
        first += 1
    while first <= last and not lines[last].strip():
        last -= 1
    return first, last


def _joined(before: Part, after: Part, lines: Sequence[str]) -> Part | None:
    """Two neighbours as one, if they are better together."""
    rows = after.last - before.first + 1
    if after.rows <= _TINY_ROWS and all(_CLOSING.match(lines[row]) for row in range(after.first, after.last + 1)):
        return attrs.evolve(before, last=after.last)
    if rows > WHOLE_ROWS:
        return None
    heads = before.rows <= _TINY_ROWS and after.outer[: len(before.outer)] == before.outer
    ends = after.rows < _LEAST_PART_ROWS and before.around == after.around
    if heads or ends or (before.outer == after.outer and rows <= JOINED_ROWS):
        small = rows <= JOINED_ROWS and before.around != before.outer
        around = _common(before.around, after.around) if small else after.around
        return Part(before.first, after.last, around, before.outer)
    return None


def _common(one: _Around, other: _Around) -> _Around:
    same = 0
    while same < min(len(one), len(other)) and one[same] is other[same]:
        same += 1
    return one[:same]


def _with_begun(parts: list[Part], definitions: Sequence[Definition]) -> list[Part]:
    begun: list[list[Definition]] = [[] for _ in parts]
    starts = [part.first for part in parts]
    for definition in definitions:
        place = bisect_right(starts, definition.signature[0]) - 1
        if place >= 0:
            begun[place].append(definition)
    return [_beginning(part, found) if found else part for part, found in zip(parts, begun, strict=True)]


def _beginning(part: Part, definitions: Sequence[Definition]) -> Part:
    once: dict[str, Definition] = {}
    for definition in definitions:
        once.setdefault(definition.name, definition)
    return Part(part.first, part.last, part.around, part.outer, tuple(once.values()))
