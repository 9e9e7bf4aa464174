"""Tools of the servers of the Model Context Protocol that the user's `config.toml` names."""

import asyncio
import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rejoinder.adapters.mcp_config import BadServer, McpServer, read_server
from rejoinder.adapters.mcp_connection import McpConnection, Unavailable
from rejoinder.domain.redaction import Redactor
from rejoinder.domain.tools import ALL_TOOLS, ToolSpec
from rejoinder.services.tool_ports import Tool, ToolContext, ToolFailed

MISSING = 'the extra `mcp` is not installed: pip install "rejoinder[mcp]"'

_log = logging.getLogger(__name__)


class McpTool:
    """One tool of a server."""

    def __init__(self, connection: McpConnection, name: str, spec: ToolSpec) -> None:
        self._connection = connection
        self._name = name
        self.spec = spec
        """As the port `Tool` says."""

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """As the port `Tool` says."""
        from mcp import MCPError
        from pydantic import ValidationError

        from rejoinder.adapters.mcp_results import text_of

        server = self._connection.server.name
        try:
            result = await self._connection.call(self._name, args)
        except Unavailable as error:
            raise ToolFailed(f"The server {server} cannot be used: {error}.") from None
        except MCPError as error:
            raise ToolFailed(f"The server {server} says: {error.message}") from None
        except (ValidationError, RuntimeError):
            _log.info("the result of %s is not understood", self.spec.name, exc_info=True)
            raise ToolFailed(f"What the server {server} answered is not understood.") from None
        text = await asyncio.to_thread(text_of, result)
        if result.is_error:
            raise ToolFailed(text or "The tool failed and does not say why.")
        return text


class McpTools:
    """As the port `ToolSource` says. A server is started when its tools are asked for."""

    def __init__(self, tables: Callable[[], Any], *, version: str) -> None:
        """`tables` reads the `[mcp.NAME]` tables, each time they are needed; it may block. `version` is our own."""
        self._tables = tables
        self._version = version
        self._connections: dict[McpServer, McpConnection] = {}
        self._notes: dict[str, str] = {}
        self._is_closed = False

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """The tools of all servers that are wanted, and that can be had; `notes` says which cannot."""
        tables = await asyncio.to_thread(self._tables)
        if not isinstance(tables, Mapping) or self._is_closed:
            return ()
        self._notes = {name: note for name, note in self._notes.items() if name in tables}
        wanted = [name for name in tables if _is_wanted(name, context.wanted)]
        found = await asyncio.gather(*(self._of(name, tables[name], context.environment) for name in wanted))
        return [tool for tools in found for tool in tools]

    def notes(self) -> list[str]:
        """What could not be had, for people."""
        return [f"[mcp.{name}] {note}" for name, note in self._notes.items()]

    async def close(self) -> None:
        """End all servers."""
        self._is_closed = True
        await asyncio.gather(*(connection.close() for connection in self._connections.values()))

    async def _of(self, name: str, table: Any, environment: Mapping[str, str]) -> Sequence[Tool]:
        try:
            server = read_server(name, table, environment)
            if importlib.util.find_spec("mcp") is None:
                raise BadServer(MISSING + ".")
            connection = self._connections.get(server) or McpConnection(server, version=self._version)
            self._connections[server] = connection
            return await self._listed(connection)
        except BadServer as error:
            self._notes[name] = str(error)
        except Unavailable as error:
            # what a program says before it dies may hold anything
            self._notes[name] = f"cannot be used: {Redactor().mask(str(error))}."
            _log.warning("the server %s cannot be used: %s", name, error)
        return ()

    async def _listed(self, connection: McpConnection) -> list[Tool]:
        server = connection.server
        listed = await connection.tools()
        from rejoinder.adapters.mcp_results import spec_of

        tools: list[Tool] = []
        left_out = []
        names: set[str] = set()
        for tool in listed:
            if server.tools is not None and tool.name not in server.tools:
                continue
            spec = spec_of(tool, server)
            if spec is None or spec.name in names:
                left_out.append(tool.name)
            else:
                names.add(spec.name)
                tools.append(McpTool(connection, tool.name, spec))
        self._notes.pop(server.name, None)
        if left_out:
            shown = ", ".join(name[:64] for name in left_out[:8])
            self._notes[server.name] = f"tools that no model could call are left out: {shown}."
        return tools


def _is_wanted(server: str, names: tuple[str, ...] | None) -> bool:
    """Whether a server has to be there for these names."""
    if names is None or ALL_TOOLS in names or server in names:
        return True
    return any(name.startswith(f"{server}__") for name in names)
