"""How far long requests are, as the server reports it."""

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How far a request is: what is being done, and how much of it in percent if that is known."""

    message: str
    percentage: int | None


OnProgress = Callable[[Progress], object]
"""Told of progress, in the thread of the connection."""


class ProgressFeed:
    """Passes on what the server reports, by the tokens of the requests."""

    def __init__(self) -> None:
        self._watchers: dict[Any, OnProgress] = {}

    @contextlib.contextmanager
    def watched(self, on_progress: OnProgress | None) -> Iterator[str | None]:
        """A token to send along with a request, whose progress is told meanwhile; None when nobody wants to know."""
        if on_progress is None:
            yield None
            return
        token = uuid.uuid4().hex
        self._watchers[token] = on_progress
        try:
            yield token
        finally:
            del self._watchers[token]

    def take(self, params: Any) -> None:
        """A `$/progress` notification."""
        value = params.get("value") if isinstance(params, dict) else None
        watcher = self._watchers.get(params["token"]) if isinstance(value, dict) and "token" in params else None
        if watcher is None or not isinstance(value, dict) or value.get("kind") not in ("begin", "report"):
            return
        percentage = value.get("percentage")
        try:
            watcher(
                Progress(
                    str(value.get("message") or value.get("title") or ""),
                    percentage if isinstance(percentage, int) else None,
                )
            )
        except Exception:
            _log.exception("what was told of progress failed")
