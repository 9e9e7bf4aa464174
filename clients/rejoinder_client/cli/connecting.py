"""The terminal's connection to its server."""

import asyncio
import contextlib
import socket
from argparse import Namespace
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rejoinder_client.blocking import LoopThread
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.places import absolute
from rejoinder_client.quick import project_here
from rejoinder_client.streams import Streams, open_dialed, open_pipe

if TYPE_CHECKING:
    from rejoinder_client.client import Client


Dial = Callable[[str | None, Mapping[str, Any]], tuple[socket.socket, bytes]]
"""Connects to the engine of a data folder, with settings that count as flags; the socket, and what came already."""


@contextlib.contextmanager
def connected(options: Namespace) -> Iterator["Client"]:
    """A client for the project and the folders that the arguments name."""
    folder = project_folder(options)
    flags = {"model": getattr(options, "model", None), "baseUrl": getattr(options, "base_url", None)}
    settings = {key: value for key, value in flags.items() if value is not None}
    loop = LoopThread()
    opening = loop.submit(_open(options, settings))

    async def opened() -> Streams:
        return await asyncio.wrap_future(opening)

    # Here and not above: the server starts while this is imported.
    from rejoinder_client.client import Client

    with Client(opened(), folders=[folder] if folder else [], loop=loop) as client:
        yield client


def _open(options: Namespace, settings: dict[str, Any]) -> Coroutine[Any, Any, Streams]:
    """Straight to the engine where the program can do that; else through a pipe."""
    dial: Dial | None = options.dial
    if dial is not None:
        return open_dialed(lambda: dial(options.data_dir, settings))
    # Nobody waits for the end of the pipe: after the server's goodbye there is nothing in it.
    return open_pipe(data_dir=options.data_dir, settings=settings, linger=0)


def project_folder(options: Namespace) -> Path | None:
    """The folder of the project; None in the home folder and above, which is no project unless it is named as one.

    Raises UsageError when there is no such folder.
    """
    folder = absolute(options.project or ".")
    if not folder.is_dir():
        raise UsageError(f"{options.project!r} is no folder.", hint="Name the folder of a project with --project.")
    return folder if options.project is not None else project_here(folder)
