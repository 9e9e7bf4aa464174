"""What a schema may be given as in Python."""

import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from rejoinder.protocol.types import Usage
from rejoinder_client.errors import InvalidParams, SchemaInvalid
from rejoinder_client.shapes import shape_of, with_output
from rejoinder_client.turns import Answer


class Model(BaseModel):
    """A model with a check that no JSON schema says."""

    name: str

    @field_validator("name")
    @classmethod
    def no_shouting(cls, name: str) -> str:
        if name.isupper():
            raise ValueError("it shouts")
        return name


@dataclasses.dataclass
class Plain:
    """A dataclass."""

    name: str


class Ducks:
    """What only looks like pydantic's."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object"}

    @classmethod
    def model_validate(cls, value: Any) -> str:
        return f"of {value}"


def answer(value: Any, stop_reason: Any = "end_turn") -> Answer:
    return Answer("", [], Usage(), stop_reason, None, "t", "s", None, json=value)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (Model, Model(name="a")),
        (Plain, Plain("a")),
        ({"type": "object"}, {"name": "a"}),
        (Ducks, "of {'name': 'a'}"),
    ],
)
def test_a_value_becomes_what_was_asked_for(schema: Any, expected: Any) -> None:
    shape = shape_of(schema)
    assert shape.schema["type"] == "object"
    assert with_output(answer({"name": "a"}), shape).output == expected


def test_what_a_class_refuses_is_an_error_of_the_schema() -> None:
    with pytest.raises(SchemaInvalid, match="it shouts"):
        with_output(answer({"name": "A"}), shape_of(Model))
    with pytest.raises(SchemaInvalid, match="cancelled"):
        with_output(answer(None, "cancelled"), shape_of(Model))


@pytest.mark.parametrize("schema", [object(), 5, "text"])
def test_what_describes_no_shape_is_refused(schema: Any) -> None:
    with pytest.raises(InvalidParams, match="no shape"):
        shape_of(schema)
