"""Transit, in which ECA writes its chats: JSON with types, and with marks for what was written before.

The format is Cognitect's (github.com/cognitect/transit-format). Keywords and symbols become texts here, and a value of
a type that is not known becomes what stands for it.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from rejoinder.domain.nesting import nests_too_deep

_MAP = "^ "
_FIRST, _BASE = 48, 44
_ROOM = _BASE * _BASE
_SHORTEST = 4
"""A text with fewer characters is written again each time."""


def decode(text: str | bytes) -> Any:
    """The value of a text; ValueError when it is no Transit."""
    loaded = orjson.loads(text)
    if nests_too_deep(loaded):
        raise ValueError("it is nested too deep")
    try:
        return _Reader().value(loaded)
    except (IndexError, TypeError, AttributeError) as exc:
        raise ValueError(f"it is no Transit ({exc})") from None


class _Reader:
    """Reads values in the order in which they were written, which the marks depend on."""

    def __init__(self) -> None:
        self._written: list[str] = []

    def value(self, item: Any, *, is_key: bool = False) -> Any:
        if isinstance(item, str):
            return _scalar(self._text(item, is_key=is_key))
        if isinstance(item, list):
            return self._array(item)
        if isinstance(item, Mapping):
            return self._object(item)
        return item

    def _text(self, item: str, *, is_key: bool) -> str:
        """A text, or the one that a mark stands for."""
        if item.startswith("^") and item != _MAP:
            digits = [ord(char) - _FIRST for char in item[1:]]
            return self._written[digits[0] if len(digits) == 1 else digits[0] * _BASE + digits[1]]
        if len(item) >= _SHORTEST and (is_key or item[:2] in ("~:", "~$", "~#")):
            if len(self._written) == _ROOM:
                self._written.clear()
            self._written.append(item)
        return item

    def _array(self, items: list[Any]) -> Any:
        if not items:
            return []
        if items[0] == _MAP:
            return dict(self._pairs(iter(items[1:])))
        first = items[0]
        if len(items) == 2 and isinstance(first, str):
            # a tag is a tag also where a mark stands for it
            tag = self._text(first, is_key=False)
            if tag.startswith("~#"):
                return self._tagged(tag[2:], items[1])
            return [_scalar(tag), self.value(items[1])]
        return [self.value(item) for item in items]

    def _object(self, item: Mapping[str, Any]) -> Any:
        if len(item) == 1:
            ((key, inner),) = item.items()
            tag = self._text(key, is_key=True)
            return self._tagged(tag[2:], inner) if tag.startswith("~#") else {_key(_scalar(tag)): self.value(inner)}
        return {_key(self.value(key, is_key=True)): self.value(inner) for key, inner in item.items()}

    def _pairs(self, items: Iterator[Any]) -> Iterator[tuple[str, Any]]:
        for key in items:
            name = _key(self.value(key, is_key=True))
            yield name, self.value(next(items, None))

    def _tagged(self, tag: str, item: Any) -> Any:
        inner = self.value(item)
        if tag == "cmap" and isinstance(inner, list):
            return {_key(key): value for key, value in zip(inner[::2], inner[1::2], strict=False)}
        return inner


def _scalar(text: str) -> Any:
    """What a text says, whose first characters tell its type."""
    if not text.startswith("~") or len(text) < 2:
        return text
    kind, rest = text[1], text[2:]
    if kind in "~^`":
        return text[1:]
    if kind == "_":
        return None
    if kind == "?":
        return rest == "t"
    if kind == "b":
        return b64decode(rest)
    try:
        return int(rest) if kind in "inm" else float(rest) if kind in "df" else rest
    except ValueError:
        return rest


def _key(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
