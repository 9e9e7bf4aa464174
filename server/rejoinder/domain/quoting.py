"""Texts within texts: quoted so that they cannot break out of their place."""

import json
import re
from typing import Any


def fenced(text: str, language: str = "") -> str:
    """The text between fences that it cannot close: longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def code_span(text: str) -> str:
    """The text as inline code of Markdown, which it cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * (longest + 1)
    return f"{marks} {text} {marks}" if longest else f"`{text}`"


def one_line(text: str) -> str:
    """A name that cannot break out of its line."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\]]", "�", text)


def shape_text(schema: dict[str, Any] | None) -> str:
    """What a question ends with whose answer has to be of a shape; nothing without a schema."""
    if schema is None:
        return ""
    text = json.dumps(schema, ensure_ascii=False)
    asked = "Answer with one JSON value and nothing else. It has to be valid by this JSON schema:"
    return f"\n\n{asked}\n{fenced(text, 'json')}"
