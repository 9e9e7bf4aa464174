"""The arguments of `rejoinder serve` for clients that come over a network, and what they lead to."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from rejoinder.engine.locate import Connection

_HTTP = "127.0.0.1:8787"


def declare(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """The arguments; those for HTTP are imported when it is among the given ones."""
    listen = parser.add_mutually_exclusive_group()
    listen.add_argument("--tcp", metavar="HOST:PORT", help="serve clients that connect here, any number of them")
    listen.add_argument("--websocket", metavar="HOST:PORT", help="the same for WebSockets")
    listen.add_argument(
        "--http",
        metavar="HOST:PORT",
        nargs="?",
        const=_HTTP,
        help=f"serve remote sessions over HTTP ({_HTTP}); `rejoinder serve --http --help` says more",
    )
    parser.add_argument(
        "--token-env", metavar="NAME", help="the environment variable with the token that such clients have to send"
    )
    parser.add_argument("--allow-remote", action="store_true", help="listen on addresses beyond this machine")
    if any(each.partition("=")[0] == "--http" for each in given):
        from rejoinder.http import command

        command.declare(parser)


def serve(options: argparse.Namespace, connect: "Callable[[], Connection]") -> int:
    """Serve clients, each joined to the engine that `connect` leads to. Answers the process's exit status."""
    return _serve_http(options, connect) if options.http else _serve_streams(options, connect)


def _serve_streams(options: argparse.Namespace, connect: "Callable[[], Connection]") -> int:
    import asyncio

    from rejoinder.engine import network

    address = network.Address.parse(options.tcp or options.websocket, may_be_remote=options.allow_remote)
    token = network.token_in(options.token_env, os.environ)
    transport: network.Transport = "tcp" if options.tcp else "websocket"
    try:
        asyncio.run(network.serve(transport, address, token=token, connect=connect))
    except OSError as error:
        return network.refused(address, error)
    return 0


def _serve_http(options: argparse.Namespace, connect: "Callable[[], Connection]") -> int:
    from rejoinder import own_settings
    from rejoinder.http import command

    def dial() -> "tuple[socket.socket, bytes]":
        connection = connect()
        return connection.socket, connection.early

    return command.run(options, own_settings.file_settings(), dial)
