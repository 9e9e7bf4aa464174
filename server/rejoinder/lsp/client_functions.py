"""Functions of clients' programs: tools that are called by asking the program that has them."""

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

_Place = tuple[str, str | None, str]
"""Whose functions: IDs of project, session and user."""


class FunctionOffers:
    """Which connections offer functions for a session's turns: those that others have sent, or an engine has left."""

    def __init__(self) -> None:
        self._servers: dict[tuple[_Place, str], RejoinderServer] = {}

    def put(self, server: RejoinderServer, place: _Place, names: Sequence[str]) -> None:
        """A connection offers functions of these names."""
        self._servers.update({(place, name): server for name in names})

    def withdraw(self, server: RejoinderServer) -> None:
        """A connection has ended."""
        self._servers = {key: one for key, one in self._servers.items() if one is not server}

    def server(self, place: _Place, name: str) -> RejoinderServer | None:
        """Who offers a function."""
        return self._servers.get((place, name))


class ClientFunction:
    """One function, as a client told of it. As the port `ToolElsewhere` says."""

    def __init__(
        self, declared: methods.FunctionTool, offers: FunctionOffers, server: RejoinderServer | None = None
    ) -> None:
        """`server` is the connection that sent the turn; once that has ended, `offers` tell who has the function."""
        self._server = server
        self._offers = offers
        self.spec = ToolSpec(
            name=declared.name,
            description=declared.description,
            parameters=declared.parameters,
            effect="write" if declared.asks else "read",
            source=FUNCTIONS,
        )

    def is_there(self, context: ToolContext) -> bool:
        """Whether a program has it that is connected."""
        return self._who(context) is not None

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """Call it. When this is cancelled, so is the call in the client."""
        server = self._who(context)
        if server is None:
            raise ToolFailed("The program that has this function is not connected.")
        params = methods.ToolCallParams(
            session_id=context.session_id or "",
            turn_id=context.turn_id,
            call_id=context.call_id,
            name=self.spec.name,
            args=args,
        )
        try:
            result = await server.request_method(methods.TOOL_CALL, params)
        except ConnectionError:
            raise ToolFailed("The program that has this function is gone.") from None
        except JsonRpcException as error:
            raise ToolFailed(f"The program could not call its function: {error}") from None
        except InvalidValue as error:
            raise ToolFailed(f"What the program answered is not understood: {error}.") from None
        if result.error is not None:
            raise ToolFailed(result.error)
        return result.output or ""

    def _who(self, context: ToolContext) -> RejoinderServer | None:
        if self._server is not None and self._server.is_connected:
            return self._server
        return self._offers.server((context.project.project_id, context.session_id, context.user_id), self.spec.name)


def functions_in(
    declared: Sequence[methods.FunctionTool] | None, offers: FunctionOffers, server: RejoinderServer | None = None
) -> tuple[Tool, ...]:
    """Functions that a client tells of. Raises InvalidInput for one that no model could call."""
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
    return tuple(ClientFunction(function, offers, server) for function in functions)


def _invalid(problem: str, hint: str) -> InvalidInput:
    return InvalidInput(f"functions: {problem}.", hint=hint, key="functions")
