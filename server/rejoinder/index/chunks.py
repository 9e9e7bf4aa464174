"""Cuts a text into passages: by syntax where its language is known, else windows of lines that overlap."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.index.syntax import sections
from rejoinder.index.syntax.cutting import Part, cut
from rejoinder.index.syntax.languages import language_of
from rejoinder.index.syntax.outline import Outline
from rejoinder.index.syntax.reading import TooComplex, read_outline

WINDOW_LINES = 40
OVERLAP_LINES = 8
LONGEST_CHUNK = 6000
"""Code points; a window ends early, and a single longer line is cut, so that a passage can always be shown."""

# The line ends of LSP; str.splitlines knows others besides, which would shift every line below one.
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_DIGEST_BYTES = 16

# A line without its end, or a part of a long one: its number, its first character, and where in the text it stands.
_Piece = tuple[int, int, int, int]

# A place, and where in the text it begins and ends.
_Span = tuple[Place, int, int]


@frozen
class Chunk:
    """A passage: its place in the file, and where in the text it begins and ends, in code points."""

    place: Place
    start: int
    end: int
    scope: str = ""
    """The definitions that it lies in, as `class Foo › def bar`; its own too when it is one or a part of one."""
    names: tuple[str, ...] = ()
    """The definitions that begin in it."""
    definitions: tuple[tuple[int, int], ...] = ()
    """Where the signatures of `names` begin and end in the text.

    A later part of a long definition has no names but one signature here, that of what it is a part of: it stands
    before `start`.
    """

    @property
    def definition(self) -> tuple[int, int] | None:
        """The first of the signatures."""
        return self.definitions[0] if self.definitions else None

    def digest(self, text: str) -> bytes:
        """The hash of its content, 16 bytes; `text` is the whole of which it is a part."""
        data = text[self.start : self.end].encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def split(text: str, path: str = "") -> Iterator[Chunk]:
    """The passages of a text from its top to its bottom; those of white space alone are left out.

    `path` tells the language. Passages by syntax do not overlap; windows of lines do.
    """
    yield from split_with_note(text, path)[0]


def split_with_note(text: str, path: str) -> tuple[Iterator[Chunk], str]:
    """The same, and why a text of a known language is not cut by syntax, if that is worth to be told; else empty."""
    language = language_of(path)
    if language is None or _LONE_RETURN.search(text):
        return _by_lines(text), ""
    lines = text.split("\n")
    try:
        outline = _outline(language, text, lines)
    except TooComplex as reason:
        return _by_lines(text), f"{reason}: it is cut by lines"
    return (_by_lines(text) if outline is None else _by_syntax(text, lines, cut(outline, lines))), ""


def _outline(language: str, text: str, lines: Sequence[str]) -> Outline | None:
    match language:
        case "markdown":
            return sections.markdown(lines)
        case "yaml":
            return sections.yaml(lines)
        case _:
            return read_outline(language, text)


def _by_syntax(text: str, lines: Sequence[str], parts: Sequence[Part]) -> Iterator[Chunk]:
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for part in parts:
        signatures = [definition.signature for definition in part.begun or part.around[-1:]]
        definitions = tuple((starts[first], starts[last] + _width(lines[last])) for first, last in signatures)
        names = tuple([definition.name for definition in part.begun])
        for place, start, end in _cut_part(part, starts, lines):
            if not text[start:end].isspace():
                yield Chunk(place, start, end, part.scope, names, definitions)
                names = ()


def _cut_part(part: Part, starts: Sequence[int], lines: Sequence[str]) -> Iterator[_Span]:
    width = _width(lines[part.last])
    start, end = starts[part.first], starts[part.last] + width
    if end - start <= LONGEST_CHUNK:
        yield Place(part.first, 0, part.last, width), start, end
        return
    pieces = [
        piece
        for row in range(part.first, part.last + 1)
        for piece in _cut_line(row, starts[row], starts[row] + _width(lines[row]))
    ]
    while pieces:
        last = _window_end(pieces, 0, len(pieces))
        yield _span(pieces[:last])
        del pieces[:last]


def _width(line: str) -> int:
    return len(line) - line.endswith("\r")


def _by_lines(text: str) -> Iterator[Chunk]:
    pieces = [piece for number, match in enumerate(_LINE.finditer(text)) for piece in _cut_line(number, *match.span(1))]
    first = 0
    while first < len(pieces):
        last = _window_end(pieces, first, WINDOW_LINES)
        place, start, end = _span(pieces[first:last])
        if end > start and not text[start:end].isspace():
            yield Chunk(place, start, end)
        if last == len(pieces):
            return
        first = last - OVERLAP_LINES if last - first > 2 * OVERLAP_LINES else last


def _cut_line(number: int, start: int, end: int) -> list[_Piece]:
    if end - start <= LONGEST_CHUNK:
        return [(number, 0, start, end)]
    return [
        (number, cut_at - start, cut_at, min(cut_at + LONGEST_CHUNK, end))
        for cut_at in range(start, end, LONGEST_CHUNK)
    ]


def _window_end(pieces: list[_Piece], first: int, most_pieces: int) -> int:
    end = min(first + most_pieces, len(pieces))
    most = pieces[first][2] + LONGEST_CHUNK
    while end > first + 1 and pieces[end - 1][3] > most:
        end -= 1
    return end


def _span(window: list[_Piece]) -> _Span:
    first_line, first_character, start, _ = window[0]
    last_line, last_character, last_start, end = next((p for p in reversed(window) if p[3] > p[2]), window[0])
    return Place(first_line, first_character, last_line, last_character + end - last_start), start, end
