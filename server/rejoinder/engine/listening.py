"""Where an engine can be reached, for as long as it lives."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from rejoinder import platform
from rejoinder.domain.errors import StorageError
from rejoinder.engine.claim import read_address, try_address_file
from rejoinder.engine.greeting import LINE_LIMIT

Take = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Takes one connection."""


class Listening:
    """An engine's sockets. Connections that are there stay when one is closed."""

    def __init__(self, data_dir: Path, take: Take) -> None:
        self._data_dir = data_dir
        self._take = take
        self._address = ""
        self._servers: list[asyncio.Server] = []

    async def open(self, listener: socket.socket, address: str) -> None:
        """Take the connections that come to a socket at an address, which counts as the engine's from now on."""
        self._servers.append(await asyncio.start_server(self._take, sock=listener, limit=LINE_LIMIT))
        self._address = address

    async def keep(self, seconds: float) -> None:
        """Look again and again whether the address still leads here, and put up another when it does not.

        Whatever cleans temporary files up may have removed the socket; nobody could start another engine then, for this
        one has the folder. Runs until it is cancelled.
        """
        while True:
            await asyncio.sleep(seconds)
            if not platform.is_address(self._address) or read_address(self._data_dir) != self._address:
                await self._open_another()

    def close(self) -> None:
        """Be reached no more."""
        platform.remove_address(self._address)
        for server in self._servers:
            server.close()

    async def _open_another(self) -> None:
        try:
            file = try_address_file(self._data_dir)
            if file is None:
                return  # somebody is just looking for this engine
            with file:
                listener, address = platform.listen_local()
                await self.open(listener, address)
                file.replace(address)
        except (OSError, StorageError):
            return  # the folder is gone, too: until the next time
