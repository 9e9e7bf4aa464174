"""Functions of the program that sends a turn: tools that are called by asking that program."""

import re
from collections.abc import Sequence
from typing import Any

from pygls.exceptions import JsonRpcException

from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.tools import FUNCTIONS, ToolSpec
from rejoinder.lsp.server import RejoinderServer
from rejoinder.protocol import methods
from rejoinder.protocol.converter import InvalidValue
from rejoinder.services.tool_ports import Tool, ToolContext, ToolFailed

MOST_FUNCTIONS = 128

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ClientFunction:
    """One function, as the client told of it."""

    def __init__(self, server: RejoinderServer, declared: methods.FunctionTool) -> None:
        self._server = server
        self.spec = ToolSpec(
            name=declared.name,
            description=declared.description,
            parameters=declared.parameters,
            effect="write" if declared.asks else "read",
            source=FUNCTIONS,
        )
        """As the port `Tool` says."""

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """As the port `Tool` says. When this is cancelled, so is the call in the client."""
        params = methods.ToolCallParams(
            session_id=context.session_id or "",
            turn_id=context.turn_id,
            call_id=context.call_id,
            name=self.spec.name,
            args=args,
        )
        try:
            result = await self._server.request_method(methods.TOOL_CALL, params)
        except ConnectionError:
            raise ToolFailed("The program that has this function is gone.") from None
        except JsonRpcException as error:
            raise ToolFailed(f"The program could not call its function: {error}") from None
        except InvalidValue as error:
            raise ToolFailed(f"What the program answered is not understood: {error}.") from None
        if result.error is not None:
            raise ToolFailed(result.error)
        return result.output or ""


def functions_in(server: RejoinderServer, declared: Sequence[methods.FunctionTool] | None) -> tuple[Tool, ...]:
    """The functions that came with a turn. Raises InvalidInput for one that no model could call."""
    functions = declared or ()
    if len(functions) > MOST_FUNCTIONS:
        raise _invalid(f"there are {len(functions)}", f"Send at most {MOST_FUNCTIONS}.")
    names: set[str] = set()
    for function in functions:
        if not _NAME.fullmatch(function.name):
            hint = "Use letters, digits, `_` and `-`, at most 64."
            raise _invalid(f"{function.name!r:.100} is no name of a function", hint)
        if function.name in names:
            raise _invalid(f"there are two {function.name!r}", "Give each a name of its own.")
        if function.parameters.get("type") != "object":
            raise _invalid(
                f"the parameters of {function.name!r} are no schema of an object", 'Begin them with `"type": "object"`.'
            )
        names.add(function.name)
    return tuple(ClientFunction(server, function) for function in functions)


def _invalid(problem: str, hint: str) -> InvalidInput:
    return InvalidInput(f"functions: {problem}.", hint=hint, key="functions")
