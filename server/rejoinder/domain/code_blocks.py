"""The fenced code blocks of a Markdown text, counted from 0 as whoever draws the text counts them."""

import re
from itertools import takewhile

from rejoinder.declared import frozen

_OPEN = re.compile(
    # a fence may stand within a quotation or behind a list's mark; backticks may not come back in its own line
    r"(?P<lead>[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})(?P<info>.*)\Z"
)


@frozen
class CodeBlock:
    """One block: what stands behind its fence, and its text with a line end behind each line."""

    info: str
    text: str


def code_blocks(markdown: str) -> list[CodeBlock]:
    """All blocks in order. One that is not closed goes to the text's end."""
    found: list[CodeBlock] = []
    lines = iter(markdown.replace("\r\n", "\n").split("\n"))
    for line in lines:
        opening = _OPEN.match(line)
        if opening is None:
            continue
        closing = re.compile(rf"[ \t>]*{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}[ \t]*\Z")
        width, text = len(opening["lead"]), ""
        for inner in lines:
            if closing.match(inner):
                break
            text += _dedented(inner, opening["lead"], width) + "\n"
        found.append(CodeBlock(opening["info"].strip(), text))
    return found


def before_code(markdown: str) -> str:
    """What stands before the first block."""
    return "\n".join(takewhile(lambda line: _OPEN.match(line) is None, markdown.splitlines())).strip()


def _dedented(line: str, lead: str, width: int) -> str:
    """The line without what stands before the fence: as much of it as there is."""
    if ">" in lead and line.startswith(lead.rstrip()):
        return line[len(lead.rstrip()) :].removeprefix(" ")
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(blank, width) :]
