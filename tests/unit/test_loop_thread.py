"""A blocking client that one thread closes while others use it: every call ends."""

import asyncio
import threading

import pytest

from rejoinder_client.blocking import LoopThread
from rejoinder_client.errors import ConnectionLost


async def one() -> int:
    """What a call comes to."""
    return 1


def use(loop: LoopThread, going: threading.Event, told: list[str]) -> None:
    """Call again and again, until that is refused."""
    try:
        while True:
            loop.run(one())
            going.set()
    except ConnectionLost as error:
        told.append(str(error))


def test_whoever_calls_while_it_is_closed_is_told() -> None:
    for _ in range(20):
        loop, going = LoopThread(), threading.Event()
        told: list[str] = []

        user = threading.Thread(target=use, args=(loop, going, told), daemon=True)
        user.start()
        going.wait()
        loop.close()
        user.join(60)
        assert told == ["The client is closed."]


def test_a_call_that_is_under_way_is_told_too() -> None:
    loop, begun = LoopThread(), threading.Event()

    async def lasting() -> None:
        begun.set()
        await asyncio.Event().wait()

    closing = threading.Thread(target=lambda: (begun.wait(), loop.close()), daemon=True)
    closing.start()
    with pytest.raises(ConnectionLost, match="closed"):
        loop.run(lasting())
    closing.join(60)
    assert loop.is_closed and not closing.is_alive()
    loop.close()
    with pytest.raises(ConnectionLost):
        loop.run(one())
