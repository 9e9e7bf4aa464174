"""The lines that an editor means by a range, and how they are mentioned in a text."""

from pathlib import Path

from rejoinder.domain.lines import lines_of
from rejoinder.domain.names import shown_path
from rejoinder.protocol.types import Position, Range


def whole_lines(asked: Range | None, text: str) -> Range | None:
    """The whole lines of a range; None for all of the document, which is meant by a mere cursor too.

    Some editors have no empty selection: one character is a cursor.
    """
    if asked is None or is_cursor(asked):
        return None
    lines = lines_of(text)
    last = asked.end.line - (asked.end.character == 0 and asked.end.line > asked.start.line)
    last = min(last, len(lines) - 1)
    first = min(asked.start.line, last)
    # a character beyond a line's end means that end, in any unit
    return Range(Position(first, 0), Position(last, 4 * len(lines[last])))


def is_cursor(asked: Range) -> bool:
    """Whether a range is no selection."""
    return asked.start.line == asked.end.line and asked.end.character - asked.start.character <= 1


def mention_of(uri: str, lines: Range | None, folder: Path | None) -> str:
    """A file's mention with its lines, to type behind; nothing for what lies in no folder."""
    path = shown_path(uri, folder.as_uri()) if folder is not None else uri
    if ":" in path or path.startswith("/"):
        return ""
    name = f'"{path}"' if any(one in path for one in ' \t#"') else path
    place = f"#L{lines.start.line + 1}-{lines.end.line + 1}" if lines is not None else ""
    return f"@file:{name}{place} "
