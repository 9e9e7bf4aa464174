"""The connection to one server of the Model Context Protocol: begun when it is needed, and anew after its end."""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import attrs

from rejoinder.adapters.mcp_config import McpServer

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client._transport import TransportStreams
    from mcp.types import CallToolResult, Tool

    from rejoinder.adapters.mcp_stdio import ServerProgram

START_SECONDS = 30.0
"""How long a server may take before it can be used."""
REST_SECONDS = 30.0
"""How long one that failed is left alone."""
IDLE_SECONDS = 900.0
"""How long one stays that nobody uses."""
FRESH_SECONDS = 60.0
"""How long a list of tools counts, unless the server says that it has changed."""

_LEAVE_SECONDS = 10.0
_MOST_PAGES = 20
_LONGEST_REASON = 600


class Unavailable(Exception):
    """The server cannot be used. The text says why."""


@attrs.define(eq=False)
class _Live:
    """A connection that stands."""

    client: "Client"
    tools: "list[Tool]"
    listed: float


class McpConnection:
    """One server. Each run of it has a task of its own, which holds the connection from its beginning to its end."""

    def __init__(self, server: McpServer, *, version: str) -> None:
        """`version` is our own, as the server is told it."""
        self.server = server
        """What it is."""
        self._version = version
        self.failure: str | None = None
        """Why it could not be begun the last time."""
        self._failed_at = 0.0
        self._used_at = 0.0
        self._calls = 0
        self._program: ServerProgram | None = None
        self._live: asyncio.Future[_Live] | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._changed = False

    async def tools(self) -> "list[Tool]":
        """The tools that it has. Raises Unavailable."""
        live = await self._standing()
        if self._changed or time.monotonic() - live.listed > FRESH_SECONDS:
            self._changed = False
            try:
                async with asyncio.timeout(START_SECONDS):
                    live.tools, live.listed = await _all_tools(live.client), time.monotonic()
            except Exception as error:
                raise self._failed(error) from None
        return live.tools

    async def call(self, name: str, args: dict[str, Any]) -> "CallToolResult":
        """Call a tool, once. Raises Unavailable when the connection ended meanwhile, MCPError as the server says."""
        from mcp import MCPError
        from mcp.types import CONNECTION_CLOSED

        live = await self._standing()
        self._calls += 1
        try:
            return await live.client.call_tool(name, args)
        except MCPError as error:
            if error.code != CONNECTION_CLOSED:
                raise
            raise self._failed(error) from None
        finally:
            self._calls -= 1
            self._used_at = time.monotonic()

    async def close(self) -> None:
        """End it, and wait for that."""
        self._over.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_LEAVE_SECONDS)

    async def _standing(self) -> _Live:
        """The connection, begun if there is none. Whoever gives up waiting for it leaves it to the others."""
        self._used_at = time.monotonic()
        if self._live is None or self._over.is_set():
            if self.failure is not None and time.monotonic() - self._failed_at < REST_SECONDS:
                raise Unavailable(self.failure)
            if self._task is not None:
                await asyncio.wait([self._task])
            # another one may have begun it meanwhile
            if self._live is None or self._over.is_set():
                self._begin()
        assert self._live is not None  # noqa: S101 - for the type checker
        return await asyncio.shield(self._live)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._over, self._live, self._changed = asyncio.Event(), loop.create_future(), False
        # of a failure that nobody waits for any more nobody needs to be told
        self._live.add_done_callback(lambda live: live.cancelled() or live.exception())
        self._task = loop.create_task(self._run(self._live, self._over), name=f"mcp {self.server.name}")

    async def _run(self, ready: "asyncio.Future[_Live]", over: asyncio.Event) -> None:
        try:
            # it takes long to load, and not on the event loop
            await asyncio.to_thread(__import__, "mcp")
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(START_SECONDS):
                    client = await stack.enter_async_context(self._client(over))
                    tools = await _all_tools(client)
                self.failure = None
                ready.set_result(_Live(client, tools, time.monotonic()))
                await self._used(over)
        except Exception as error:
            if not ready.done():
                failed = self._failed(error)
                self.failure, self._failed_at = str(failed), time.monotonic()
                ready.set_exception(failed)
        finally:
            over.set()
            if not ready.done():
                ready.set_exception(Unavailable("it was ended"))

    def _client(self, over: asyncio.Event) -> "Client":
        from mcp import Client
        from mcp.types import Implementation

        async def noticed(message: object) -> None:
            if getattr(message, "method", "") == "notifications/tools/list_changed":
                self._changed = True

        about = Implementation(name="rejoinder", version=self._version)
        return Client(self._transport(over), client_info=about, message_handler=noticed, cache=None)

    def _transport(self, over: asyncio.Event) -> "contextlib.AbstractAsyncContextManager[TransportStreams]":
        self._program = None
        if self.server.url is not None:
            from rejoinder.adapters.mcp_http import http_streams

            return http_streams(self.server)
        from rejoinder.adapters.mcp_stdio import ServerProgram

        self._program = ServerProgram(self.server.command, dict(self.server.environment), over.set)
        return self._program.streams()

    async def _used(self, over: asyncio.Event) -> None:
        """Return when the connection has ended, or nobody has used it for long."""
        while not over.is_set():
            rest = self._used_at + IDLE_SECONDS - time.monotonic()
            if rest <= 0 and not self._calls:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), max(rest, 1.0))

    def _failed(self, error: Exception) -> Unavailable:
        """End the connection; the next one who needs it begins anew."""
        self._over.set()
        return Unavailable(self._reason(error))

    def _reason(self, error: BaseException) -> str:
        program = self._program
        if program is not None and program.fault:
            return program.fault
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, FileNotFoundError) and program is not None and error.filename == self.server.command[0]:
            return f"there is no program {self.server.command[0]!r}"
        if isinstance(error, OSError) and error.filename:
            return f"{error.filename}: {error.strerror}"
        if isinstance(error, TimeoutError):
            reason = f"it did not answer within {START_SECONDS:g} s"
        else:
            reason = "it ended" if program is not None else str(error) or type(error).__name__
        said = program.last_words if program is not None else ""
        return f"{reason}: {said}"[:_LONGEST_REASON] if said else reason[:_LONGEST_REASON]


async def _all_tools(client: "Client") -> "list[Tool]":
    page = await client.list_tools()
    tools = list(page.tools)
    for _ in range(_MOST_PAGES):
        if page.next_cursor is None:
            break
        page = await client.list_tools(cursor=page.next_cursor)
        tools += page.tools
    return tools
