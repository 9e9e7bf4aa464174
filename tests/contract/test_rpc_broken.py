"""Messages that are none: each is told of, and the next one is heard."""

from typing import Any

import pytest
from rpc_server import Bench, error_of, is_alive

from raw_client import connected


@pytest.mark.parametrize(
    ("message", "id", "code"),
    [
        ([{"jsonrpc": "2.0", "id": 1, "method": "rejoinder/models"}], None, -32600),
        ([], None, -32600),
        (5, None, -32600),
        ("text", None, -32600),
        (None, None, -32600),
        ({}, None, -32600),
        ({"jsonrpc": "2.0", "id": 77}, 77, -32600),
        ({"jsonrpc": "2.0", "id": 77, "method": 5}, 77, -32600),
        ({"jsonrpc": "2.0", "method": 5}, None, -32600),
        ({"jsonrpc": "1.0", "id": 77, "method": "rejoinder/models"}, 77, -32600),
        ({"id": 77, "method": "rejoinder/models"}, 77, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "rejoinder/models"}, None, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "rejoinder/models"}, None, -32600),
        ({"jsonrpc": "2.0", "id": {"a": 1}, "method": "rejoinder/models"}, None, -32600),
    ],
)
async def test_json_that_is_no_message(message: Any, id: Any, code: int) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        client.send(message)
        reply = await client.receive()
        assert reply["id"] == id and type(reply["id"]) is type(id)
        assert error_of(reply)[0] == code
        assert await is_alive(client)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe\x00", b'{"jsonrpc":"2.0","id":1,"method":"\xc3"}', b"[" * 100_000, b"NaN"]
)
async def test_body_that_is_no_json(body: bytes) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        client.send_body(body)
        reply = await client.receive()
        assert reply["id"] is None
        assert error_of(reply)[0] == -32700
        assert await is_alive(client)


@pytest.mark.parametrize("rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: x\r\n\r\n{}", b"\x00" * 20_000])
async def test_bytes_that_are_no_frame(rubbish: bytes) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        client.write(rubbish)
        client.request("rejoinder/models", id="next")
        reply = await client.receive()
        assert reply["id"] is None
        assert error_of(reply)[0] == -32700
        assert (await client.receive())["id"] == "next"


@pytest.mark.parametrize("id", [7, "a-7", -1, 1.5, "é"])
async def test_id_comes_back_as_it_was(id: Any) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        client.request("rejoinder/models", id=id)
        assert (await client.receive())["id"] == id


@pytest.mark.parametrize("order", ["id first", "id last"])
async def test_message_over_the_limit_is_answered_with_its_id(order: str) -> None:
    async with connected(Bench(body_limit=100_000).server) as client:
        await client.initialize()
        params = {"sessionId": "s", "state": {"text": "x" * 300_000, "id": 5}}
        request = {"jsonrpc": "2.0", "id": 42, "method": "rejoinder/session/state/set", "params": params}
        client.send(request if order == "id first" else dict(sorted(request.items(), reverse=True)))
        reply = await client.reply(42)
        assert error_of(reply)[0] == -31019
        assert reply["error"]["data"]["limit"] == 100_000
        assert await is_alive(client)


async def test_document_over_the_limit_has_no_reply() -> None:
    async with connected(Bench(body_limit=100_000).server) as client:
        await client.initialize()
        document = {"uri": "file:///a", "languageId": "x", "version": 1, "text": "x" * 200_000}
        client.notify("textDocument/didOpen", {"textDocument": document})
        assert await is_alive(client)
        assert client.aside == []


async def test_messages_in_one_piece_and_in_single_bytes() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        body = b'{"jsonrpc":"2.0","id":"%d","method":"rejoinder/models"}'
        stream = b"".join(b"content-length:%d\n\n%b" % (len(body % n), body % n) for n in range(10, 30))
        client.write(stream)
        for number in range(10, 30):
            assert (await client.receive())["id"] == str(number)
        for byte in stream:
            client.write(bytes([byte]))
            await client.writer.drain()
        for number in range(10, 30):
            assert (await client.receive())["id"] == str(number)


async def test_half_a_message_and_the_end() -> None:
    bench = Bench()
    async with connected(bench.server) as client, connected(Bench().server) as other:
        await client.initialize()
        client.write(b"Content-Length: 100\r\n\r\n{")
        await other.initialize()
        assert await is_alive(other)
        client.hang_up()
        await client.ended()
        assert not bench.server.was_shut_down


async def test_reply_that_nobody_waits_for_has_no_reply() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        for number in (1, "x", None, [1]):
            client.send({"jsonrpc": "2.0", "id": number, "result": {}})
            client.send({"jsonrpc": "2.0", "id": number, "error": {"code": 1, "message": "m"}})
        assert await is_alive(client)
        assert client.aside == []
