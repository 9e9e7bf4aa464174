"""Pairs from Python: docstrings and what they document."""

import ast
import re
from collections.abc import Iterator

from training.pairs import Pair, first_paragraph

_LONGEST = 120
_DOCSTRING = re.compile(r"^[ \t]*[rRuU]?(\"\"\"|''')(?:.|\n)*?\1[ \t]*\n", re.M)

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def python_pairs(text: str, path: str) -> Iterator[Pair]:
    """A pair for each function and class that has a docstring; the code is without any."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    yield from _of_definitions(tree, "", text.split("\n"), path)


def _of_definitions(parent: ast.AST, scope: str, lines: list[str], path: str) -> Iterator[Pair]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _Definition):
            document = ast.get_docstring(node)
            if document and (sentence := first_paragraph(document)):
                yield Pair(sentence, f"{path}\n{scope}\n{_code(node, lines)}")
            yield from _of_definitions(node, f"{scope}.{node.name}" if scope else node.name, lines, path)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _of_definitions(node, scope, lines, path)


def _code(node: _Definition, lines: list[str]) -> str:
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    last = min(node.end_lineno or node.lineno, first + _LONGEST)
    return _DOCSTRING.sub("", "\n".join(lines[first - 1 : last]) + "\n")
