"""The server object of one connection. What connections share lies in the engine behind the handlers."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from rejoinder.lsp.framing import BODY_LIMIT, FrameParser
from rejoinder.lsp.handshake import ClientHandshake
from rejoinder.lsp.lifecycle import RejoinderProtocol
from rejoinder.lsp.outgoing import UNSENT_LIMIT, Outgoing
from rejoinder.lsp.positions import Encoding
from rejoinder.lsp.requests import current_request
from rejoinder.lsp.served import MethodHandler, P, R
from rejoinder.lsp.standard import shared_converter
from rejoinder.protocol.converter import structure, unstructure
from rejoinder.protocol.methods import Method

_log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_BURST = 32
"""Messages of one client that are taken in before others have their turn."""
_FAREWELL = 5.0
"""Seconds that cancelled handlers have to end."""
_KINDS: dict[types.PositionEncodingKind, Encoding] = {
    types.PositionEncodingKind.Utf8: "utf-8",
    types.PositionEncodingKind.Utf16: "utf-16",
    types.PositionEncodingKind.Utf32: "utf-32",
}
# pygls has the one or the other; each delta asks
_ENCODINGS: dict[str, Encoding] = {name: _KINDS[kind] for kind in _KINDS for name in (kind, kind.value)}


class RejoinderServer(LanguageServer):
    """Speaks with one client. Standard features are registered with `feature`, as on any pygls server."""

    protocol: RejoinderProtocol

    def __init__(
        self,
        *,
        version: str,
        features: Iterable[str] = (),
        about: Mapping[str, Any] = MappingProxyType({}),
        body_limit: int = BODY_LIMIT,
        unsent_limit: int = UNSENT_LIMIT,
    ) -> None:
        """`features` and what else there is to tell go into the server's handshake.

        Limits are in bytes: of a message, and of what waits unsent.
        """
        super().__init__(
            name="Rejoinder", version=version, protocol_cls=RejoinderProtocol, converter_factory=shared_converter
        )
        self.protocol.features = tuple(features)
        self.protocol.about = about
        self._body_limit = body_limit
        self._unsent_limit = unsent_limit
        self._on_close: list[Callable[[], object]] = []

    def handle(self, method: Method[P, R], handler: MethodHandler[P, R]) -> None:
        """Serve a method as a request and as a command. The handler takes its params and answers its result."""
        self.protocol.served.add(method, handler)

    def on(self, method: Method[P, R], handler: MethodHandler[P, R]) -> None:
        """Take a notification of Rejoinder's, which may also come as a request or a command."""
        self.protocol.served.add(method, handler, is_notification=True)

    async def answer(self, method: Method[P, R], params: P) -> R:
        """What a method answers that is served here, as a part of the request that is under way. KeyError if none."""
        served = self.protocol.served.by_wire(method.wire)
        if served is None:
            raise KeyError(method.name)
        result: R = await served.handler(params)
        return result

    def notify_method(self, method: Method[P, Any], params: P) -> None:
        """Send one of Rejoinder's notifications. Never waits."""
        self.protocol.send({"method": method.wire, "params": unstructure(params)})

    def notify_progress(self, token: str | int, value: Any) -> None:
        """Send one of the protocol's objects as a value of `$/progress`, for a token that the client supplied."""
        self.protocol.send({"method": types.PROGRESS, "params": {"token": token, "value": unstructure(value)}})

    async def request_method(self, method: Method[P, R], params: P) -> R:
        """Ask the client one of Rejoinder's requests.

        Raises JsonRpcException for its error, InvalidValue for a result of another shape, and ConnectionError when it
        has gone.
        """
        result = await self.protocol.send_request_async(method.wire, unstructure(params))
        return structure(result, method.result)

    def cancellable(
        self, token: str | int | None, cancel: Callable[[], object] | None = None
    ) -> contextlib.AbstractContextManager[None]:
        """Call `cancel` when the client cancels the progress of a token that it supplied; the request's own by default.

        The `workDoneToken` in a request's params needs none of this until the request is answered.
        """
        return self.protocol.incoming.cancellable(token, cancel or current_request().cancel)

    @property
    def client_handshake(self) -> ClientHandshake | None:
        """What the client says of itself; None for one that does not know Rejoinder."""
        return self.protocol.client_handshake

    @property
    def position_encoding(self) -> Encoding:
        """The units of positions, as negotiated."""
        return _ENCODINGS[self.workspace.position_encoding or types.PositionEncodingKind.Utf16]

    @property
    def folder_uris(self) -> list[str]:
        """The workspace folders as they are now, in the client's order."""
        return [folder.uri for folder in self.workspace.folders.values()]

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has sent `shutdown`, as it should before it leaves."""
        return self.protocol.was_shut_down

    @property
    def is_connected(self) -> bool:
        """Whether the client is still there."""
        return self.protocol.phase != "over"

    @property
    def has_left_early(self) -> bool:
        """Whether the client has sent `exit` without `shutdown`."""
        return self.protocol.has_left_early

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """The running handlers."""
        requests = {request.task for request in self.protocol.incoming if request.task is not None}
        return frozenset(requests | self.protocol.notified)

    def on_close(self, callback: Callable[[], object]) -> None:
        """Call back when the connection has ended, before its handlers are cancelled."""
        self._on_close.append(callback)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the client until its stream ends or it sends `exit`. Leaves the writer open.

        At the end requests are cancelled unless they are marked by `outlives_connection`; nothing is sent any more.
        """
        self.protocol.connect(Outgoing(writer, unsent_limit=self._unsent_limit))
        try:
            await self._read(reader)
        except ConnectionError:
            _log.debug("the client has gone", exc_info=True)
        finally:
            self.protocol.disconnect()
            self._tell_closed()
            await self._end_handlers()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        parser = FrameParser(body_limit=self._body_limit)
        while data := await reader.read(_CHUNK):
            for count, frame in enumerate(parser.feed(data), 1):
                self.protocol.receive(frame)
                if self.protocol.phase == "over":
                    return
                if count % _BURST == 0:
                    await asyncio.sleep(0)

    def _tell_closed(self) -> None:
        for callback in self._on_close:
            try:
                callback()
            except Exception:
                _log.exception("what was to be done at a connection's end failed")

    async def _end_handlers(self) -> None:
        loop = asyncio.get_running_loop()
        ending = set(self.protocol.notified)
        ending |= {r.task for r in self.protocol.incoming if r.task is not None and not r.outlives_connection}
        for task in ending:
            # not before they have begun, see `Request.cancel`
            loop.call_soon(task.cancel)
        if ending:
            _, left = await asyncio.wait(ending, timeout=_FAREWELL)
            if left:
                _log.warning("%d handlers go on although their connection has ended", len(left))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go to the log; a client is not shown messages for them."""
        _log.error("%s: %s", source, error)
