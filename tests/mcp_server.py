"""A small server of the Model Context Protocol, written with its own library: a process for tests.

python mcp_server.py [--http] [--greets] [--dies] [--stays]
"""

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("for tests", log_level="ERROR")


@server.tool()
def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@server.tool()
def orders(user: str) -> list[dict[str, str]]:
    """The orders of a user."""
    return [{"user": user, "item": "Laptop"}]


@server.tool()
def fail(reason: str) -> str:
    """Say why not."""
    raise ToolError(reason)


@server.tool()
def die() -> str:
    """End the process."""
    os._exit(3)


@server.tool()
async def hang(mark: str) -> str:
    """Never answer; the file tells that the call has begun, and that it was cancelled."""
    Path(mark).write_text("begun")
    try:
        await asyncio.Event().wait()
    finally:
        Path(mark).write_text("cancelled")
    return ""


@server.tool()
def huge(size: int) -> str:
    """So many characters."""
    return "x" * size


@server.tool()
def process() -> str:
    """The process, and where it stands."""
    return f"{os.getpid()} {Path.cwd()}"


@server.tool()
def variable(name: str) -> str:
    """A variable of the environment."""
    return os.environ.get(name, "not set")


@server.tool()
def header(name: str, context: Context) -> str:
    """A header of the request that this call came with."""
    return str(context.request_context.request.headers.get(name))


@server.tool(name="shop.open")
def open_shop() -> str:
    """Its name is not one that every model could call."""
    return "open"


@server.tool(name="a_name_that_is_so_long_that_no_provider_of_models_would_take_it_at_all")
def unfit() -> str:
    """No model could call it."""
    return ""


def main() -> None:
    """Serve until the client leaves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--http", action="store_true", help="serve on a port of this machine, which is written first")
    parser.add_argument("--greets", action="store_true", help="write what is no message first")
    parser.add_argument("--dies", action="store_true", help="end at once, and say why")
    parser.add_argument("--stays", action="store_true", help="do not end with the client")
    options = parser.parse_args()
    if options.dies:
        sys.exit("no license was found")
    if options.greets:
        print("Welcome!", flush=True)
    if options.http:
        listening = socket.create_server(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        app = server.streamable_http_app(json_response=True)
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])
    else:
        server.run()
    if options.stays:
        asyncio.run(asyncio.Event().wait())


if __name__ == "__main__":
    main()
