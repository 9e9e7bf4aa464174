"""What a method of the protocol is."""

from typing import Generic, TypeVar

import attrs

from rejoinder.protocol.declare import wire

P = TypeVar("P")
R = TypeVar("R")

Token = str | int
"""A progress token that the client chose."""


@wire
class Nothing:
    """No parameters, or nothing to tell."""


@attrs.frozen
class Method(Generic[P, R]):
    """A request of the protocol, also served as a command."""

    name: str
    params: type[P]
    result: type[R]

    @property
    def wire(self) -> str:
        """The JSON-RPC method: `rejoinder/session/list`."""
        return f"rejoinder/{self.name}"

    @property
    def command(self) -> str:
        """The command for `workspace/executeCommand`: `rejoinder.session.list`."""
        return "rejoinder." + self.name.replace("/", ".")
