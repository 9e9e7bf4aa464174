"""Cuts a document's text into passages: by the project's chunker, by paragraphs, sentences or lines, or by a plug-in.

Every passage is at most as long as is asked for: what is longer is cut where that hurts least.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import entry_points
from itertools import accumulate
from typing import Any

from rejoinder.adapters.documents.limits import Unreadable
from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.index.chunks import LONGEST_CHUNK, split
from rejoinder.index.syntax import sections
from rejoinder.index.syntax.languages import language_of
from rejoinder.index.syntax.outline import Definition

PROSE_SIZE = 1200
"""Characters of a passage of prose, when nothing is said: a few paragraphs, about one thing."""
LEAST_SIZE, MOST_SIZE = 100, LONGEST_CHUNK
GROUP = "rejoinder.chunkers"
"""The entry points of chunkers from elsewhere: `(text, size) -> [(start, end), …]`, in characters."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_PARAGRAPH = re.compile(r"[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))+")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+")
_BREAKS = (_PARAGRAPH, _LINE_END, _SENTENCE, re.compile(r"\s+"))

_Span = tuple[int, int, str]
"""Where a passage begins and ends, and what it lies in."""


@frozen
class Piece:
    """A passage of a text."""

    text: str
    place: Place
    scope: str


Chunker = Callable[[str, str, int | None], Iterator[_Span]]


def pieces(text: str, path: str, *, chunker: str | None, size: int | None) -> Iterator[Piece]:
    """The passages of a text. `path` tells its language. Raises Unreadable for a chunker that is not there."""
    places = _Places(text)
    for start, end, scope in _chunker(chunker)(text, path, size):
        start, end = _trimmed(text, start, end)
        if start < end:
            yield Piece(text[start:end], places.of(start, end), scope)


def _chunker(name: str | None) -> Chunker:
    own: dict[str | None, Chunker] = {
        None: _by_syntax,
        "builtin": _by_syntax,
        "syntax": _by_syntax,
        "lines": _by_lines,
        "paragraphs": lambda text, _, size: _packed(text, _PARAGRAPH, size or PROSE_SIZE),
        "sentences": lambda text, _, size: _packed(text, _SENTENCE, size or PROSE_SIZE),
    }
    if name in own:
        return own[name]
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        raise Unreadable("chunker", f"There is no chunker {name!r}.", f"Choose one of {', '.join(filter(None, own))}.")
    load: Any = found[0].load
    return lambda text, _, size: _by_plugin(load(), text, size or PROSE_SIZE)


def _by_syntax(text: str, path: str, size: int | None) -> Iterator[_Span]:
    """As the index cuts files; Markdown at every heading, and what has no syntax by its paragraphs."""
    language = language_of(path)
    if language == "markdown":
        yield from _by_headings(text, size or PROSE_SIZE)
    elif language is None:
        yield from _packed(text, _PARAGRAPH, size or PROSE_SIZE)
    else:
        for chunk in split(text, path):
            yield from _cut(text, chunk.start, chunk.end, chunk.scope, size or LONGEST_CHUNK)


def _by_headings(text: str, size: int) -> Iterator[_Span]:
    """Each section by itself, so that a passage can be named by its heading; one without text with the next."""
    lines = text.split("\n")
    rows = [0, *accumulate(len(line) + 1 for line in lines)]
    headings = sections.markdown(lines).definitions
    start, scope = 0, ""
    for heading in [*headings, None]:
        end = len(text) if heading is None else rows[heading.first]
        if heading is None or any(line.strip() for line in text[start:end].split("\n")[1 if scope else 0 :]):
            yield from _packed(text, _PARAGRAPH, size, start=start, end=end, scope=scope)
            start = end
        scope = "" if heading is None else _title(heading)


def _title(heading: Definition) -> str:
    titles = [heading.title]
    while heading.parent is not None:
        heading = heading.parent
        titles.append(heading.title)
    return " › ".join(title for title in reversed(titles) if title)


def _by_lines(text: str, _: str, size: int | None) -> Iterator[_Span]:
    for chunk in split(text):
        yield from _cut(text, chunk.start, chunk.end, "", size or LONGEST_CHUNK)


def _by_plugin(cut: Callable[[str, int], Iterable[Sequence[int]]], text: str, size: int) -> Iterator[_Span]:
    for start, end in cut(text, size):
        if not 0 <= start <= end <= len(text):
            raise Unreadable("chunker", "The chunker cuts outside of the text.", "Mend it, or choose another one.")
        yield from _cut(text, start, end, "", max(size, MOST_SIZE))


def _packed(
    text: str, ends: re.Pattern[str], size: int, *, start: int = 0, end: int | None = None, scope: str = ""
) -> Iterator[_Span]:
    """What the pattern parts, put together as long as it fits."""
    end = len(text) if end is None else end
    first = last = start
    for at in (*(match.end() for match in ends.finditer(text, start, end)), end):
        if at - first > size and last > first:
            yield from _cut(text, first, last, scope, size)
            first = last
        last = at
    yield from _cut(text, first, last, scope, size)


def _cut(text: str, start: int, end: int, scope: str, size: int) -> Iterator[_Span]:
    while end - start > size:
        at = _best_cut(text, start + size // 2, start + size)
        yield start, at, scope
        start = at
    yield start, end, scope


def _best_cut(text: str, least: int, most: int) -> int:
    for kind in _BREAKS:
        found = [match.end() for match in kind.finditer(text, least, most)]
        if found:
            return found[-1]
    return most


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blank lines at its top and blanks at its end; the indentation of its first line stays."""
    kept = text[start:end].rstrip()
    blank = re.match(r"(?:[ \t]*(?:\r\n|\r|\n))*", kept)
    return start + (blank.end() if blank else 0), start + len(kept)


class _Places:
    """The lines of a text, for looking up where a character stands."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def of(self, start: int, end: int) -> Place:
        first, last = self._line(start), self._line(end)
        return Place(first, start - self._starts[first], last, end - self._starts[last])

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1
