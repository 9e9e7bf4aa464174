"""Every request is answered: what a client may send, and what it may send wrong."""

import json
import logging
from typing import Any

import pytest
from rpc_server import Bench, error_of, is_alive

from raw_client import connected
from rejoinder.protocol.methods import METHODS

HANDLED = {
    "chat",
    "ask",
    "session/get",
    "session/open",
    "session/state/set",
    "knowledge/add",
    "models",
    "index/rebuild",
}


# a request and a command are the same thing


@pytest.mark.parametrize(
    "state",
    [
        {"jsonrpc": "2.0", "id": 5, "method": "exit"},
        {"deep": [{"jsonrpc": "2.0", "id": "x", "result": {}, "error": {"jsonrpc": "2.0"}}]},
        {"_x": 1, "from": 2, "class": 3, "type_name": "Object", "": None},
        {"text": "é€😀 \u2028"},
    ],
)
async def test_values_are_plain_data(state: Any) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        params = {"sessionId": "s", "state": state}
        assert (await client.ask("rejoinder/session/state/set", params))["result"] == {"state": state}
        assert (await client.execute("rejoinder.session.state.set", params))["result"] == {"state": state}


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({}, "sessionId"),
        ({"state": {}}, "sessionId"),
        ({"sessionId": 5, "state": {}}, "sessionId"),
        ({"sessionId": "s", "state": []}, "state"),
        ({"sessionId": "s", "state": {}, "replace": "no"}, "replace"),
        ([], "params"),
        ([{"sessionId": "s"}], "params"),
        (5, "params"),
        ("text", "params"),
    ],
)
async def test_params_of_the_wrong_type_name_the_key(params: Any, key: str) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        for reply in (
            await client.ask("rejoinder/session/state/set", params),
            await client.execute("rejoinder.session.state.set", params),
        ):
            code, message = error_of(reply)
            assert code == -32602
            assert key in message


async def test_no_params_are_empty_ones() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        for arguments in ([], [None], [{}]):
            assert "sessionId" in error_of(await client.execute("rejoinder.session.state.set", *arguments))[1]
        assert "sessionId" in error_of(await client.ask("rejoinder/session/state/set"))[1]
        assert "sessionId" in error_of(await client.ask("rejoinder/session/state/set", None))[1]
        assert "result" in await client.ask("rejoinder/chat/cancel", {"sessionId": "s"})


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        {"command": 5},
        {"command": ["rejoinder.chat"]},
        {"command": "rejoinder.chat", "arguments": {}},
        {"command": "rejoinder.chat", "arguments": [{}, {}]},
    ],
)
async def test_malformed_command(params: Any) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        assert error_of(await client.ask("workspace/executeCommand", params))[0] == -32602


async def test_notification_of_ours_is_heard_also_as_command_and_request() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        client.notify("rejoinder/chat/cancel", {"sessionId": "a"})
        client.notify("rejoinder/chat/cancel", {"sessionId": 5})
        client.notify("rejoinder/chat", {"text": "nobody could be answered"})
        command = {"command": "rejoinder.chat.cancel", "arguments": [{"sessionId": "a command is a request"}]}
        client.notify("workspace/executeCommand", command)
        assert (await client.execute("rejoinder.chat.cancel", {"sessionId": "b"}))["result"] == {}
        assert [params.session_id for params in bench.notes] == ["a", "b"]


# unknown things


async def test_declared_methods_that_are_not_served_yet() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        for method in METHODS:
            if method.name not in HANDLED:
                for reply in (await client.ask(method.wire, {}), await client.execute(method.command, {})):
                    code, message = error_of(reply)
                    assert code == -32601
                    assert "not served yet" in message


@pytest.mark.parametrize("method", ["rejoinder/nonsense", "textDocument/nonsense", "$/nonsense", "", "x" * 100_000])
async def test_unknown_method(method: str) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        code, message = error_of(await client.ask(method, {}))
        assert code == -32601
        assert len(message) < 1000
        assert error_of(await client.execute(method))[0] == -32601
        client.notify(method, {})
        assert await is_alive(client)


async def test_registered_feature_that_is_not_there() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        params = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        assert error_of(await client.ask("textDocument/hover", params))[0] == -32601


# standard requests


@pytest.mark.parametrize(
    "params", [None, [], 5, {}, {"textDocument": 5}, {"textDocument": {"uri": "a"}, "position": 1}]
)
async def test_standard_request_with_bad_params(params: Any) -> None:
    bench = Bench()

    @bench.server.feature("textDocument/hover")
    def hover(_: Any) -> None: ...

    async with connected(bench.server) as client:
        await client.initialize()
        assert error_of(await client.ask("textDocument/hover", params))[0] == -32602
        good = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        assert (await client.ask("textDocument/hover", good))["result"] is None


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        5,
        {},
        {"capabilities": 5},
        {"capabilities": {}, "rootUri": "http://["},
        {"capabilities": {}, "rootUri": 1},
    ],
)
async def test_initialize_with_bad_params_can_be_sent_again(params: Any) -> None:
    async with connected(Bench().server) as client:
        reply = await client.ask("initialize", params)
        if "error" in reply:
            assert error_of(reply)[0] == -32602
            await client.initialize()
        assert await is_alive(client)


async def test_failed_initialize_can_be_sent_again() -> None:
    bench = Bench()

    @bench.server.feature("initialize")
    async def once(_: Any) -> None:
        if not bench.notes:
            bench.notes.append("failed")
            raise RuntimeError("inside")

    async with connected(bench.server) as client:
        assert error_of(await client.ask("initialize", {"capabilities": {}}))[0] == -32603
        assert (await client.initialize())["serverInfo"] == {"name": "Rejoinder", "version": "1.2.3"}


async def test_notifications_that_fail_do_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    @bench.server.feature("textDocument/didSave")
    async def saved(_: Any) -> None:
        raise RuntimeError("inside")

    async with connected(bench.server) as client:
        await client.initialize()
        client.notify("textDocument/didOpen", {"textDocument": 5})
        client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": "file:///no", "version": 1}, "contentChanges": [{"text": ""}]},
        )
        client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///no"}})
        client.notify("$/cancelRequest", 5)
        client.notify("$/cancelRequest", {"id": [1]})
        client.notify("window/workDoneProgress/cancel", {"token": {}})
        client.notify("initialized", 5)
        client.notify("workspace/executeCommand", {"command": "rejoinder.models"})
        assert await is_alive(client)
        assert client.aside == []
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)


# failing handlers


async def test_error_of_the_domain() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        for reply in (
            await client.ask("rejoinder/session/get", {"sessionId": "gone"}),
            await client.execute("rejoinder.session.get", {"sessionId": "gone"}),
        ):
            assert error_of(reply)[0] == -31001
            assert reply["error"]["data"]["sessionId"] == "gone"


async def test_unexpected_exception_is_told_by_its_id_only(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        reply = await client.execute("rejoinder.session.open", {"ref": "x"})
        assert error_of(reply)[0] == -32603
        assert set(reply["error"]["data"]) == {"correlationId", "hint"}
        assert "secret" not in json.dumps(reply)
        record = next(r for r in caplog.records if reply["error"]["data"]["correlationId"] in r.getMessage())
        assert record.exc_info is not None and "secret" in str(record.exc_info[1])


async def test_result_that_json_cannot_hold() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        assert error_of(await client.ask("rejoinder/models"))[0] == -32603
        client.send_body(
            rb'{"jsonrpc":"2.0","id":"l","method":"rejoinder/session/state/set",'
            rb'"params":{"sessionId":"s","state":{"lone":"\ud800"}}}'
        )
        assert (await client.reply("l"))["result"] == {"state": {"lone": "\ufffd"}}


async def test_more_levels_than_can_be_sent_back() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        state: Any = {}
        for _ in range(300):
            state = {"deeper": state}
        code, _ = error_of(await client.ask("rejoinder/session/state/set", {"sessionId": "s", "state": state}))
        assert code == -32602
        assert await is_alive(client)
