"""Requests to the client that it has not answered yet."""

import itertools
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from rejoinder.lsp.errors import from_client
from rejoinder.lsp.messages import RequestId, is_request_id

Read = Callable[[Any], Any]
"""Makes a typed result of what came."""


class Asked:
    """By ID. pygls' interface wants futures of `concurrent.futures`."""

    def __init__(self) -> None:
        self._waiting: dict[RequestId, tuple[Future[Any], Read]] = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._waiting)

    def new_id(self) -> RequestId:
        """An ID that was not used yet."""
        return f"rejoinder-{next(self._numbers)}"

    def add(self, request_id: RequestId, read: Read, on_cancel: Callable[[], object]) -> Future[Any]:
        """Wait for an answer. `on_cancel` is called when the one who waits has given up."""
        future: Future[Any] = Future()
        self._waiting[request_id] = future, read

        def given_up(ended: Future[Any]) -> None:
            if ended.cancelled() and self._waiting.pop(request_id, None) is not None:
                on_cancel()

        future.add_done_callback(given_up)
        return future

    def answer(self, message: dict[str, Any]) -> bool:
        """Take the client's reply; False when nobody waits for it."""
        found = self._take(message.get("id"))
        if found is None:
            return False
        future, read = found
        try:
            if message.get("error") is not None:
                raise from_client(message["error"])
            future.set_result(read(message.get("result")))
        except Exception as error:
            future.set_exception(error)
        return True

    def fail(self, request_id: Any, error: Exception) -> bool:
        """This one cannot be answered; False when nobody waits for it."""
        found = self._take(request_id)
        if found is not None:
            found[0].set_exception(error)
        return found is not None

    def fail_all(self, error: Exception) -> None:
        """Nobody will answer any more."""
        for request_id in list(self._waiting):
            self.fail(request_id, error)

    def _take(self, request_id: Any) -> tuple[Future[Any], Read] | None:
        return self._waiting.pop(request_id, None) if is_request_id(request_id) else None
