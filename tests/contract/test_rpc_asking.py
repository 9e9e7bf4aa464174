"""Requests to the client, and what becomes of them."""

import asyncio
from typing import Any

import pytest
from lsprotocol import types
from rpc_server import Bench

from raw_client import connected
from rejoinder.protocol import methods
from rejoinder.protocol.converter import InvalidValue

STATE = {"sessionId": "s", "state": {}}


async def test_client_is_asked() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        number = client.request("rejoinder/index/rebuild", {"uri": "file:///a"})
        asked = await client.notification("rejoinder/editor/context")
        assert asked["params"] == {"uri": "file:///a"}
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"visible": ["file:///b"], "jsonrpc": "x"}})
        assert (await client.reply(number))["result"] == {}
        assert bench.notes[0].visible == ["file:///b"]


@pytest.mark.parametrize(
    "answer", [{"error": {"code": -32601, "message": "no"}}, {"error": 5}, {"result": {"visible": 5}}, {"result": None}]
)
async def test_client_answers_nonsense(answer: dict[str, Any]) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        number = client.request("rejoinder/index/rebuild", {})
        asked = await client.notification("rejoinder/editor/context")
        client.send({"jsonrpc": "2.0", "id": asked["id"], **answer})
        assert (await client.reply(number))["error"]["code"] in (-32602, -32603)


async def test_client_that_goes_away_fails_what_it_was_asked() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        asking = asyncio.create_task(bench.server.request_method(methods.EDITOR_CONTEXT, methods.EditorContextParams()))
        await client.notification("rejoinder/editor/context")
        client.hang_up()
        with pytest.raises(ConnectionError):
            await asking


async def test_client_is_told_when_its_answer_is_not_wanted_any_more() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        number = client.request("rejoinder/index/rebuild", {})
        asked = await client.notification("rejoinder/editor/context")
        client.notify("$/cancelRequest", {"id": number})
        assert await client.notification("$/cancelRequest") == {"id": asked["id"]}
        assert (await client.reply(number))["error"]["code"] == -32800
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": {}})
        assert "result" in await client.ask("rejoinder/session/state/set", STATE)


async def test_standard_requests_to_the_client() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        params = types.ConfigurationParams([types.ConfigurationItem(section="rejoinder")])
        asking = asyncio.create_task(bench.server.workspace_configuration_async(params))
        asked = await client.notification("workspace/configuration")
        assert asked["params"] == {"items": [{"section": "rejoinder"}]}
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": [{"model": "x", "jsonrpc": 1}]})
        assert list(await asking) == [{"model": "x", "jsonrpc": 1}]
        showing = asyncio.create_task(
            bench.server.window_show_document_async(types.ShowDocumentParams(uri="file:///a"))
        )
        asked = await client.notification("window/showDocument")
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"success": True}})
        assert (await showing).success is True


async def test_result_of_another_shape_is_invalid() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        asking = asyncio.create_task(bench.server.request_method(methods.EDITOR_CONTEXT, methods.EditorContextParams()))
        asked = await client.notification("rejoinder/editor/context")
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"visible": "x"}})
        with pytest.raises(InvalidValue):
            await asking
