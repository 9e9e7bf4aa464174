"""Positions in the units that a connection negotiated: UTF-8 bytes, UTF-16 code units, or code points."""

from collections.abc import Sequence
from typing import Literal

from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import InvalidInput
from rejoinder.protocol.types import Position, Range

Encoding = Literal["utf-8", "utf-16", "utf-32"]


def range_of(place: Place, text: str, encoding: Encoding, before: tuple[int, int] | None = None) -> Range:
    """The wire's range of a place whose text is `text`, which begins at the place's first line and character.

    `before` is the length of what stands before it on its first line, in UTF-8 bytes and in UTF-16 units. Without it
    that is taken for characters of one unit each; places of passages begin at the first character of a line.
    """
    if encoding == "utf-32" or (text.isascii() and before is None):
        start, end = place.start_character, place.end_character
    else:
        lines = text.split("\n")
        start = before[encoding == "utf-16"] if before else place.start_character
        inside = place.end_line - place.start_line
        last = lines[inside] if inside < len(lines) else ""
        left_out, end = (place.start_character, start) if inside == 0 else (0, 0)
        end += units(last[: max(place.end_character - left_out, 0)], encoding)
    return Range(Position(place.start_line, start), Position(place.end_line, end))


def units_before(place: Place, lines: Sequence[str]) -> tuple[int, int] | None:
    """The `before` of `range_of`; None where all characters have one unit."""
    text = lines[place.start_line][: place.start_character]
    return None if text.isascii() else (units(text, "utf-8"), units(text, "utf-16"))


def place_of(wire: Range, lines: Sequence[str], encoding: Encoding) -> Place:
    """The place of a range in a document, whose lines are those of `domain.lines.lines_of`.

    A character beyond the end of its line means that end, as LSP 3.17 says of positions. Raises InvalidInput for lines
    outside of the document and for a range that ends before it begins.
    """
    start = _characters(wire.start, lines, encoding)
    end = _characters(wire.end, lines, encoding)
    if (wire.end.line, end) < (wire.start.line, start):
        raise InvalidInput("range: it ends before it begins.", hint="Send start and end in order.", key="range")
    return Place(wire.start.line, start, wire.end.line, end)


def range_within(place: Place, lines: Sequence[str], encoding: Encoding) -> Range:
    """The wire's range of a place in a document whose lines are given."""

    def position(line: int, character: int) -> Position:
        return Position(line, units(lines[line][:character], encoding))

    return Range(position(place.start_line, place.start_character), position(place.end_line, place.end_character))


def offset_in(text: str, offset: int, encoding: Encoding) -> int:
    """How many code points an offset in a text means. Raises InvalidInput for one outside of it."""
    reached = 0
    for count, character in enumerate(text):
        if reached >= offset:
            return count if offset >= 0 else _outside(offset)
        reached += units(character, encoding)
    return len(text) if 0 <= offset <= reached else _outside(offset)


def slice_of(place: Place, lines: Sequence[str]) -> str:
    """The text at a place, lines joined by line feeds."""
    if place.start_line == place.end_line:
        return lines[place.start_line][place.start_character : place.end_character]
    first = lines[place.start_line][place.start_character :]
    middle = [lines[number] for number in range(place.start_line + 1, place.end_line)]
    last = lines[place.end_line][: place.end_character]
    return "\n".join([first, *middle, last])


def units(text: str, encoding: Encoding) -> int:
    """How long a text is in the encoding's units."""
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)


def _outside(offset: int) -> int:
    raise InvalidInput(
        f"offset: {offset} is outside of the text.",
        hint="Send the offset in the position encoding that was negotiated.",
        key="offset",
    )


def _characters(position: Position, lines: Sequence[str], encoding: Encoding) -> int:
    """The position's character as a count of code points."""
    if not 0 <= position.line < len(lines):
        raise InvalidInput(
            f"range: line {position.line + 1} is outside of the document, which has {len(lines)} lines.",
            hint="Name lines that it has.",
            key="range",
        )
    line = lines[position.line]
    if position.character < 0:
        raise InvalidInput(
            f"range: character {position.character} is below 0.",
            hint="Send the range in the position encoding that was negotiated.",
            key="range",
        )
    if line.isascii() or encoding == "utf-32":
        return min(position.character, len(line))
    reached = 0
    for count, character in enumerate(line):
        if reached >= position.character:
            return count
        reached += units(character, encoding)
    return len(line)
