"""A function's arguments as a JSON schema, and what its docstring says."""

import functools
import inspect
import typing
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rejoinder_client.errors import InvalidParams

if TYPE_CHECKING:
    from pydantic import BaseModel


def parameters_of(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    """What it takes, in order. Raises InvalidParams for a function that takes whatever comes."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise unfit(name, "Python does not tell its arguments") from None
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise unfit(name, f"`{parameter}` stands for any arguments; name each of them")
    return parameters


def model_of(
    name: str, function: Callable[..., Any], parameters: Sequence[inspect.Parameter], said: Mapping[str, str]
) -> "type[BaseModel]":
    """What checks arguments and makes values of their types of them. Raises InvalidParams."""
    from pydantic import BaseModel, ConfigDict, Field, create_model
    from pydantic.errors import PydanticUserError

    types = _types(function, name)
    fields: dict[str, Any] = {}
    for number, parameter in enumerate(parameters):
        default = ... if parameter.default is parameter.empty else parameter.default
        # fields have names of their own: an argument may be called what pydantic keeps for itself
        about = Field(default, alias=parameter.name, description=said.get(parameter.name))
        fields[field_name(number)] = (types.get(parameter.name, Any), about)
    try:
        made = create_model(name, __config__=ConfigDict(extra="forbid"), __base__=None, **fields)
    except (PydanticUserError, NameError, TypeError) as error:
        raise unfit(name, f"the type of an argument has no JSON schema ({_first_line(error)})") from None
    assert issubclass(made, BaseModel)  # noqa: S101 - for the type checker
    return made


def _types(function: Callable[..., Any], name: str) -> dict[str, Any]:
    while isinstance(function, functools.partial):
        function = function.func
    if not (inspect.isroutine(function) or isinstance(function, type)):
        function = type(function).__call__
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise unfit(name, f"the type of an argument is not known ({_first_line(error)})") from None


def schema_of(name: str, model: "type[BaseModel]") -> dict[str, Any]:
    """The JSON schema of the arguments, an object. Raises InvalidParams."""
    from pydantic.errors import PydanticUserError
    from pydantic.json_schema import PydanticJsonSchemaWarning

    try:
        with warnings.catch_warnings():
            # a default that JSON does not know is left out of the schema, and counts all the same
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
            schema = model.model_json_schema(by_alias=True)
    except (PydanticUserError, ValueError) as error:
        raise unfit(name, f"the type of an argument has no JSON schema ({_first_line(error)})") from None
    schema.pop("title", None)
    for described in schema.get("properties", {}).values():
        # the argument's name again, which every model would be sent with every question
        described.pop("title", None)
    return schema


def documentation_of(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What a docstring says of the function, and of each argument."""
    while isinstance(function, functools.partial):
        function = function.func
    text = inspect.getdoc(function) or ""
    if "\n" not in text:
        return text, {}
    from griffe import Docstring, DocstringSectionKind, parse_auto

    # a docstring of another form is no reason to write to the program's log
    quiet: Any = {"warnings": False}
    said: list[str] = []
    arguments: dict[str, str] = {}
    for section in parse_auto(Docstring(text), per_style_options={"google": quiet, "numpy": quiet, "sphinx": quiet}):
        if section.kind is DocstringSectionKind.text:
            said.append(section.value)
        elif section.kind in (DocstringSectionKind.parameters, DocstringSectionKind.other_parameters):
            arguments |= {each.name: " ".join(each.description.split()) for each in section.value}
        elif section.kind is DocstringSectionKind.returns:
            said.append("Returns: " + " ".join(each.description for each in section.value))
    return "\n\n".join(said), arguments


def field_name(number: int) -> str:
    """The model's own name of an argument."""
    return f"argument_{number}"


def unfit(name: str, problem: str) -> InvalidParams:
    """Why a function cannot be a tool."""
    return InvalidParams(
        f"{name} cannot be a tool: {problem}.",
        hint="Give a function whose arguments have names and types that JSON knows.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
