"""JSON schemas: what an answer is told, and what harm a schema cannot do."""

import datetime
import enum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from rejoinder.adapters.json_schema import MOST_PROBLEMS, JsonSchemas, problems
from rejoinder.domain.errors import SchemaInvalid

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


class Colour(enum.Enum):
    """A choice."""

    RED = "red"


class Inner(BaseModel):
    """A part."""

    count: int = Field(ge=0)
    when: datetime.datetime


class Whole(BaseModel):
    """What pydantic's schemas are made of: references, choices, unions, dictionaries."""

    colour: Colour
    parts: list[Inner]
    note: str | None = None
    sizes: dict[str, int]


def refusal(schema: dict[str, Any]) -> str:
    with pytest.raises(SchemaInvalid) as caught:
        JsonSchemas().of(schema)
    assert caught.value.hint and caught.value.data["errors"]
    return caught.value.message


def nested(levels: int, end: Any, key: str = "a") -> Any:
    for _ in range(levels):
        end = {key: end}
    return end


def test_what_is_wrong_is_told_with_its_place() -> None:
    part = {"count": -1, "when": "yesterday"}
    found = problems({"colour": "blue", "parts": [part], "sizes": {"a": "b"}}, Whole.model_json_schema())
    assert [each.partition(":")[0] for each in found] == [
        "$.colour",
        "$.parts[0].count",
        "$.parts[0].when",
        "$.sizes.a",
    ]
    right = {"colour": "red", "parts": [{"count": 1, "when": "2024-05-06T07:08:09Z"}], "sizes": {}}
    assert problems(right, Whole.model_json_schema()) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"additionalProperties": False, "properties": {"a": {}}}, {"b": 1}),
        ({"additionalProperties": False, "patternProperties": {"^a": {}}}, {"b": 1}),
        ({"additionalProperties": {"type": "string"}}, {"b": 1}),
        ({"patternProperties": {"^a": {"type": "string"}}}, {"ab": 1}),
        ({"pattern": "^a+$"}, "b"),
        ({"uniqueItems": True}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}]),
        ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, {"b": 1}),
        ({"format": "email"}, "nobody at all"),
        ({"format": "uuid"}, "1"),
        ({"format": "date"}, "2024-02-30"),
        ({"properties": {"next": {"$ref": "#"}}, "type": "object"}, {"next": {"next": 1}}),
        ({"$anchor": "x", "properties": {"next": {"$ref": "#x"}}, "type": "object"}, {"next": 1}),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "definitions": {"a": False},
                "$ref": "#/definitions/a",
            },
            1,
        ),
        ({"not": {}}, 1),
    ],
    ids=str,
)
def test_keywords_hold(schema: dict[str, Any], value: Any) -> None:
    assert problems(value, schema)


@pytest.mark.parametrize(
    "value", [{"a": 1}, {"$id": "x"}, {"a b": [1, 2]}, "a", 1, None, [], {"format": "unknown"}], ids=str
)
def test_what_is_right_is_right(value: Any) -> None:
    assert problems(value, {"properties": {"$id": {"type": "string"}}, "format": "unknown"}) == []


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "objekt"}, "$.type"),
        ({"type": 5}, "$.type"),
        ({"properties": []}, "$.properties"),
        ({"$ref": "http://127.0.0.1:9/x"}, "nothing is looked up"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "nothing is looked up"),
        ({"$ref": "other.json"}, "nothing is looked up"),
        ({"$ref": "#/nowhere"}, "leads nowhere"),
        ({"foo": {"bar": 5}, "$ref": "#/foo/bar"}, "is no schema"),
        ({"$ref": "#"}, "without an end"),
        ({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#"}}}}, "without an end"),
        ({"$dynamicRef": "#a"}, "not supported"),
        ({"properties": {"a": {"$id": "http://127.0.0.1:9/"}}}, "not supported"),
        ({"properties": {"a": {"$schema": "http://json-schema.org/draft-04/schema#"}}}, "not supported"),
        ({"pattern": "(a"}, "pattern"),
        ({"patternProperties": {"(?=a)b": {}}}, "pattern"),
        ({"pattern": "(?:a{1000}){1000}"}, "pattern"),
        ({"enum": ["x" * 200_000]}, "larger than"),
        ({"patternProperties": {"a": {}}, "unevaluatedProperties": False}, "not supported"),
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_is_no_schema_or_not_safe_is_refused(schema: dict[str, Any], why: str) -> None:
    assert why in refusal(schema)


def test_nothing_unfolds_beyond_measure() -> None:
    doubled = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)}
    assert "unfolds" in refusal({"$defs": {**doubled, "a60": {}}, "$ref": "#/$defs/a0"})
    assert "nested too deeply" in refusal(nested(500, {"type": "string"}, "not"))
    twice = {"allOf": [{"properties": {"a": {"$ref": "#"}}}] * 2}
    for schema in (twice, {"unevaluatedProperties": False, **twice}):
        assert "takes too long" in problems(nested(60, {}), schema)[0]
    assert "nested too deeply" in problems(nested(400, {}), {"properties": {"a": {"$ref": "#"}}})[0]


def test_patterns_take_no_longer_than_the_text() -> None:
    text = "a" * 100_000 + "!"
    assert problems(text, {"pattern": "^(a+)+$"})
    assert problems({text: 1}, {"patternProperties": {"^(a|aa)+$": {}}, "additionalProperties": False})


def test_a_long_list_of_problems_is_cut() -> None:
    found = problems(["x"] * 1000, {"items": {"enum": list(range(5000))}})
    assert len(found) == MOST_PROBLEMS and all(len(each) < 400 for each in found)
    assert problems([{"a": n} for n in range(20_000)], {"uniqueItems": True}) == []
