"""The process: it listens, says where, serves, and ends in good order."""

import asyncio
import logging
import socket
import sys
from collections.abc import Collection
from types import FrameType

import uvicorn

from rejoinder.engine.network import Address
from rejoinder.http.application import application
from rejoinder.http.connections import patient_for
from rejoinder.http.keys import KeyRing
from rejoinder.http.limits import Limits
from rejoinder.http.serving import Serving
from rejoinder.http.turns import Dial
from rejoinder_client import AsyncClient
from rejoinder_client.streams import open_dialed

_KEEP_ALIVE = 5


class _Server(uvicorn.Server):
    """One that takes requests until its turns have ended, so that they can be told to come again."""

    def __init__(self, config: uvicorn.Config, serving: Serving) -> None:
        super().__init__(config)
        self._serving = serving
        self._ending: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End after the turns; at once when told a second time."""
        if self._serving.ending:
            self.should_exit = self.force_exit = True
        self._loop.call_soon_threadsafe(self._begin_ending)

    def _begin_ending(self) -> None:
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        await self._serving.end()
        self.should_exit = True


async def serve(address: Address, dial: Dial, keys: KeyRing, *, hosts: Collection[str], limits: Limits) -> None:
    """Serve until SIGTERM or SIGINT, and say on standard error where. Raises OSError when nothing can listen there.

    One connection to the engine stays, so that it does not leave between two requests.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="rejoinder: %(levelname)s %(message)s")
    serving = Serving(keys, dial, limits)
    config = uvicorn.Config(
        application(serving, hosts=hosts, limits=limits),
        http=patient_for(limits.head_seconds),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_KEEP_ALIVE,
        h11_max_incomplete_event_size=limits.head_bytes,
    )
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.create_server((address.host, address.port), family=family)
    async with AsyncClient(open_dialed(dial), folders=[]):
        port = listening.getsockname()[1]
        shown = f"[{address.host}]" if ":" in address.host else address.host
        sys.stderr.write(f"rejoinder: listening at http://{shown}:{port}/agent\n")
        sys.stderr.flush()
        await _Server(config, serving).serve([listening])
