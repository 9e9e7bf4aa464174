"""Tools for tests: what they do is a function, and what they were called with is remembered."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs

from rejoinder.domain.tools import Effect, ToolSpec
from rejoinder.services.tool_ports import Tool, ToolContext

NOTE = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}

Function = Callable[[dict[str, Any]], Awaitable[str]]


@attrs.define
class FakeTool:
    """A tool over a function."""

    spec: ToolSpec
    function: Function
    calls: list[dict[str, Any]] = attrs.field(factory=list)
    contexts: list[ToolContext] = attrs.field(factory=list)

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """As the port says."""
        self.calls.append(args)
        self.contexts.append(context)
        return await self.function(args)


async def _noted(args: dict[str, Any]) -> str:
    return f"noted {args['text']}"


def tool(name: str = "note", effect: Effect = "write", function: Function = _noted, **fields: Any) -> FakeTool:
    """A tool that takes a text, unless told otherwise."""
    given = {"description": f"the tool {name}", "parameters": NOTE, "source": "fakes", **fields}
    return FakeTool(ToolSpec(name=name, effect=effect, **given), function)


class FakeToolSource:
    """The port `ToolSource`."""

    def __init__(self, *tools: Tool) -> None:
        self.there: list[Tool] = list(tools)

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """As the port says."""
        return self.there
