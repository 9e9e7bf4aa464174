"""The shape of an answer: a JSON schema, or a class that it becomes an instance of."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from rejoinder_client.errors import InvalidParams, SchemaInvalid
from rejoinder_client.turns import Answer


@attrs.frozen
class Shape:
    """What a schema was given as: its JSON schema, and what makes an answer's value of it."""

    schema: dict[str, Any]
    read: Callable[[Any], Any]


def shape_of(schema: Any) -> Shape:
    """The shape that a schema describes.

    That is a JSON schema, a class with pydantic's two methods, or whatever else pydantic knows the shape of: a
    dataclass, or a `list[…]` of them. Raises InvalidParams.
    """
    if isinstance(schema, Mapping):
        return Shape(dict(schema), lambda value: value)
    describe, read = getattr(schema, "model_json_schema", None), getattr(schema, "model_validate", None)
    if callable(describe) and callable(read):
        return Shape(describe(), read)
    try:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUserError
    except ImportError:
        raise _no_schema(schema, "Install pydantic, or give a JSON schema.") from None
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(schema)
        return Shape(adapter.json_schema(), adapter.validate_python)
    except (PydanticUserError, TypeError, NameError):
        raise _no_schema(schema, "Give a JSON schema, a pydantic class, or a dataclass.") from None


def with_output(answer: Answer, shape: Shape) -> Answer:
    """The answer with what its JSON becomes. Raises SchemaInvalid where the class refuses what the schema allowed."""
    if answer.stop_reason == "cancelled":
        raise SchemaInvalid("The turn was cancelled before its answer was whole.", hint="Ask again.")
    try:
        return attrs.evolve(answer, output=shape.read(answer.json))
    except ValueError as error:
        raise SchemaInvalid(
            f"The answer is valid by its JSON schema, and not by its class: {error}",
            hint="Say in the schema what the class checks, or ask again.",
            data={"errors": [str(error)]},
        ) from error


def _no_schema(schema: Any, hint: str) -> InvalidParams:
    return InvalidParams(f"schema: {schema!r} describes no shape.", hint=hint)
