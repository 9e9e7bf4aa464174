"""Where a Markdown text that is still coming in can be cut, so that what stands before the cut never changes."""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def finished_length(text: str) -> int:
    """How many characters at the text's beginning are whole blocks, blank lines after them included.

    A block is whole when a blank line and the beginning of a line without indentation have followed it, outside of a
    fence: an indented line may still belong to the item of a list above.
    """
    fence = ""
    finished = position = 0
    after_blank = False
    for line in text.splitlines(keepends=True):
        if after_blank and not fence and line[:1] not in (" ", "\t", "\n", "\r"):
            finished = position
        after_blank = not line.strip()
        fence = _fence_after(line, fence)
        position += len(line)
    return finished


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after a line; empty when none is."""
    match = _FENCE.match(line)
    if match is None:
        return fence
    marks, rest = match[1], match[2]
    if not fence:
        return "" if marks[0] == "`" and "`" in rest else marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip()
    return "" if closes else fence
