"""The pieces of a body that is read at a pace: what has arrived since the last one, as one."""

import asyncio
from collections.abc import AsyncGenerator

import httpx2


class AskedPieces:
    """Of a transport that receives nothing before it is asked: what comes meanwhile stays with the system."""

    def __init__(self, stream: httpx2.AsyncByteStream, pace: float) -> None:
        self._pieces = aiter(stream)
        self._pace = pace
        self._next = 0.0

    async def next(self, *, paced: bool) -> bytes:
        """A piece, waited for; nothing at the end. `paced`: not before the pace has gone by since the last one."""
        loop = asyncio.get_running_loop()
        if paced and (left := self._next - loop.time()) > 0:
            await asyncio.sleep(left)
        data = await anext(self._pieces, b"")
        self._next = loop.time() + self._pace
        return data

    async def aclose(self) -> None:
        """Ask for no more."""
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()


class CollectedPieces:
    """Of a transport that hands out bit by bit what it holds: taken by a task of its own.

    A bit that the transport already held comes without a turn of the event loop, and others may follow it. During the
    rest that the task takes after it, what arrives stays in the system's buffer and wakes nobody.
    """

    def __init__(self, stream: httpx2.AsyncByteStream, pace: float) -> None:
        self._stream = stream
        self._pace = pace
        self._paced = False
        self._collected: list[bytes] = []
        self._arrived = asyncio.Event()
        self._given = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def next(self, *, paced: bool) -> bytes:
        """As of the other class."""
        self._paced = paced
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
            self._reading.add_done_callback(self._read_all)
        while True:
            if not self._reading.done():
                await self._arrived.wait()
                self._arrived.clear()
            if self._collected:
                return self._take()
            if self._reading.done():
                self._reading.result()
                return b""

    async def aclose(self) -> None:
        """Stop the task."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def _take(self) -> bytes:
        data = b"".join(self._collected)
        self._collected.clear()
        self._given = asyncio.get_running_loop().time()
        return data

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        waited: list[bool] = []
        turn = loop.call_soon(waited.append, True)
        async for data in self._stream:
            turn.cancel()
            if data:
                self._collected.append(data)
            if waited and self._paced:
                if loop.time() - self._given >= self._pace:
                    self._arrived.set()
                await asyncio.sleep(self._pace)
            # The other side runs as soon as this one has to wait, when all bits that are here have been taken.
            self._arrived.set()
            waited.clear()
            turn = loop.call_soon(waited.append, True)
        turn.cancel()

    def _read_all(self, reading: asyncio.Task[None]) -> None:
        self._arrived.set()
        if not reading.cancelled():
            # Marked as seen, for when nobody asks any more; `next` raises it.
            reading.exception()
