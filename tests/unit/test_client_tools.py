"""Functions as tools: what is told of them, and their arguments back as values of their types."""

import dataclasses
import enum
import functools
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from rejoinder_client import default_tools, tool
from rejoinder_client.errors import InvalidParams
from rejoinder_client.tools import LONGEST_OUTPUT, Function, as_text, functions_in


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


class Box(BaseModel):
    corner: Point


def everything(
    json: str,
    copy: int,
    colour: Colour,
    box: Box,
    title: Literal["a", "b"] = "a",
    many: list[int] | None = None,
    by_name: dict[str, float] | None = None,
    size: Annotated[int, Field(ge=1)] = 1,
    *,
    flag: bool = False,
) -> tuple[Any, ...]:
    """Do it all.

    At once.

    Args:
        json: what is to be done,
            and how
        copy: how often

    Returns:
        what it was called with
    """
    return json, copy, colour, box, title, many, by_name, size, flag


def test_every_kind_of_argument_has_a_schema_and_comes_back_as_its_type() -> None:
    function = Function(everything)
    declared = function.declared
    assert (declared.name, declared.asks) == ("everything", None)
    assert declared.description == "Do it all.\n\nAt once.\n\nReturns: what it was called with"
    properties = declared.parameters["properties"]
    assert declared.parameters["required"] == ["json", "copy", "colour", "box"]
    assert declared.parameters["additionalProperties"] is False
    assert properties["json"] == {"type": "string", "description": "what is to be done, and how"}
    assert properties["title"] == {"type": "string", "enum": ["a", "b"], "default": "a"}
    assert properties["many"]["anyOf"] == [{"items": {"type": "integer"}, "type": "array"}, {"type": "null"}]
    assert properties["size"] == {"type": "integer", "minimum": 1, "default": 1}
    assert declared.parameters["$defs"]["Colour"]["enum"] == ["red", "blue"]
    given = {"json": "x", "copy": "3", "colour": "red", "box": {"corner": {"x": 1}}, "many": [1], "flag": True}
    assert function.bind(given)() == ("x", 3, Colour.RED, Box(corner=Point(1)), "a", [1], None, 1, True)


def test_arguments_that_do_not_fit_are_named() -> None:
    with pytest.raises(InvalidParams) as caught:
        Function(everything).bind({"json": 1, "copy": 1, "colour": "green", "box": {"corner": {}}, "more": 2})
    for name in ("json: ", "colour: ", "box.corner.x: ", "more: "):
        assert name in caught.value.message
    assert "pydantic" not in caught.value.message


def test_the_decorator_leaves_the_function_as_it_is() -> None:
    @tool(asks=True, name="cancel", description="Cancel it.")
    def cancel_order(order_id: int) -> int:
        return order_id

    @tool
    def plain() -> None:
        """Plain."""

    assert cancel_order(3) == 3
    declared = Function(cancel_order).declared
    assert (declared.name, declared.description, declared.asks) == ("cancel", "Cancel it.", True)
    assert Function(plain).declared.description == "Plain."


def test_methods_partials_and_objects_that_can_be_called() -> None:
    class Shop:
        @tool(asks=True)
        def price(self, item: str, /, currency: str = "EUR") -> str:
            return f"{item} {currency}"

        def __call__(self, item: str) -> str:
            return item

    method, partial = Function(Shop().price), Function(functools.partial(everything, json="x", copy=1))
    assert method.declared.asks and list(method.declared.parameters["properties"]) == ["item", "currency"]
    assert method.bind({"item": "tea"})() == "tea EUR"
    assert partial.name == "everything" and partial.declared.parameters["required"] == ["colour", "box"]
    assert Function(Shop()).bind({"item": "tea"})() == "tea"


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (lambda: None, "its name has other characters"),
        (print, r"`\*args` stands for any arguments"),
        (5, "neither a function nor the name of a tool"),
    ],
)
def test_what_cannot_be_a_tool_is_refused(bad: Any, problem: str) -> None:
    with pytest.raises(InvalidParams, match=problem):
        functions_in([bad])


def test_types_that_json_does_not_know_are_refused() -> None:
    class Opaque:
        pass

    def takes(what: Opaque) -> None:
        pass

    def later(what: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
        pass

    with pytest.raises(InvalidParams, match="takes cannot be a tool: the type of an argument has no JSON schema"):
        functions_in([takes])
    with pytest.raises(InvalidParams, match="later cannot be a tool: the type of an argument is not known"):
        functions_in([later])
    with pytest.raises(InvalidParams, match="two of this name"):
        functions_in([everything, everything])


def test_answers_as_text() -> None:
    assert [as_text(value) for value in ("as it is", None, 3, [1, "a"], Point(1), {"x": Colour.RED})] == [
        *("as it is", "done", "3", '[1,"a"]', '{"x":1,"y":0.5}', '{"x":"red"}')
    ]
    assert as_text({"what": object}).startswith('{"what":"')
    assert len(as_text("x" * (LONGEST_OUTPUT + 5))) < LONGEST_OUTPUT + 40


def test_names_of_the_servers_own_are_no_functions() -> None:
    assert functions_in(["read_file", *default_tools()]) == {}
