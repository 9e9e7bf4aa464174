"""Reads the outline of a text with a tree-sitter grammar, within limits that hold whatever the text is."""

import importlib
import time
from functools import cache

from tree_sitter import Language, Node, Parser

from rejoinder.index.syntax.grammars import GRAMMARS, Grammar, Kind
from rejoinder.index.syntax.nesting import nests_deeply
from rejoinder.index.syntax.outline import WHOLE_ROWS, Definition, Outline

LONGEST_TEXT = 2 << 20
"""Bytes; what is longer is not parsed."""

_FEW_BYTES, _LONG_ROW = 1 << 14, 400

LONG = 20
"""Rows; what defines nothing and is longer is looked into for definitions."""

_SECONDS, _SECONDS_A_BYTE = 0.3, 1e-6
"""Of processor time; ten times what parsing takes."""

_MOST_VISITED = 100_000
_MOST_SIGNATURE_ROWS = 8
_BLOCK = 1 << 16


class TooComplex(Exception):
    """A text cannot be parsed within the limits, for the reason that this says."""


def read_outline(language: str, text: str) -> Outline | None:
    """The outline of a text; None when it or its rows are too long, or its grammar is not there.

    Raises TooComplex when it nests deeply or takes too long to parse.
    """
    source = text.encode("utf-8", "replace")
    if len(source) > LONGEST_TEXT or len(source) > _FEW_BYTES + _LONG_ROW * source.count(b"\n"):
        return None
    if nests_deeply(source, angles=GRAMMARS[language].generic_angles):
        raise TooComplex("it nests too deeply to be parsed")
    try:
        root = _parse(language, source)
    except ImportError:
        # not every platform has every grammar
        return None
    return _Walk(GRAMMARS[language], source).outline(root)


@cache
def load(name: str) -> Language:
    """The grammar of a language, loaded when it is needed first."""
    grammar = GRAMMARS[name]
    return Language(getattr(importlib.import_module(grammar.module), grammar.function)())


def _parse(language: str, source: bytes) -> Node:
    # a parser that was stopped would go on from there with the next text: each text has its own
    parser = Parser(load(language))
    deadline = time.thread_time() + _SECONDS + _SECONDS_A_BYTE * len(source)
    try:
        return parser.parse(
            lambda offset, _: source[offset : offset + _BLOCK] if offset else source,
            progress_callback=lambda _, __: time.thread_time() > deadline,
        ).root_node
    except ValueError:
        raise TooComplex("parsing it takes too long") from None


class _Walk:
    """One walk over a tree. It goes into what is long or may hold definitions, and no further."""

    def __init__(self, grammar: Grammar, source: bytes) -> None:
        self._grammar = grammar
        self._source = source
        self._outline = Outline()
        self._open: list[tuple[Node, Definition | None, int]] = []
        self._visited = 0

    def outline(self, root: Node) -> Outline:
        """All that was found."""
        self._open.append((root, None, 0))
        while self._open and self._visited < _MOST_VISITED:
            self._look_into(*self._open.pop())
        self._outline.definitions.sort(key=lambda each: (each.first, -each.last))
        return self._outline

    def _look_into(self, node: Node, around: Definition | None, depth: int) -> None:
        lead, reached = -1, -1
        """The first row of the comments that lead on to the next child, and the last row that is taken."""
        for child in node.named_children:
            self._visited += 1
            first, last = child.start_point.row, _last_row(child)
            begin = lead if lead >= 0 and reached + 1 >= first else first
            if first > reached or begin < first:
                self._outline.may_break(begin, depth)
            if child.type in self._grammar.leading:
                if first > reached:
                    lead = begin
            else:
                lead = -1
                self._take(child, begin, last, around, depth)
            reached = max(reached, last)

    def _take(self, node: Node, first: int, last: int, around: Definition | None, depth: int) -> None:
        found = self._definition(node)
        rows = last - first + 1
        if found is not None:
            inner, kind, name = found
            definition = Definition(kind.label, name, first, last, _signature(inner), around)
            self._outline.definitions.append(definition)
            if kind.container or rows > WHOLE_ROWS:
                self._open.append((inner, definition, depth + 1))
        elif rows > LONG or node.type in self._grammar.through or node.type in self._grammar.wrappers:
            self._open.append((node, around, depth + 1))

    def _definition(self, node: Node) -> tuple[Node, Kind, str] | None:
        """What a node defines: itself, or what it wraps."""
        kinds = self._grammar.kinds
        for _ in range(4):
            kind = kinds.get(node.type)
            if kind is not None:
                name = kind.name(node, self._source) if not kind.value or _value(node) in kind.value else ""
                return (node, kind, name) if name else None
            if node.type not in self._grammar.wrappers:
                return None
            inner = [
                child
                for child in node.named_children[:8]
                if child.type in kinds or child.type in self._grammar.wrappers
            ]
            if len(inner) != 1:
                return None
            node = inner[0]
        return None


def _value(node: Node) -> str:
    for field in ("value", "right", "body"):
        found = node.child_by_field_name(field)
        if found is not None:
            return found.type
    last = node.named_child(node.named_child_count - 1) if node.named_child_count else None
    inner = last.named_child(0) if last is not None and last.named_child_count else None
    return inner.type if inner is not None else ""


def _last_row(node: Node) -> int:
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point.row else row


def _signature(node: Node) -> tuple[int, int]:
    first = node.start_point.row
    value = node.child_by_field_name("value") or node.child_by_field_name("right") or node
    body = value.child_by_field_name("body")
    if body is None:
        return first, first
    row = body.start_point.row
    before = body.prev_sibling
    last = row if before is not None and before.end_point.row == row else row - 1
    return first, max(first, min(last, first + _MOST_SIGNATURE_ROWS - 1))
