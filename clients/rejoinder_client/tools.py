"""Functions that a model may call: what is said of them, and their arguments as a JSON schema.

@tool(asks=True)
def cancel_order(order_id: str, reason: Literal["late", "broken"] = "late") -> str:
    "Cancel an order."

client.session("support", tools=[cancel_order, look_up, *default_tools()])
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

import attrs

from rejoinder.protocol.tools import FunctionTool
from rejoinder_client.errors import InvalidParams
from rejoinder_client.threads import in_thread
from rejoinder_client.tool_schema import documentation_of, field_name, model_of, parameters_of, schema_of, unfit

F = TypeVar("F", bound=Callable[..., Any])

AnyTool = Callable[..., Any] | str
"""A function of the program, or the name of one of the server's own tools."""

LONGEST_OUTPUT = 1_000_000
"""Characters of an answer that are sent; the server cuts what is too much for its model."""

_NOTES = "__rejoinder_tool__"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ERRORS_TOLD = 5


@attrs.frozen
class _Notes:
    """What the decorator says of a function."""

    asks: bool = False
    name: str | None = None
    description: str | None = None


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(*, asks: bool = False, name: str | None = None, description: str | None = None) -> Callable[[F], F]: ...
def tool(
    function: F | None = None, /, *, asks: bool = False, name: str | None = None, description: str | None = None
) -> F | Callable[[F], F]:
    """Say something of a function that is to be a tool; it stays the function that it is.

    `asks` is for what changes anything or reaches out: each call waits for a yes (`on_approval`). Without a name and a
    description the function's own count, its docstring with what it says of each argument.
    """

    def noted(function: F) -> F:
        setattr(function, _NOTES, _Notes(asks, name, description))
        return function

    return noted if function is None else noted(function)


def default_tools() -> list[str]:
    """The server's own tools that only read: files, search, conversations, diagnostics. Nothing outside the project.

    `client.tools()` lists them, and whatever else there is.
    """
    return ["default"]


class Function:
    """One function as a tool. Making it raises InvalidParams for one that cannot be described."""

    def __init__(self, function: Callable[..., Any]) -> None:
        notes = getattr(function, _NOTES, _Notes())
        self.function = function
        """The function itself."""
        self.name = notes.name or _name_of(function)
        """What models call it by."""
        if not _NAME.fullmatch(self.name):
            raise unfit(self.name, "its name has other characters than letters, digits, `_` and `-`, or over 64")
        said, arguments = documentation_of(function)
        self._parameters = parameters_of(function, self.name)
        self._model = model_of(self.name, function, self._parameters, arguments)
        self.declared = FunctionTool(
            name=self.name,
            description=notes.description or said,
            parameters=schema_of(self.name, self._model),
            asks=notes.asks or None,
        )
        """What the server is told of it."""
        self._is_async = inspect.iscoroutinefunction(function)

    def bind(self, given: Mapping[str, Any]) -> Callable[[], Any]:
        """The call with these arguments, checked and of their types. Raises InvalidParams, which says what is wrong."""
        from pydantic import ValidationError

        try:
            checked = self._model.model_validate(given)
        except ValidationError as error:
            raise InvalidParams(_told(error), hint="Give the arguments as the schema says.") from None
        positional, named = [], {}
        for number, parameter in enumerate(self._parameters):
            value = getattr(checked, field_name(number))
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[parameter.name] = value
        return functools.partial(self.function, *positional, **named)

    async def call(self, given: Mapping[str, Any]) -> str:
        """Call it, a plain function in a thread of its own; what it answers as text. Raises what it raises."""
        call = self.bind(given)
        answered = call() if self._is_async else await in_thread(call)
        value = await answered if inspect.isawaitable(answered) else answered
        # what is large takes long, and what is not JSON may do anything while it is shown
        return (
            value
            if isinstance(value, str) and len(value) <= LONGEST_OUTPUT
            else await in_thread(lambda: as_text(value))
        )


def as_text(value: Any) -> str:
    """What a function answered, as a model reads it: text as it is, all else as JSON; cut where it is too long."""
    if value is None:
        text = "done"
    elif isinstance(value, str):
        text = value
    else:
        from pydantic_core import to_json

        text = to_json(value, fallback=str, inf_nan_mode="constants").decode()
    if len(text) <= LONGEST_OUTPUT:
        return text
    return f"{text[:LONGEST_OUTPUT]}\n… {len(text) - LONGEST_OUTPUT:,} characters more"


def functions_in(tools: Sequence[AnyTool]) -> dict[str, Function]:
    """The functions among tools, by name. Raises InvalidParams for two of one name."""
    found: dict[str, Function] = {}
    for each in tools:
        if isinstance(each, str):
            continue
        if not callable(each):
            raise unfit(repr(each), "it is neither a function nor the name of a tool")
        function = Function(each)
        if function.name in found:
            raise unfit(function.name, "there are two of this name")
        found[function.name] = function
    return found


def _name_of(function: Callable[..., Any]) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__)


def _told(error: Any) -> str:
    """What is wrong with arguments, one after the other."""
    wrong = [
        f"{'.'.join(str(part) for part in each['loc']) or 'arguments'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = f"; and {len(wrong) - _ERRORS_TOLD} more" if len(wrong) > _ERRORS_TOLD else ""
    return "The arguments do not fit: " + "; ".join(wrong[:_ERRORS_TOLD]) + more + "."
