"""A client that does not read, or sends without end, is its own trouble and nobody else's."""

import asyncio

from rpc_server import Bench

from raw_client import connected
from rejoinder.protocol import methods, updates

STATE = {"sessionId": "s", "state": {}}


async def test_client_that_does_not_read_is_dropped_and_holds_up_nobody() -> None:
    slow, quick = Bench(unsent_limit=200_000), Bench()
    async with connected(slow.server, buffer=4096) as client, connected(quick.server) as other:
        await client.initialize()
        await other.initialize()
        update = methods.ChatUpdateParams("s", "t", 0, updates.Text("x" * 10_000))
        for _ in range(100):
            slow.server.notify_method(methods.CHAT_UPDATE, update)
        assert "result" in await other.ask("rejoinder/session/state/set", STATE)
        await client.ended()


async def test_one_large_message_is_no_reason_to_drop_a_client() -> None:
    bench = Bench(unsent_limit=1000)
    async with connected(bench.server, buffer=4096) as client:
        await client.initialize()
        state = {"text": "x" * 1_000_000}
        for _ in range(3):
            reply = await client.ask("rejoinder/session/state/set", {"sessionId": "s", "state": state})
            assert reply["result"]["state"] == state


async def test_flood_of_messages_leaves_others_their_turn() -> None:
    bench = Bench()
    bench.follow_documents()
    seen: list[int] = []

    async def others() -> None:
        while True:
            seen.append(len(bench.notes))
            await asyncio.sleep(0)

    async with connected(bench.server) as client:
        await client.initialize()
        other = asyncio.create_task(others())
        item = {"uri": "file:///a", "languageId": "x", "version": 1, "text": ""}
        for _ in range(300):
            client.notify("textDocument/didOpen", {"textDocument": item})
        await client.ask("rejoinder/session/state/set", STATE)
        other.cancel()
    assert len(set(seen) - {0, 300}) >= 5
