"""The client's requests that are under way on one connection."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import attrs

from rejoinder.lsp.messages import RequestId, is_request_id

_log = logging.getLogger(__name__)

_current: ContextVar["Request"] = ContextVar("rejoinder_request")


@attrs.define(eq=False)
class Request:
    """One request of the client. A handler gets its own from `current_request`."""

    id: RequestId
    method: str
    """The JSON-RPC method, which for a command is `workspace/executeCommand`."""
    outlives_connection: bool = False
    """Whether the handler goes on when the client goes away; set by the handler. Others are cancelled then."""
    task: asyncio.Task[None] | None = None
    """The handler's task; None when it answered at once."""
    _is_answered: bool = False
    _after: list[Callable[[], object]] = attrs.field(factory=list)

    def after_reply(self, callback: Callable[[], object]) -> None:
        """Call back once the result has been sent: what is sent then comes after it. Not called after an error."""
        if self._is_answered:
            callback()
        else:
            self._after.append(callback)

    def cancel(self) -> None:
        """Cancel the handler, which may still answer with a result."""
        if self.task is not None and not self.task.done():
            # in the next round of the loop: a task that has not begun yet would end without entering its handler
            self.task.get_loop().call_soon(self.task.cancel)

    def answered(self, *, is_error: bool) -> None:
        """The reply has been sent."""
        self._is_answered = True
        callbacks, self._after = self._after, []
        for callback in () if is_error else callbacks:
            try:
                callback()
            except Exception:
                _log.exception("what was to be done after a reply failed")

    def enter(self) -> None:
        """Make this the current request of the running task."""
        _current.set(self)


def current_request() -> Request:
    """The request that the running handler serves, also from tasks that it starts.

    Raises LookupError in what serves no request.
    """
    return _current.get()


class Incoming:
    """The client's requests under way, by ID and by progress token."""

    def __init__(self) -> None:
        self._requests: dict[RequestId, Request] = {}
        self._cancels: dict[str | int, Callable[[], object]] = {}

    def __contains__(self, request_id: RequestId) -> bool:
        return request_id in self._requests

    def __iter__(self) -> Iterator[Request]:
        return iter(list(self._requests.values()))

    def add(self, request: Request) -> None:
        """A request has come."""
        self._requests[request.id] = request

    def remove(self, request: Request) -> None:
        """It has been answered."""
        self._requests.pop(request.id, None)

    def cancel(self, request_id: Any) -> bool:
        """Cancel one, from its ID as it came; whether there was one."""
        request = self._requests.get(request_id) if is_request_id(request_id) else None
        if request is not None:
            request.cancel()
        return request is not None

    @contextmanager
    def cancellable(self, token: str | int | None, cancel: Callable[[], object]) -> Iterator[None]:
        """Call `cancel` when the client cancels the progress of this token meanwhile; None is no token."""
        if token is None:
            yield
            return
        self._cancels[token] = cancel
        try:
            yield
        finally:
            # unless another has taken the token since
            if self._cancels.get(token) == cancel:
                del self._cancels[token]

    def cancel_token(self, token: Any) -> bool:
        """The client cancels a token's progress; whether anybody watched it."""
        cancel = self._cancels.get(token) if is_request_id(token) else None
        if cancel is not None:
            cancel()
        return cancel is not None
