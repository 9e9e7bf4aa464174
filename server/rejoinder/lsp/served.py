"""The methods of Rejoinder that one connection serves, each as a request and as a command."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from rejoinder.declared import frozen
from rejoinder.lsp.errors import Refusal
from rejoinder.protocol.converter import InvalidValue, structure, unstructure
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.methods import CHAT_CANCEL, METHODS, Method

P = TypeVar("P")
R = TypeVar("R")
MethodHandler = Callable[[P], Awaitable[R]]
"""Takes the method's params and answers its result."""

_HINT = "`capabilities.experimental.rejoinder.methods` in the reply to `initialize` lists what is served."


@frozen
class Served:
    """A method with its handler. `is_notification`: it may also come without an ID and is not answered then."""

    method: Method[Any, Any]
    handler: MethodHandler[Any, Any]
    is_notification: bool

    def params(self, value: Any) -> Any:
        """Typed params from what came; none is an empty object. Raises InvalidValue."""
        if not isinstance(value, dict | None):
            raise InvalidValue("expected an object @ params")
        return structure({} if value is None else value, self.method.params)

    async def call(self, params: Any) -> Any:
        """The result as a JSON value."""
        return unstructure(await self.handler(params))


class ServedMethods:
    """Looked up by the names on the wire."""

    def __init__(self) -> None:
        self._by_wire: dict[str, Served] = {}
        self._by_command: dict[str, Served] = {}

    def add(self, method: Method[P, R], handler: MethodHandler[P, R], *, is_notification: bool = False) -> None:
        """Serve a method. ValueError when it is served already."""
        if method.wire in self._by_wire:
            raise ValueError(f"{method.wire} is served already")
        served = Served(method, handler, is_notification)
        self._by_wire[method.wire] = self._by_command[method.command] = served

    def names(self) -> list[str]:
        """The methods' names, as the handshake has them."""
        return [served.method.name for served in self._by_wire.values()]

    def commands(self) -> list[str]:
        """The commands' names."""
        return list(self._by_command)

    def by_wire(self, name: str) -> Served | None:
        """By the JSON-RPC method."""
        return self._by_wire.get(name)

    def by_command(self, params: Any) -> tuple[Served, Any]:
        """The method that the params of `workspace/executeCommand` name, and its params as they came.

        Raises Refusal.
        """
        command, argument = _command_of(params)
        served = self._by_command.get(command)
        if served is None:
            raise unknown("command", command)
        return served, argument


def unknown(kind: str, name: str) -> Refusal:
    """The answer to a method or a command that nobody serves: one of the protocol's own is not served yet."""
    is_declared = any(name in (method.wire, method.command) for method in (*METHODS, CHAT_CANCEL))
    what = "is not served yet" if is_declared else "is unknown"
    return Refusal(ErrorCode.METHOD_NOT_FOUND, f"The {kind} {name[:200]!r} {what}.", hint=_HINT)


def _command_of(params: Any) -> tuple[str, Any]:
    command = params.get("command") if isinstance(params, dict) else None
    arguments = params.get("arguments") if isinstance(params, dict) else None
    if not isinstance(command, str):
        raise _invalid("command: expected text")
    if arguments is None or arguments == []:
        argument: Any = {}
    elif isinstance(arguments, list) and len(arguments) == 1:
        argument = {} if arguments[0] is None else arguments[0]
    else:
        raise _invalid(f"arguments: {command[:200]!r} takes a list with one object")
    # clients put the token of a command's progress beside its arguments
    if "workDoneToken" in params and isinstance(argument, dict):
        argument = {"workDoneToken": params["workDoneToken"], **argument}
    return command, argument


def _invalid(problem: str) -> Refusal:
    return Refusal(ErrorCode.INVALID_PARAMS, problem, hint="Send `{command, arguments: [params]}`.")
