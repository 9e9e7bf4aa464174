"""Connections that have to send a request's head in time."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class Punctual(H11Protocol):
    """uvicorn's protocol, but a connection without a whole head for so long is closed.

    Its own time-out counts only from one request's end to the next one's first byte: whoever sends a byte now and then
    would keep a connection for ever.
    """

    head_seconds = 10.0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Wait no more when there is a request."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(self.head_seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def patient_for(seconds: float) -> type[H11Protocol]:
    """The protocol with so much patience."""
    return type("Punctual", (Punctual,), {"head_seconds": seconds})
