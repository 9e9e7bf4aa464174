"""JSON-RPC over a pair of streams: requests and their replies, notifications, and the server's own requests."""

import asyncio
import inspect
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rejoinder.protocol.errors import ErrorCode
from rejoinder_client.errors import ConnectionLost, MethodNotFound, RejoinderError, error_from_wire
from rejoinder_client.framing import BadFrame, frame, read_message
from rejoinder_client.streams import Streams

_GRACE = 5.0

_log = logging.getLogger(__name__)

Answering = Callable[[str, Any], Any]
"""Answers a request of the server, by method and params, with a result or an awaitable of one.

Raises RejoinderError, such as MethodNotFound for one that it does not know.
"""

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
        self._answering: dict[Any, asyncio.Task[None]] = {}
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
            self._take_request(message)
        elif message["method"] == "$/cancelRequest":
            if (answering := self._answering.get((message.get("params") or {}).get("id"))) is not None:
                answering.cancel()
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

    def _take_request(self, message: dict[str, Any]) -> None:
        request_id = message["id"]
        try:
            result = self._answer(message["method"], message.get("params"))
        except RejoinderError as error:
            self._send(_refusal(request_id, error))
            return
        if inspect.isawaitable(result):
            task = asyncio.get_running_loop().create_task(self._reply_with(request_id, result))
            self._answering[request_id] = task
            task.add_done_callback(lambda _: self._answering.pop(request_id, None))
        else:
            self._send(_reply(request_id, result))

    async def _reply_with(self, request_id: Any, pending: Awaitable[Any]) -> None:
        """Send a result when it is there. Without a connection nobody waits for it any more."""
        try:
            try:
                self._send(_reply(request_id, await pending))
            except RejoinderError as error:
                self._send(_refusal(request_id, error))
            except asyncio.CancelledError:
                self._send(_error(request_id, ErrorCode.REQUEST_CANCELLED, "The request was cancelled."))
                raise
        except ConnectionLost:
            _log.debug("the request %r is answered too late", request_id)

    def _lose(self, error: ConnectionLost) -> None:
        if self._lost is not None:
            return
        self._lost = error
        for answering in self._answering.values():
            answering.cancel()
        for reply in self._pending.values():
            if not reply.done():
                reply.set_exception(error)
        self._on_lost(error)


def _reply(request_id: Any, result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "result": result}


def _refusal(request_id: Any, error: RejoinderError) -> dict[str, Any]:
    is_unknown = isinstance(error, MethodNotFound)
    code = ErrorCode.METHOD_NOT_FOUND if is_unknown else ErrorCode.INTERNAL_ERROR
    return _error(request_id, code, error.message)


def _error(request_id: Any, code: ErrorCode, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": int(code), "message": message}}
