"""Connections and limits of the HTTP server, with times that a test can wait for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from rejoinder.http.application import application
from rejoinder.http.connections import patient_for
from rejoinder.http.keys import KeyFile, KeyRing
from rejoinder.http.limits import Limits, Places, Rate
from rejoinder.http.refusals import Refused
from rejoinder.http.serving import Serving

LIMITS = Limits(body_seconds=0.2, head_seconds=0.2, turns_at_once=2, turns_of_all=3)


def no_engine() -> None:
    raise AssertionError("nothing gets as far as the engine")


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "http-keys.json")


@contextlib.asynccontextmanager
async def connection(file: KeyFile) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server in this process."""
    serving = Serving(KeyRing(file), no_engine, LIMITS)  # type: ignore[arg-type]
    app = application(serving, hosts=(), limits=LIMITS)
    config = uvicorn.Config(app, http=patient_for(LIMITS.head_seconds), ws="none", lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname()[:2])
    try:
        yield reader, writer
    finally:
        writer.close()
        listener.close()
        while state.tasks:
            await asyncio.gather(*state.tasks)


async def test_a_connection_that_says_nothing_is_closed(file: KeyFile) -> None:
    async with connection(file) as (reader, _):
        assert await reader.read() == b""


async def test_a_connection_that_drips_its_head_is_closed(file: KeyFile) -> None:
    async with connection(file) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\n")

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"X: y\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        dripping.cancel()
        await asyncio.wait([dripping])


async def test_a_connection_that_has_had_its_answer_is_closed_too(file: KeyFile) -> None:
    async with connection(file) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET /health")
        assert await reader.read() == b""


async def test_a_body_that_drips_is_not_waited_for(file: KeyFile) -> None:
    key = file.add("ann", user_id="ann", project=None)
    async with connection(file) as (reader, writer):
        head = f"POST /agent HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Length: 100\r\n"
        writer.write(head.encode() + b'Content-Type: application/json\r\n\r\n{"query"')
        assert (await reader.readuntil(b"too_slow")).startswith(b"HTTP/1.1 408 ")


def test_a_minute_has_so_many_requests() -> None:
    now = 0.0
    rate = Rate(6, lambda: now)
    for _ in range(6):
        rate.take("ann")
    with pytest.raises(Refused) as refused:
        rate.take("ann")
    assert (refused.value.status, refused.value.headers["retry-after"]) == (429, "10")
    rate.take("bob")
    now = 10.0
    rate.take("ann")
    with pytest.raises(Refused):
        rate.take("ann")
    for number in range(5000):
        rate.take(str(number))


def test_places_are_counted_for_each_key_and_for_all() -> None:
    places = Places(LIMITS)
    free = places.take("ann")
    places.take("ann")
    with pytest.raises(Refused) as one:
        places.take("ann")
    places.take("bob")
    with pytest.raises(Refused) as all_of_them:
        places.take("cyd")
    assert (one.value.status, all_of_them.value.status) == (429, 503)
    free()
    places.take("ann")
