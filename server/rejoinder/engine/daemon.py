"""The engine's process: it takes the data folder, listens, serves, and leaves in good order."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rejoinder import platform
from rejoinder.domain.errors import RejoinderError, StorageLocked
from rejoinder.engine import pipe
from rejoinder.engine.claim import Claim, Role, read_address, read_holder, try_claim
from rejoinder.engine.greeting import LINE_LIMIT, UNAVAILABLE, Greeting, Reply
from rejoinder.engine.listening import Listening
from rejoinder.engine.reception import Limits, Reception, Service
from rejoinder.engine.refusing import ToWire, refuse

OpenService = Callable[[], Awaitable[Service]]

_RETRY = 0.005
_STDERR = 2


async def run_engine(
    *,
    data_dir: Path,
    version: str,
    idle_seconds: float,
    listener: socket.socket,
    open_service: OpenService,
    to_wire: ToWire,
    limits: Limits = Limits(),
) -> None:
    """Be the engine of a data folder until nobody needs it any more.

    `data_dir` is the folder's real path, `listener` the socket that stands in the folder's address. `open_service` is
    called when the folder belongs to this process. Ends after `idle_seconds` without a client, on SIGTERM or SIGINT, or
    when a client asks for a hand-over.

    Raises StorageLocked when another process has the folder, and what `open_service` raises; waiting clients are told.
    """
    address = read_address(data_dir) or ""
    try:
        async with _claimed(data_dir, version=version, role="engine", limits=limits) as claim:
            service = await open_service()
            secret = platform.address_secret(address)
            reception = Reception(service, data_dir=data_dir, version=version, secret=secret, limits=limits)
            listening = Listening(data_dir, reception.receive)
            await listening.open(listener, address)
            with leave_on_signals() as told:
                idle = _wait_until_idle(reception, service, idle_seconds, limits)
                leave = (reception.asked_to_leave.wait(), told.wait(), listening.keep(limits.look))
                is_idle = await first_of(idle, *leave) == 0
                reception.turn_away()
                # Said before the socket goes: whoever finds it gone is to wait for the folder.
                claim.note_leaving()
                listening.close()
                await _end(reception, service, limits, drain=not is_idle)
    except Exception as error:
        platform.remove_address(address)
        await asyncio.to_thread(_tell_all, listener, _refusal(error, version, data_dir, to_wire))
        raise


async def run_standalone(
    *,
    data_dir: Path,
    version: str,
    open_service: OpenService,
    to_wire: ToWire,
    flags: Mapping[str, Any] = MappingProxyType({}),
    limits: Limits = Limits(),
) -> None:
    """Serve one client over this process's standard input and output, with the data folder for itself.

    What anything else prints goes to standard error. Raises StorageLocked when an engine has the folder, and what
    `open_service` raises; the client is told.
    """
    output = os.dup(1)
    os.dup2(_STDERR, 1)
    async with contextlib.AsyncExitStack() as stack:
        try:
            claimed = _claimed(data_dir, version=version, role="standalone server", limits=limits)
            claim = await stack.enter_async_context(claimed)
            service = await open_service()
        except Exception as error:
            await asyncio.to_thread(refuse, to_wire(error), sink=output)
            raise
        await _serve_streams(service, Greeting(version, str(data_dir), flags=flags), output, claim, limits)


async def _serve_streams(service: Service, greeting: Greeting, output: int, claim: Claim, limits: Limits) -> None:
    """Serve who is at standard input and `output`, and stop the service."""
    # Threads copy to and from a socket, whatever standard input and output are: pipes, files, a terminal.
    ours, theirs = socket.socketpair()
    copying = threading.Thread(target=pipe.join, args=(theirs,), kwargs={"source": 0, "sink": output}, daemon=True)
    copying.start()
    reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_LIMIT)
    with leave_on_signals() as told:
        try:
            if await first_of(service.serve(greeting, reader, writer), told.wait()) != 0:
                await _drain(service, limits)
        finally:
            claim.note_leaving()
            writer.close()
            await asyncio.to_thread(copying.join, limits.farewell)
            await service.stop()


async def _end(reception: Reception, service: Service, limits: Limits, *, drain: bool) -> None:
    """See the clients off, after their turns if there may be any, and stop the service."""
    if drain:
        await _drain(service, limits)
    await reception.close()
    await service.stop()


def _tell_all(listener: socket.socket, reply: Reply) -> None:
    """Listen no more, and answer those who are waiting."""
    with listener, contextlib.suppress(OSError):
        listener.settimeout(0.0)
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.settimeout(1.0)
                # A connection that is closed with something unread loses what was said to it on some systems.
                connection.recv(LINE_LIMIT)
                connection.sendall(reply.encode())


def _refusal(error: Exception, version: str, data_dir: Path, to_wire: ToWire) -> Reply:
    code, _, data = to_wire(error)
    reason, hint = "The engine could not start.", "Read the end of its log; `rejoinder doctor` says where it is."
    if isinstance(error, RejoinderError):
        reason, hint = error.message, error.hint
    refused = Reply(version, str(data_dir), os.getpid(), ok=False, code=UNAVAILABLE, reason=reason, hint=hint)
    return refused._replace(error=code, data=data)


@contextlib.asynccontextmanager
async def _claimed(data_dir: Path, *, version: str, role: Role, limits: Limits) -> AsyncIterator[Claim]:
    """Have the data folder for the block, after waiting for a process that is leaving it. Raises StorageLocked."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    while (claim := try_claim(data_dir, version=version, role=role)) is None:
        holder = read_holder(data_dir)
        # The first second is for one that was killed: its socket may close shortly before its lock goes.
        patience = limits.claim if holder is None or holder.leaving else min(limits.claim, 1.0)
        if loop.time() - started >= patience:
            raise StorageLocked(str(holder or "another process"))
        await asyncio.sleep(_RETRY)
    try:
        yield claim
    finally:
        claim.release()


@contextlib.contextmanager
def leave_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set during the block."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    # Windows has no signal handlers on its event loop: there the engine's end is like a kill, which loses nothing.
    with contextlib.suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in signals:
                loop.remove_signal_handler(number)


async def _wait_until_idle(reception: Reception, service: Service, idle_seconds: float, limits: Limits) -> None:
    """Return when no client has been there for a while and no turn is running."""
    patience = max(idle_seconds, limits.first_client)
    while True:
        await reception.vacant.wait()
        try:
            async with asyncio.timeout(patience):
                await reception.occupied.wait()
        except TimeoutError:
            if await first_of(service.quiet(), reception.occupied.wait()) == 0 and reception.leave_if_vacant():
                return
        patience = idle_seconds


async def _drain(service: Service, limits: Limits) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limits.drain):
            await service.drain()


async def first_of(*waits: Awaitable[object]) -> int:
    """Wait for the first to end, cancel the others; answers its place. Raises what it raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(index for index, task in enumerate(tasks) if task.done())
        tasks[first].result()
        return first
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
