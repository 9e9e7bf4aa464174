"""Listings as JSON, by one request over a socket that blocks: the reply is printed as it came.

For programs that call the command again and again. Neither an event loop nor the protocol's types are loaded, which
would take longer than all the rest. What this does not know, or what goes wrong, is left to the whole command.
"""

import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

LISTINGS = {
    ("session", "list", "--json"): "rejoinder/session/list",
    ("project", "list", "--json"): "rejoinder/project/list",
    ("models", "--json"): "rejoinder/models",
}
"""The commands, exactly as they are given, and their requests. They change nothing, so they may be sent twice."""

_CHUNK = 1 << 16


def print_listing(
    arguments: Sequence[str], dial: Callable[[str | None, Mapping[str, Any]], tuple[socket.socket, bytes]]
) -> bool:
    """Run one of the `LISTINGS`; whether that was done. `dial` connects to the engine and raises what it raises."""
    method = LISTINGS.get(tuple(arguments))
    if method is None:
        return False
    connection, received = dial(None, {})
    with connection:
        try:
            listing = _whole_listing(_Conversation(connection, received), method)
        except (OSError, LookupError, TypeError, ValueError):
            return False
    text = json.dumps(listing, indent=2, ensure_ascii=False) + "\n"
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has seen enough; what is left to be flushed has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def project_here(folder: Path) -> Path | None:
    """A folder as a project; None for the home folder and those above it, which are none unless they are named."""
    return None if Path.home().is_relative_to(folder) else folder


def _whole_listing(conversation: "_Conversation", method: str) -> dict[str, Any]:
    """The reply, with what further pages add to it."""
    here = project_here(Path.cwd())
    folders = [{"uri": here.as_uri(), "name": here.name}] if here else []
    conversation.request(
        "initialize", {"processId": os.getpid(), "rootUri": None, "workspaceFolders": folders, "capabilities": {}}
    )
    listing = conversation.request(method, {})
    while cursor := listing.pop("nextCursor", None):
        page = conversation.request(method, {"cursor": cursor})
        listing["nextCursor"] = page.pop("nextCursor", None)
        for key, values in page.items():
            listing[key] += values
    return listing


class _Conversation:
    """Requests one after the other. Whatever else the server says is passed over."""

    def __init__(self, connection: socket.socket, received: bytes) -> None:
        self._connection = connection
        self._received = received
        self._number = 0

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result. Raises LookupError for an error and ConnectionError at the connection's end."""
        self._number += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}).encode()
        self._connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                result: dict[str, Any] = message["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        """The next message. Raises ValueError for what is none."""
        while b"\r\n\r\n" not in self._received:
            self._read()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(self._received) < length:
            self._read()
        body, self._received = self._received[:length], self._received[length:]
        message: dict[str, Any] = json.loads(body)
        return message

    def _read(self) -> None:
        data = self._connection.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("the server has ended the connection")
        self._received += data
