"""Outlines of what needs no grammar: Markdown by its headings, YAML by its indentation."""

import re
from collections.abc import Sequence

from rejoinder.index.syntax.names import LONGEST_NAME
from rejoinder.index.syntax.outline import Definition, Outline

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NO_PARAGRAPH = re.compile(r"\s*\Z|[ \t]*[-*+>|#]|[ \t]*\d+[.)] ")
_KEY = re.compile(r"( *)(?:- +)?(\"[^\"]+\"|'[^']+'|[^\s#&*!|>%@`'\"{\[\]},][^#\n]*?):(?:\s|\Z)")
_DEEPEST_KEY = 3

# Where its comments begin, where it stands, its column, its name.
_Key = tuple[int, int, int, str]


def markdown(lines: Sequence[str]) -> Outline:
    """Sections by their headings, of both kinds; a section holds those of deeper headings."""
    headings = _headings(lines)
    outline = Outline()
    open_sections: list[tuple[int, Definition]] = []
    for number, (row, level, title) in enumerate(headings):
        last = next((other - 1 for other, its, _ in headings[number + 1 :] if its <= level), len(lines) - 1)
        while open_sections and open_sections[-1][0] >= level:
            open_sections.pop()
        around = open_sections[-1][1] if open_sections else None
        section = Definition("", title, row, last, (row, row), around)
        open_sections.append((level, section))
        outline.definitions.append(section)
        outline.may_break(row, level)
    fenced = ""
    for row, line in enumerate(lines):
        fenced = _after(line, fenced)
        if row and not fenced and line.strip() and not lines[row - 1].strip():
            outline.may_break(row, 7)
    return outline


def yaml(lines: Sequence[str]) -> Outline:
    """Keys by their indentation, three levels deep; the grammar that there is crashes on what nests deeply."""
    outline = Outline()
    keys: list[_Key] = []
    lead = -1
    for row, line in enumerate(lines):
        text = line.strip()
        if not text or text.startswith("#"):
            lead = row if text and lead < 0 else lead if text else -1
            continue
        indent = len(line) - len(line.lstrip(" "))
        begin = lead if lead >= 0 else row
        lead = -1
        outline.may_break(begin, indent)
        found = _KEY.match(line)
        if found:
            keys.append((begin, row, found.start(2), found[2].strip("\"'")[:LONGEST_NAME]))
    _add_keys(outline, keys, len(lines) - 1)
    return outline


def _add_keys(outline: Outline, keys: Sequence[_Key], last: int) -> None:
    ends: dict[int, int] = {}
    unended: list[tuple[int, int]] = []
    for begin, row, column, _ in keys:
        while unended and unended[-1][1] >= column:
            ends[unended.pop()[0]] = begin - 1
        unended.append((row, column))
    around: list[tuple[int, Definition]] = []
    for begin, row, column, name in keys:
        while around and around[-1][0] >= column:
            around.pop()
        if len(around) < _DEEPEST_KEY:
            parent = around[-1][1] if around else None
            found = Definition("", name, begin, ends.get(row, last), (row, row), parent)
            around.append((column, found))
            outline.definitions.append(found)


def _headings(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """Row, level and title of each."""
    found: list[tuple[int, int, str]] = []
    fenced = ""
    for row, line in enumerate(lines):
        line = line.rstrip("\r")
        fenced, before = _after(line, fenced), fenced
        if fenced or before:
            continue
        if heading := _HEADING.match(line):
            found.append((row, len(heading[1]), heading[2][:LONGEST_NAME]))
        elif row and (under := _UNDERLINE.match(line)) and not _NO_PARAGRAPH.match(lines[row - 1]):
            title = lines[row - 1].strip()[:LONGEST_NAME]
            found.append((row - 1, 1 if under[1][0] == "=" else 2, title))
    return found


def _after(line: str, fenced: str) -> str:
    """The fence that is open after a line; empty outside of all."""
    fence = _FENCE.match(line)
    if fence is None:
        return fenced
    if not fenced:
        return fence[1]
    closes = fence[1][0] == fenced[0] and len(fence[1]) >= len(fenced) and not line[fence.end() :].strip()
    return "" if closes else fenced
