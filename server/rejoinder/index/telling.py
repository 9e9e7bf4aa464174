"""Tells how far an index is: at once when its state is another, else a few times a second while it changes."""

import time
from collections.abc import Callable

from rejoinder.domain.retrieval import IndexStatus
from rejoinder.index.keeping_up import KeepingUp
from rejoinder.index.messages import Status

_SECONDS = 0.25


class Telling:
    """What was told of an index."""

    def __init__(self, upkeep: KeepingUp, send: Callable[[Status], None]) -> None:
        self._upkeep = upkeep
        self._send = send
        self._told: IndexStatus | None = None
        self._told_at = float("-inf")

    @property
    def is_whole(self) -> bool:
        """Whether all is told that there is to tell."""
        return self._told == self._upkeep.status()

    def tell(self, *, at_once: bool = False) -> None:
        """Send the status if it is another, and if it is due or shall be sent `at_once`."""
        now = time.monotonic()
        if not at_once and now - self._told_at < _SECONDS and not self._state_changed():
            return
        status = self._upkeep.status()
        if status != self._told:
            self._send(Status(status))
            self._told = status
        self._told_at = now

    def _state_changed(self) -> bool:
        return self._told is None or self._told.state != self._upkeep.state
