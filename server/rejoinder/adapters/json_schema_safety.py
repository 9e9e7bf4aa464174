"""What a JSON schema may not do: look elsewhere, go on without an end, unfold beyond measure, match for hours."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

MOST_UNFOLDED = 2_000
"""Subschemas that may hold for one and the same value."""

_ONE_HERE = ("not", "if", "then", "else")
_MANY_HERE = ("allOf", "anyOf", "oneOf")
_ONE_WITHIN = (
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_NAMED_WITHIN = ("properties", "patternProperties", "$defs", "definitions")
_REFUSED = {
    "$id": "an `$id` inside of it",
    "$schema": "a `$schema` inside of it",
    "$dynamicRef": "`$dynamicRef`",
    "$recursiveRef": "`$recursiveRef`",
}


class NotSafe(Exception):
    """A schema that is not used; the text says why."""


class Patterns:
    """Regular expressions whose matching takes time in proportion to the text (those of Rust)."""

    def __init__(self) -> None:
        self._compiled: dict[str, SchemaValidator] = {}

    def match(self, pattern: str, text: str) -> bool:
        """Whether a pattern occurs in a text. Raises NotSafe for one that cannot be matched in such a time."""
        compiled = self._compiled.get(pattern)
        if compiled is None:
            try:
                compiled = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
            except SchemaError:
                raise NotSafe(f"its pattern {pattern[:80]!r} is none, looks around or back, or is too large") from None
            self._compiled[pattern] = compiled
        return compiled.isinstance_python(text)


def check_safety(schema: dict[str, Any]) -> Patterns:
    """Look at every subschema that can be reached; answers the patterns. Raises NotSafe."""
    nodes = _Nodes(schema)
    patterns, keys = Patterns(), set[str]()
    for node in nodes.reachable():
        for key, what in _REFUSED.items():
            if key in node:
                raise NotSafe(f"it has {what}, which is not supported")
        for pattern in (node.get("pattern"), *node.get("patternProperties", ())):
            if isinstance(pattern, str):
                patterns.match(pattern, "")
        nodes.unfolded(node)
        keys |= node.keys()
    if {"patternProperties", "unevaluatedProperties"} <= keys:
        raise NotSafe("`patternProperties` together with `unevaluatedProperties` are not supported")
    return patterns


class _Nodes:
    """The subschemas of a schema, as they refer to one another."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
        self._sizes: dict[int, int | None] = {}

    def reachable(self) -> Iterator[dict[str, Any]]:
        """Each that can be reached, once."""
        seen: set[int] = set()
        waiting: list[Any] = [self._schema]
        while waiting:
            node = waiting.pop()
            if isinstance(node, bool) or id(node) in seen:
                continue
            if not isinstance(node, dict):
                raise NotSafe("a part of it that is referred to is no schema")
            seen.add(id(node))
            yield node
            waiting.extend([*self._here(node), *_within(node)])

    def unfolded(self, node: Any) -> int:
        """How many subschemas hold for a value for which this one holds."""
        if not isinstance(node, dict):
            return 1
        if id(node) in self._sizes:
            known = self._sizes[id(node)]
            if known is None:
                raise NotSafe("it refers to itself without an end")
            return known
        self._sizes[id(node)] = None
        size = 1 + sum(self.unfolded(one) for one in self._here(node))
        if size > MOST_UNFOLDED:
            raise NotSafe("it unfolds to too many subschemas")
        self._sizes[id(node)] = size
        return size

    def _here(self, node: dict[str, Any]) -> Iterator[Any]:
        """The subschemas for the value itself, what is referred to among them."""
        yield from _here(node)
        if "$ref" in node:
            yield self._target(node["$ref"])

    def _target(self, reference: Any) -> Any:
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise NotSafe(f"it refers to {str(reference)[:80]!r}, and nothing is looked up elsewhere")
        try:
            return self._resolver.lookup(reference).contents
        except (Unresolvable, LookupError, TypeError, ValueError, AttributeError):
            raise NotSafe(f"{reference[:80]!r} leads nowhere") from None


def _here(node: dict[str, Any]) -> Iterator[Any]:
    """The subschemas for the value itself."""
    yield from (node[key] for key in _ONE_HERE if key in node)
    for key in _MANY_HERE:
        yield from _listed(node.get(key))
    yield from _named(node.get("dependentSchemas"))


def _within(node: dict[str, Any]) -> Iterator[Any]:
    """The subschemas for what is in the value, and those that only wait to be referred to."""
    yield from (node[key] for key in _ONE_WITHIN if key in node)
    yield from _listed(node.get("prefixItems"))
    for key in _NAMED_WITHIN:
        yield from _named(node.get(key))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
