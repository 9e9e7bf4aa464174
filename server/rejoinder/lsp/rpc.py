"""JSON-RPC over one connection: pygls' protocol class with its dispatch replaced.

pygls keeps the registered features, the documents, the capabilities and its interface to the client. What comes and
goes is plain JSON values here: nothing is taken for an envelope because of its keys, and every request is answered.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol

from rejoinder.domain.errors import TooLarge
from rejoinder.domain.nesting import nests_too_deep
from rejoinder.lsp import standard
from rejoinder.lsp.asked import Asked
from rejoinder.lsp.calls import Handler, call
from rejoinder.lsp.errors import Refusal, to_wire_error
from rejoinder.lsp.framing import BrokenFrame, Frame, OversizedFrame
from rejoinder.lsp.json_text import NESTING_LIMIT, NotJson, decode
from rejoinder.lsp.messages import RequestId, envelope, is_request_id, problem_with
from rejoinder.lsp.outgoing import Outgoing
from rejoinder.lsp.requests import Incoming, Request
from rejoinder.lsp.served import ServedMethods, unknown
from rejoinder.protocol.errors import ErrorCode

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

Phase = Literal["created", "initializing", "running", "shut down", "over"]


class RpcProtocol(LanguageServerProtocol):
    """Reads, dispatches and answers the messages of one client."""

    def __init__(self, server: "LanguageServer", converter: standard.Converter) -> None:
        self.phase: Phase = "created"
        self.served = ServedMethods()
        self.incoming = Incoming()
        self.notified: set[asyncio.Task[None]] = set()
        """Tasks of asynchronous handlers of notifications."""
        self._asked = Asked()
        self._outgoing: Outgoing | None = None
        super().__init__(server, converter)

    def connect(self, outgoing: Outgoing) -> None:
        """Send by this from now on."""
        self._outgoing = outgoing

    def disconnect(self) -> None:
        """The client has gone: nothing is sent any more, and nothing is waited for."""
        self.phase = "over"
        if self._outgoing is not None:
            self._outgoing.close()
        self._asked.fail_all(ConnectionResetError("the client has gone"))

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, without a client not at all. Raises TypeError for what JSON cannot hold."""
        if self._outgoing is not None:
            self._outgoing.send({"jsonrpc": "2.0", **message})

    def receive(self, frame: Frame) -> None:
        """Take in what came. Whatever is wrong with it is answered."""
        match frame:
            case BrokenFrame(reason):
                self._send_error(None, _not_understood(f"This is no message: {reason}."))
            case OversizedFrame(length, limit, head, tail):
                self._turn_away(envelope(head, tail), _too_large(length, limit))
            case _:
                self._receive_body(frame)

    def _receive_body(self, body: bytes) -> None:
        try:
            message = decode(body)
        except NotJson as error:
            self._send_error(None, _not_understood(f"This is no JSON: {error}."))
            return
        # counting is so much faster than looking that hardly any message is looked at
        if body.count(b"{") + body.count(b"[") > NESTING_LIMIT and nests_too_deep(message, NESTING_LIMIT):
            hint = f"Send no more than {NESTING_LIMIT} levels."
            self._turn_away(message, Refusal(ErrorCode.INVALID_PARAMS, "The message nests too deep.", hint=hint))
        else:
            self.handle_message(message)

    def handle_message(self, message: Any) -> None:
        """Dispatch a decoded message."""
        if (problem := problem_with(message)) is not None:
            request_id = message.get("id") if isinstance(message, dict) else None
            hint = "Send one JSON-RPC 2.0 message at a time."
            self._send_error(
                request_id if is_request_id(request_id) else None,
                Refusal(ErrorCode.INVALID_REQUEST, problem, hint=hint),
            )
        elif "method" not in message:
            if not self._asked.answer(message):
                _log.debug("nobody waits for the reply %.200r", message.get("id"))
        elif "id" in message:
            self._receive_request(Request(message["id"], message["method"]), message.get("params"))
        else:
            self._receive_notification(message["method"], message.get("params"))

    def _receive_request(self, request: Request, params: Any) -> None:
        context = copy_context()
        context.run(request.enter)
        try:
            self._require_allowed(request)
            handler, typed = self._prepare(request.method, params)
            result = context.run(call, handler, typed)
        except Exception as error:
            self._fail(request, error)
            return
        if inspect.isawaitable(result):
            self.incoming.add(request)
            answer = self._answer(request, result, getattr(typed, "work_done_token", None))
            request.task = asyncio.get_running_loop().create_task(answer, context=context)
        else:
            self._succeed(request, result)

    def _require_allowed(self, request: Request) -> None:
        """Raise Refusal when such a request has no place now."""
        is_first = request.method == types.INITIALIZE
        if self.phase in ("shut down", "over"):
            raise Refusal(ErrorCode.INVALID_REQUEST, "The server is shut down.", hint="Send `exit`, and connect again.")
        if is_first and self.phase != "created":
            raise Refusal(ErrorCode.INVALID_REQUEST, "`initialize` was sent already.", hint="Send it once.")
        if not is_first and self.phase != "running":
            hint = "Send `initialize` first, and wait for its reply."
            raise Refusal(ErrorCode.SERVER_NOT_INITIALIZED, "The server is not initialized.", hint=hint)
        if request.id in self.incoming:
            hint = "Give every request an ID of its own."
            raise Refusal(ErrorCode.INVALID_REQUEST, "Another request with this ID is under way.", hint=hint)

    def _prepare(self, method: str, params: Any) -> tuple[Handler, Any]:
        """A request's handler and its typed params. Raises Refusal and InvalidValue."""
        if method == types.WORKSPACE_EXECUTE_COMMAND:
            served, argument = self.served.by_command(params)
            return served.call, served.params(argument)
        if (named := self.served.by_wire(method)) is not None:
            return named.call, named.params(params)
        return self._handler(method), standard.params_in(self._converter, method, params)

    def _handler(self, method: str) -> Handler:
        handler: Handler | None = self.fm.builtin_features.get(method) or self.fm.features.get(method)
        if handler is None:
            raise unknown("method", method)
        return handler

    async def _answer(self, request: Request, pending: Awaitable[Any], token: str | int | None) -> None:
        try:
            with self.incoming.cancellable(token, request.cancel):
                result = await pending
        except (Exception, asyncio.CancelledError) as error:
            self._fail(request, error)
        else:
            self._succeed(request, result)
        finally:
            self.incoming.remove(request)

    def _succeed(self, request: Request, result: Any) -> None:
        try:
            is_ours = (
                request.method == types.WORKSPACE_EXECUTE_COMMAND or self.served.by_wire(request.method) is not None
            )
            value = result if is_ours else standard.result_out(self._converter, request.method, result)
            self.send({"id": request.id, "result": value})
        except Exception as error:
            self._fail(request, error)
        else:
            request.answered(is_error=False)

    def _fail(self, request: Request, error: BaseException) -> None:
        if request.method == types.INITIALIZE and self.phase == "initializing":
            self.phase = "created"
        self._send_error(request.id, error)
        request.answered(is_error=True)

    def _send_error(self, request_id: RequestId | None, error: BaseException) -> None:
        code, message, data = to_wire_error(error)
        try:
            self.send({"id": request_id, "error": {"code": code, "message": message, "data": data}})
        except TypeError:
            self.send({"id": request_id, "error": {"code": code, "message": message, "data": {"hint": data["hint"]}}})

    def _receive_notification(self, method: str, params: Any) -> None:
        if method == types.CANCEL_REQUEST:
            self.incoming.cancel(params.get("id") if isinstance(params, dict) else None)
            return
        served = self.served.by_wire(method)
        takes_none = served is not None and not served.is_notification
        is_early = self.phase != "running" and method != types.EXIT
        if is_early or takes_none or standard.response_type(method) is not None:
            _log.debug("the notification %.200r has no place here", method)
            return
        try:
            handler, typed = self._prepare(method, params)
            result = copy_context().run(call, handler, typed)
        except Exception as error:
            self._note_failure(method, error)
            return
        if inspect.isawaitable(result):
            task = asyncio.get_running_loop().create_task(self._finish(method, result))
            self.notified.add(task)
            task.add_done_callback(self.notified.discard)

    async def _finish(self, method: str, pending: Awaitable[Any]) -> None:
        try:
            await pending
        except Exception as error:
            self._note_failure(method, error)

    def _note_failure(self, method: str, error: Exception) -> None:
        """Nobody is told of a notification that came to nothing; an unexpected reason has its traceback in the log."""
        code, message, _ = to_wire_error(error)
        level = logging.DEBUG if code == ErrorCode.METHOD_NOT_FOUND else logging.WARNING
        _log.log(level, "the notification %.200r came to nothing: %s", method, message)

    def _turn_away(self, message: Any, error: Exception) -> None:
        """Answer a message that is not looked into: a request, as far as can be told."""
        members = message if isinstance(message, dict) else {}
        request_id, method = members.get("id"), members.get("method")
        if method is None and self._asked.fail(request_id, error):
            return
        if "id" not in members and isinstance(method, str) and standard.is_notification(method):
            self._note_failure(method, error)
            return
        self._send_error(request_id if is_request_id(request_id) else None, error)

    # what pygls' own classes call

    def get_message_type(self, method: str) -> Any:  # type: ignore[override]
        """As in pygls, without its cache, which would keep every connection alive."""
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> Any:  # type: ignore[override]
        """As in pygls, without its cache."""
        return standard.response_type(method)

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: RequestId | None = None,
    ) -> Future[Any]:
        """Ask the client. Whoever gives up waiting cancels the request at the client, too."""
        request_id = self._asked.new_id() if msg_id is None else msg_id
        future = self._asked.add(
            request_id,
            lambda result: standard.result_in(self._converter, method, result),
            lambda: self.send({"method": types.CANCEL_REQUEST, "params": {"id": request_id}}),
        )
        if callback is not None:
            future.add_done_callback(lambda done: None if _has_failed(done) else callback(done.result()))
        if self.phase == "over":
            self._asked.fail(request_id, ConnectionResetError("the client has gone"))
            return future
        try:
            self.send({"id": request_id, "method": method, "params": self._converter.unstructure(params)})
        except TypeError as error:
            self._asked.fail(request_id, error)
        return future

    def _send_data(self, data: Any) -> None:
        self.send(self._converter.unstructure(data))


def _has_failed(done: Future[Any]) -> bool:
    return done.cancelled() or done.exception() is not None


def _not_understood(message: str) -> Refusal:
    return Refusal(ErrorCode.PARSE_ERROR, message, hint="Send `Content-Length: N`, an empty line, and N bytes of JSON.")


def _too_large(length: int, limit: int) -> TooLarge:
    return TooLarge(
        f"The message has {length} bytes.", limit=limit, hint="Send less at a time, or name a file by its URI."
    )
