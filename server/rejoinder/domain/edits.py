"""Changes of a document that an answer proposes.

Search-and-replace blocks: any number in one code block, each of the form

    <<<<<<< SEARCH
    lines as they are
    =======
    lines as they should be
    >>>>>>> REPLACE

A path in the line before the first one says which file is meant.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise, takewhile

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import InvalidInput

SEARCH_FORMAT = (
    "a code block of this form, its first line the file's path:\n\n"
    "```\npath/of/the/file\n<<<<<<< SEARCH\nthe lines as they are now, whole, enough of them to be unique\n=======\n"
    "the lines as they should be\n>>>>>>> REPLACE\n```"
)
"""A search-and-replace block, told to a model."""

EDIT_FORMAT = (
    "When lines of a file are attached, show them as they should be, whole, in one code block: it replaces them. Show "
    f"any other change of a file as {SEARCH_FORMAT}"
)
"""How a model is asked to write a change."""

_SEARCH, _MIDDLE, _REPLACE = (re.compile(mark) for mark in (r"<{5,9} ?SEARCH\s*", r"={5,9}\s*", r">{5,9} ?REPLACE\s*"))
_AGAIN = "Ask for the change again; nothing was changed."


@frozen
class Replacement:
    """Lines to be found once, and what comes in their place; each with a line end behind each line."""

    search: str
    replace: str


@frozen
class ProposedEdit:
    """What a search-and-replace block says. `path` as the model wrote it."""

    path: str | None
    replacements: tuple[Replacement, ...]


@frozen
class Change:
    """New text for a span of a document, in code points from its beginning; the end is exclusive."""

    start: int
    end: int
    text: str


def proposed_edit(block: str) -> ProposedEdit | None:
    """The replacements in a code block; None when it holds none. InvalidInput when one has no end."""
    lines = block.split("\n")
    if not any(_SEARCH.fullmatch(line) for line in lines):
        return None
    path: str | None = None
    found: list[Replacement] = []
    rest = iter(lines)
    for line in rest:
        if _SEARCH.fullmatch(line):
            search, replace = _until(rest, _MIDDLE), _until(rest, _REPLACE)
            found.append(Replacement(search, replace))
        elif line.strip() and not found and path is None:
            path = line.strip().strip("`#*/ ").removeprefix("file:").strip() or None
    return ProposedEdit(path, tuple(found))


def changes_in(text: str, replacements: Sequence[Replacement], *, name: str) -> list[Change]:
    """Where the replacements go in a document, in its order. `name` is the document's, for people.

    Raises InvalidInput for one that fits nowhere, more than once, or over another.
    """
    return together((_change(text, one, name) for one in replacements), name=name)


def together(changes: Iterable[Change], *, name: str) -> list[Change]:
    """The changes in the document's order. InvalidInput when two of them are about the same text."""
    ordered = sorted(changes, key=lambda change: change.start)
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise InvalidInput(f"Two of the changes of {name} are about the same lines.", hint=_AGAIN)
    return ordered


def change_of(text: str, old: str, new: str, *, place: Place | None, name: str) -> Change:
    """The change that puts `new` where `old` is: at its place if it is still there, else where it occurs once.

    Raises InvalidInput when it is nowhere, or in several places.
    """
    old, new = with_ends_of(text, old), with_ends_of(text, new)
    # a block ends with a line end; what it replaces need not
    new = _indented(new, _indent(old)) if not _indent(new) else new
    new = new if old.endswith(("\n", "\r")) else new.removesuffix("\n").removesuffix("\r")
    if place is not None and old and (start := _start_at(text, old, place)) is not None:
        return Change(start, start + len(old), new)
    return Change(*_only_span(text, old, name), new)


def offset_of(text: str, line: int, character: int) -> int | None:
    """How many code points lie before a position; None when the document has no such place."""
    start = 0
    for _ in range(line):
        end = _LINE_END.search(text, start)
        if end is None:
            return None
        start = end.end()
    last = _LINE_END.search(text, start)
    return start + character if start + character <= (last.start() if last else len(text)) else None


def place_in(text: str, change: Change) -> Place:
    """The place of a change."""
    return Place(*_position(text, change.start), *_position(text, change.end))


def with_ends_of(document: str, text: str) -> str:
    """The text with the line ends that a document has."""
    first = _LINE_END.search(document)
    return _LINE_END.sub(first.group() if first else "\n", text)


def mapped(replacements: Sequence[Replacement], to: Callable[[str], str]) -> tuple[Replacement, ...]:
    """The replacements with every text of them put through `to`."""
    return tuple(Replacement(to(one.search), to(one.replace)) for one in replacements)


_LINE_END = re.compile(r"\r\n|\r|\n")


def _start_at(text: str, old: str, place: Place) -> int | None:
    """Where `old` begins at a place, or once on its first line: of some places only the lines are known."""
    start = offset_of(text, place.start_line, place.start_character)
    if start is None or text.startswith(old, start):
        return start
    line = offset_of(text, place.start_line, 0) or 0
    end = _LINE_END.search(text, line)
    starts = [at for at in range(line, end.start() if end else len(text)) if text.startswith(old, at)]
    return starts[0] if len(starts) == 1 else None


def _indent(text: str) -> str:
    """The white space that all lines begin with, empty ones left aside."""
    lines = [line for line in text.split("\n") if line.strip()]
    same = takewhile(lambda column: len(set(column)) == 1 and column[0] in " \t", zip(*lines, strict=False))
    return "".join(column[0] for column in same)


def _indented(text: str, indent: str) -> str:
    return "".join(indent + line if line.strip() else line for line in text.splitlines(keepends=True))


def _until(lines: Iterator[str], mark: re.Pattern[str]) -> str:
    text = ""
    for line in lines:
        if mark.fullmatch(line):
            return text
        text += line + "\n"
    raise InvalidInput("The block of changes has no end: the answer may have been cut off.", hint=_AGAIN)


def _change(text: str, one: Replacement, name: str) -> Change:
    search, replace = with_ends_of(text, one.search), with_ends_of(text, one.replace)
    if not search.strip():
        if text.strip():
            raise InvalidInput(f"A change of {name} does not say which lines it replaces.", hint=_AGAIN)
        return Change(0, len(text), replace)
    spans = _whole_lines(text, search)
    if not spans:
        # a model that was not exact about its lines, yet unmistakable
        inner, new = search.strip("\r\n"), replace.strip("\r\n")
        return Change(*_only_span(text, inner, name), new)
    if len(spans) > 1:
        raise _not_once(len(spans), name)
    (start, end), newline = spans[0], _end_of_line(search)
    # the last line of a document may have no end
    return Change(start, end, replace if text[start:end].endswith(newline) else replace.removesuffix(newline))


def _whole_lines(text: str, search: str) -> list[tuple[int, int]]:
    """Every span of whole lines that reads so, the end of the last line included where there is one."""
    bare = search.removesuffix(_end_of_line(search))
    pattern = re.compile(rf"(?:(?<=\n)|(?<=\r)(?!\n)|\A){re.escape(bare)}(?:\r\n|\r|\n|\Z)")
    spans, at = [], 0
    while (match := pattern.search(text, at)) is not None:
        spans.append(match.span())
        at = match.start() + 1
    return spans


def _only_span(text: str, old: str, name: str) -> tuple[int, int]:
    count = text.count(old) if old else 0
    if old and count == 1:
        # two that overlap are counted as one
        start = text.index(old)
        if text.find(old, start + 1) == -1:
            return start, start + len(old)
        count = 2
    raise _not_once(count, name)


def _not_once(count: int, name: str) -> InvalidInput:
    if count == 0:
        message = f"The lines to be replaced are not in {name} as it is now."
    else:
        message = f"The lines to be replaced are in {name} {count} times."
    return InvalidInput(message, hint="Ask again, now that the file has changed, or apply it by hand.", matches=count)


def _end_of_line(text: str) -> str:
    found = _LINE_END.search(text, max(len(text) - 2, 0))
    return found.group() if found else ""


def _position(text: str, offset: int) -> tuple[int, int]:
    ends = [match.end() for match in _LINE_END.finditer(text, 0, offset)]
    # an offset within a pair of carriage return and line feed does not come about: changes are of whole ends
    return len(ends), offset - (ends[-1] if ends else 0)
