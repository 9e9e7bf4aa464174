"""Cuts a text into passages: windows of lines that overlap."""

import re
from collections.abc import Iterator

import attrs

from rejoinder.domain.conversation import Place

WINDOW_LINES = 40
OVERLAP_LINES = 8
LONGEST_CHUNK = 6000
"""Code points; a window ends early, and a single longer line is cut, so that a passage can always be shown."""

# The line ends of LSP; str.splitlines knows others besides, which would shift every line below one.
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")


# A line without its end, or a part of a long one: its number, its first character, and where in the text it stands.
_Piece = tuple[int, int, int, int]


@attrs.frozen
class Chunk:
    """A passage: its place in the file, and where in the text it begins and ends, in code points."""

    place: Place
    start: int
    end: int


def split(text: str) -> Iterator[Chunk]:
    """The passages of a text from its top to its bottom; those of white space alone are left out."""
    pieces = _pieces(text)
    first = 0
    while first < len(pieces):
        last = _window_end(pieces, first)
        chunk = _chunk(pieces[first:last])
        if not text[chunk.start : chunk.end].isspace() and chunk.end > chunk.start:
            yield chunk
        if last == len(pieces):
            return
        first = last - OVERLAP_LINES if last - first > 2 * OVERLAP_LINES else last


def _pieces(text: str) -> list[_Piece]:
    pieces = []
    for number, match in enumerate(_LINE.finditer(text)):
        start, end = match.span(1)
        if end - start <= LONGEST_CHUNK:
            pieces.append((number, 0, start, end))
            continue
        for cut in range(start, end, LONGEST_CHUNK):
            pieces.append((number, cut - start, cut, min(cut + LONGEST_CHUNK, end)))
    return pieces


def _window_end(pieces: list[_Piece], first: int) -> int:
    end = min(first + WINDOW_LINES, len(pieces))
    most = pieces[first][2] + LONGEST_CHUNK
    while end > first + 1 and pieces[end - 1][3] > most:
        end -= 1
    return end


def _chunk(window: list[_Piece]) -> Chunk:
    first_line, first_character, start, _ = window[0]
    last_line, last_character, last_start, end = next((p for p in reversed(window) if p[3] > p[2]), window[0])
    return Chunk(Place(first_line, first_character, last_line, last_character + end - last_start), start, end)
