"""Find the engine of a data folder, or start it."""

import contextlib
import errno
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rejoinder import platform
from rejoinder.domain.errors import RejoinderError
from rejoinder.engine.claim import AddressFile, read_address, read_holder, try_address_file
from rejoinder.engine.framing import WireError
from rejoinder.engine.greeting import LINE_LIMIT, OLDER, Greeting, Reply

if TYPE_CHECKING:
    import subprocess

_RETRY = 0.005
_LOG_LIMIT = 1 << 20


class EngineUnavailable(RejoinderError):
    """There is no engine to talk to. `wire` is the error that it told of before it ended, if it did."""

    def __init__(self, message: str, *, hint: str, wire: WireError | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wire = wire


class Connection(NamedTuple):
    """A connection to an engine, greetings done."""

    socket: socket.socket
    reply: Reply
    early: bytes
    """What the engine has already sent after its greeting."""


class Start(NamedTuple):
    """How to start an engine: it finds its listening socket as its standard input."""

    command: Sequence[str]
    log: Path
    """File that takes the engine's standard error."""


def connect(data_dir: Path, *, greeting: Greeting, start: Start | None, patience: float = 30.0) -> Connection:
    """Connect to the folder's engine, after starting it with `start` if there is none.

    An engine older than the greeting's version is asked to hand over, and replaced. Raises EngineUnavailable when there
    is none and `start` is None, when one refuses, cannot start, or says nothing for `patience` seconds.
    """
    deadline = time.monotonic() + patience
    child: subprocess.Popen[bytes] | None = None
    while True:
        connection, started = _dial_or_start(data_dir, start, deadline)
        child = started or child
        try:
            reply, early = _greet(connection, greeting, data_dir, deadline)
        except ConnectionError:
            # It was leaving, or it has just died; the second is told by the child's exit status.
            connection.close()
            _check_child(child, start)
            _pause(data_dir, deadline)
            continue
        except BaseException:
            connection.close()
            raise
        if reply.ok:
            connection.settimeout(None)
            return Connection(connection, reply, early)
        connection.close()
        if reply.code != OLDER:
            wire = None if reply.error is None else (reply.error, reply.reason, reply.data)
            raise EngineUnavailable(reply.reason, hint=reply.hint, wire=wire)
        _ask_to_hand_over(data_dir, greeting, patience)
        deadline = time.monotonic() + patience


def dial(data_dir: Path, deadline: float) -> socket.socket | None:
    """A connection to the process that listens at the folder's address; None when nobody does."""
    while (address := read_address(data_dir)) is not None:
        try:
            return platform.connect_local(address, timeout=_left(deadline))
        except TimeoutError:
            _pause(data_dir, deadline)
        except (OSError, ValueError):
            return None
    return None


@contextlib.contextmanager
def locked_address(data_dir: Path, deadline: float) -> Iterator[AddressFile]:
    """The folder's address, locked until the end of the block."""
    while (file := try_address_file(data_dir)) is None:
        _pause(data_dir, deadline)
    with file:
        yield file


def _dial_or_start(
    data_dir: Path, start: Start | None, deadline: float
) -> tuple[socket.socket, "subprocess.Popen[bytes] | None"]:
    if connection := dial(data_dir, deadline):
        return connection, None
    if start is None:
        raise EngineUnavailable("No engine is running for this data folder.", hint="Start one with `rejoinder serve`.")
    with locked_address(data_dir, deadline) as address_file:
        # Another process may have started one while this one waited for the lock.
        if connection := dial(data_dir, deadline):
            return connection, None
        return _start(address_file, start)


def _start(address_file: AddressFile, start: Start) -> "tuple[socket.socket, subprocess.Popen[bytes]]":
    """Put up the socket here and hand it to a new engine, so that nobody ever waits for the socket to appear."""
    try:
        listener, address = platform.listen_local()
        with listener:
            address_file.replace(address)
            platform.make_private_folder(start.log.parent)
            _limit_log(start.log)
            child = platform.start_detached(start.command, log=start.log, listener=listener)
            return platform.connect_local(address, timeout=1.0), child
    except OSError as error:
        hint = "Look at the file or program that is named, or run `rejoinder serve --standalone`."
        if error.errno == errno.ENOSPC:
            hint = "Free some space and try again."
        raise EngineUnavailable(f"The engine cannot be started: {error}.", hint=hint) from error


def _greet(connection: socket.socket, greeting: Greeting, data_dir: Path, deadline: float) -> tuple[Reply, bytes]:
    """Exchange greetings. Raises ConnectionError when the engine ends the connection before it has answered."""
    address = read_address(data_dir) or ""
    try:
        connection.settimeout(_left(deadline))
        # An engine that refuses may have said so and gone: what it said can be read all the same.
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(greeting._replace(secret=platform.address_secret(address)).encode())
        received = b""
        while b"\n" not in received:
            connection.settimeout(_left(deadline))
            chunk = connection.recv(LINE_LIMIT)
            if not chunk:
                raise ConnectionResetError("the engine has ended the connection")
            received += chunk
            if len(received) > LINE_LIMIT:
                raise ValueError("too long")
        line, _, early = received.partition(b"\n")
        return Reply.decode(line), early
    except TimeoutError as error:
        raise _silent(data_dir) from error
    except ValueError as error:
        raise EngineUnavailable(
            f"What listens for this data folder is no engine of Rejoinder: {error}.",
            hint=f"Remove the file {str(data_dir / 'engine.address')!r} and try again.",
        ) from error


def _ask_to_hand_over(data_dir: Path, greeting: Greeting, patience: float) -> None:
    """Ask the engine to leave, and wait until it has ended the connection."""
    deadline = time.monotonic() + patience
    connection = dial(data_dir, deadline)
    if connection is None:
        return
    with connection, contextlib.suppress(ConnectionError):
        _greet(connection, greeting._replace(want="handover"), data_dir, deadline)
        try:
            connection.settimeout(_left(deadline))
            connection.recv(1)
        except TimeoutError as error:
            raise _silent(data_dir) from error


def _check_child(child: "subprocess.Popen[bytes] | None", start: Start | None) -> None:
    """Raise EngineUnavailable when the engine that was started here has failed."""
    if child is None or start is None:
        return
    import subprocess

    # Its sockets close shortly before its exit status is known; an engine that is merely leaving takes longer.
    with contextlib.suppress(subprocess.TimeoutExpired):
        if child.wait(timeout=1.0) != 0:
            raise EngineUnavailable(
                f"The engine ended while it was starting (exit status {child.returncode}).",
                hint=f"Read the end of its log, {str(start.log)!r}.",
            )


def _pause(data_dir: Path, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise _silent(data_dir)
    time.sleep(_RETRY)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _silent(data_dir: Path) -> EngineUnavailable:
    holder = read_holder(data_dir)
    name = str(holder) if holder else "the engine"
    process = f"process {holder.pid}" if holder else "the process that has it open"
    return EngineUnavailable(f"{name[0].upper()}{name[1:]} does not answer.", hint=f"End {process} and try again.")


def _limit_log(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".old.log"))
