"""What is sent to one client: in order, without ever waiting, and not without end."""

import asyncio
import logging
from typing import Any

from rejoinder.lsp.framing import framed
from rejoinder.lsp.json_text import encode

UNSENT_LIMIT = 32 * 1024 * 1024
"""Bytes that may wait for a client that does not read."""

_log = logging.getLogger(__name__)


class Outgoing:
    """The sending half of a connection."""

    def __init__(self, writer: asyncio.StreamWriter, *, unsent_limit: int = UNSENT_LIMIT) -> None:
        self._transport = writer.transport
        self._unsent_limit = unsent_limit
        self._is_open = True

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message; nothing is sent after `close`.

        Raises TypeError for what JSON cannot hold. A client that has left too much unread loses its connection: what
        was unsent before counts, so that one large message to a client that reads is no reason.
        """
        data = framed(encode(message))
        if not self._is_open or self._transport.is_closing():
            return
        unsent = self._transport.get_write_buffer_size()
        if unsent > self._unsent_limit:
            _log.warning("a client has left %d bytes unread: its connection is dropped", unsent)
            self._is_open = False
            self._transport.abort()
            return
        self._transport.write(data)

    def close(self) -> None:
        """Send nothing any more. The stream itself stays open, and what is queued still goes."""
        self._is_open = False
