"""`rejoinder serve`: an editor's standard input and output, joined to the engine.

Bytes are passed on as they are, by two threads that block. Nothing heavy is imported, because an editor waits for this
process to start: no event loop, no model of the protocol.
"""

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Literal

from rejoinder.domain.errors import RejoinderError
from rejoinder.engine.greeting import Greeting
from rejoinder.engine.locate import EngineUnavailable, Start, connect
from rejoinder.engine.refusing import ToWire, refuse
from rejoinder.platform import have_blocking

_CHUNK = 1 << 16

End = Literal["finished", "client gone", "engine gone"]


def serve(data_dir: Path, *, greeting: Greeting, start: Start, to_wire: ToWire, patience: float = 30.0) -> int:
    """Join this process's standard input and output to the folder's engine. Answers the process's exit status.

    `patience` in seconds, for an engine that says nothing.

    0 when the engine has ended the conversation as the client wished, 1 when there is no engine (any more): an editor
    then starts the server again. Where there was none, `initialize` is answered with the error.
    """
    try:
        connection = connect(data_dir, greeting=greeting, start=start, patience=patience)
    except RejoinderError as error:
        sys.stderr.write(f"rejoinder: {error.message} {error.hint}\n")
        sys.stderr.flush()
        refuse((error.wire if isinstance(error, EngineUnavailable) else None) or to_wire(error))
        return 1
    if join(connection.socket, early=connection.early) == "engine gone":
        sys.stderr.write(
            "rejoinder: The engine has gone, or `exit` came without `shutdown`. "
            "Start the server again; nothing that it stored is lost.\n"
        )
        return 1
    return 0


def join(connection: socket.socket, *, early: bytes = b"", source: int = 0, sink: int = 1) -> End:
    """Copy `source` to the connection and the connection to `sink`, until the engine ends it or the sink is closed.

    The end of `source` is passed on as the end of what is sent; what the engine still has to say is delivered.
    """
    have_blocking(source, sink)
    source_ended = threading.Event()
    threading.Thread(target=_send, args=(connection, source, source_ended), daemon=True).start()
    try:
        _write(sink, early)
        while data := _receive(connection):
            _write(sink, data)
        return "engine gone" if not source_ended.is_set() and _is_gone(connection) else "finished"
    except OSError:
        return "client gone"
    finally:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def _send(connection: socket.socket, source: int, ended: threading.Event) -> None:
    while data := _read(source):
        try:
            connection.sendall(data)
        except OSError:
            # The other thread sees the connection's end, and knows what it means.
            return
    ended.set()
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def _read(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError:
        return b""


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:
        return b""


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


def _is_gone(connection: socket.socket) -> bool:
    """Whether the engine has closed the connection altogether.

    One that ends a conversation closes its sending half and still receives; one that died, or was told to leave, has
    closed both, which shows when something is sent. The byte is received by nobody. (Over the loopback sockets of
    Windows the first byte sent to a dead process is taken all the same, so this may answer no.)
    """
    try:
        connection.sendall(b"\n")
    except OSError:
        return True
    return False
