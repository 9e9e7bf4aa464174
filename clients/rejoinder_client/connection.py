"""JSON-RPC over a pair of streams: requests and their replies, notifications, and the server's own requests."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from rejoinder.protocol.errors import ErrorCode
from rejoinder_client.errors import ConnectionLost, MethodNotFound, error_from_wire
from rejoinder_client.framing import BadFrame, frame, read_message
from rejoinder_client.streams import Streams

_GRACE = 5.0

Answering = Callable[[str, Any], Any]
"""Answers a request of the server, by method and params. Raises MethodNotFound for one that it does not know."""

Noting = Callable[[str, Any], None]
"""Takes a notification of the server, by method and params."""


class Connection:
    """One connection. Everything happens in the event loop that it was made in."""

    def __init__(
        self, streams: Streams, *, answer: Answering, note: Noting, on_lost: Callable[[ConnectionLost], None]
    ) -> None:
        self._streams = streams
        self._answer = answer
        self._note = note
        self._on_lost = on_lost
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._lost: ConnectionLost | None = None
        self._reading = asyncio.create_task(self._read())

    async def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its result. Raises the RejoinderError that the reply's code stands for.

        When the caller is cancelled, so is the request; for a short while its reply is waited for, so that what comes
        next finds it ended.
        """
        request_id = next(self._numbers)
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        self._pending[request_id] = reply
        try:
            await self._streams.writer.drain()
            return await asyncio.shield(reply)
        except ConnectionError:
            # The reading side knows why.
            return await asyncio.shield(reply)
        except asyncio.CancelledError:
            if not reply.done() and self._lost is None:
                self.notify("$/cancelRequest", {"id": request_id})
                await asyncio.wait([reply], timeout=_GRACE)
            raise
        finally:
            self._pending.pop(request_id, None)
            if reply.done():
                # So that nobody is told of an error which nobody waits for any more.
                reply.exception()

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification. Raises ConnectionLost."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        """Say goodbye, and hang up."""
        if self._lost is None:
            try:
                await asyncio.wait_for(self.request("shutdown"), _GRACE)
                self.notify("exit")
            except (ConnectionLost, TimeoutError):
                pass
        self._lose(ConnectionLost("The connection is closed.", hint="Open another one."))
        self._reading.cancel()
        await asyncio.wait([self._reading])
        await self._streams.close()

    def _send(self, message: dict[str, Any]) -> None:
        data = frame(message)
        if self._lost is not None:
            raise self._lost
        self._streams.writer.write(data)

    async def _read(self) -> None:
        reason = "The server has ended the connection."
        try:
            while (message := await read_message(self._streams.reader)) is not None:
                self._take(message)
        except (BadFrame, asyncio.IncompleteReadError, OSError) as error:
            reason = f"The connection is broken: {error}."
        last_words = await self._streams.last_words()
        self._lose(ConnectionLost(reason, hint="Start it again; what it stored is not lost.", last_words=last_words))

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict):
            raise BadFrame(f"no JSON-RPC: {message!r:.200}")
        if "method" not in message:
            self._take_reply(message)
        elif "id" in message:
            self._send(self._answered(message))
        else:
            self._note(message["method"], message.get("params"))

    def _take_reply(self, message: dict[str, Any]) -> None:
        reply = self._pending.get(message.get("id", 0))
        if reply is None or reply.done():
            return
        if "error" in message:
            reply.set_exception(error_from_wire(message["error"]))
        else:
            reply.set_result(message.get("result"))

    def _answered(self, message: dict[str, Any]) -> dict[str, Any]:
        envelope = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            return {**envelope, "result": self._answer(message["method"], message.get("params"))}
        except MethodNotFound as error:
            return {**envelope, "error": {"code": int(ErrorCode.METHOD_NOT_FOUND), "message": error.message}}

    def _lose(self, error: ConnectionLost) -> None:
        if self._lost is not None:
            return
        self._lost = error
        for reply in self._pending.values():
            if not reply.done():
                reply.set_exception(error)
        self._on_lost(error)
