"""A connection from its handshake to its end."""

import asyncio
import gc
import logging
import socket
import struct
import weakref
from typing import Any

import pytest
from lsprotocol import types
from rpc_server import Bench

from raw_client import PATIENCE, connected
from rejoinder.protocol import PROTOCOL_VERSION, methods

STATE = {"sessionId": "s", "state": {}}


async def happens(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


# handshake


async def test_what_initialize_answers() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        result = await client.initialize()
    capabilities = result["capabilities"]
    assert result["serverInfo"] == {"name": "Rejoinder", "version": "1.2.3"}
    assert capabilities["experimental"]["rejoinder"]["protocolVersion"] == PROTOCOL_VERSION
    assert capabilities["experimental"]["rejoinder"]["features"] == ["toys"]
    assert {"chat", "session/state/set", "chat/cancel"} <= set(capabilities["experimental"]["rejoinder"]["methods"])
    assert {"rejoinder.chat", "rejoinder.session.state.set"} <= set(capabilities["executeCommandProvider"]["commands"])
    assert (
        capabilities["textDocumentSync"] | {"openClose": True, "change": 2, "save": True}
        == (capabilities["textDocumentSync"])
    )
    assert capabilities["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}


@pytest.mark.parametrize(
    ("experimental", "expected"),
    [
        (None, None),
        ({}, None),
        (5, None),
        ({"rejoinder": 5}, None),
        ({"rejoinder": {}}, None),
        ({"rejoinder": {"protocolVersion": "1"}}, None),
        ({"rejoinder": {"protocolVersion": 1, "ui": "yes"}}, None),
        ({"rejoinder": {"protocolVersion": 1}}, (1, False, [])),
        ({"rejoinder": {"protocolVersion": 1, "ui": True, "features": ["x"], "new": 1}}, (1, True, ["x"])),
    ],
)
async def test_handshake_of_the_client(experimental: Any, expected: Any) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize({"experimental": experimental})
        shaken = bench.server.client_handshake
        assert (shaken and (shaken.protocol_version, shaken.ui, shaken.features)) == expected


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-16", "utf-8"], "utf-16"),
        (["utf-7", "utf-32", "utf-8"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
    ],
)
async def test_position_encoding_is_the_clients_first_that_is_known(offered: Any, chosen: str) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        result = await client.initialize({"general": {"positionEncodings": offered}} if offered is not None else {})
        assert result["capabilities"]["positionEncoding"] == chosen
        assert bench.server.position_encoding == chosen


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
async def test_changes_count_in_the_negotiated_units(encoding: str, character: int) -> None:
    bench = Bench()
    bench.follow_documents()
    async with connected(bench.server) as client:
        await client.initialize({"general": {"positionEncodings": [encoding]}})
        item = {"uri": "file:///a", "languageId": "x", "version": 1, "text": "a😀b"}
        client.notify("textDocument/didOpen", {"textDocument": item})
        place = {"line": 0, "character": character}
        change = {"range": {"start": place, "end": place}, "text": "|"}
        client.notify(
            "textDocument/didChange", {"textDocument": {"uri": "file:///a", "version": 2}, "contentChanges": [change]}
        )
        await client.ask("rejoinder/session/state/set", STATE)
    assert bench.notes == ["a😀b", "a😀|b"]


async def test_workspace_folders_and_their_changes() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize(
            rootUri="file:///other",
            workspaceFolders=[{"uri": "file:///a%20b", "name": "a"}, {"uri": "file:///c", "name": "c"}],
        )
        assert bench.server.folder_uris == ["file:///a%20b", "file:///c"]
        event = {"added": [{"uri": "file:///d", "name": "d"}], "removed": [{"uri": "file:///a%20b", "name": "a"}]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await client.ask("rejoinder/session/state/set", STATE)
        assert bench.server.folder_uris == ["file:///c", "file:///d"]


@pytest.mark.parametrize(
    ("params", "uris"),
    [
        ({"rootUri": "file:///home/x"}, ["file:///home/x"]),
        ({"rootUri": None, "rootPath": "/home/x"}, ["file:///home/x"]),
        ({"rootUri": "file:///home/x", "workspaceFolders": []}, ["file:///home/x"]),
        ({"rootUri": None, "workspaceFolders": None}, []),
    ],
)
async def test_root_of_a_client_without_workspace_folders(params: dict[str, Any], uris: list[str]) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize(**params)
        assert bench.server.folder_uris == uris


# phases


async def test_nothing_is_served_before_initialize() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        client.notify("rejoinder/chat/cancel", {"sessionId": "s"})
        for method in ("rejoinder/models", "workspace/executeCommand", "shutdown", "nonsense"):
            assert (await client.ask(method, {}))["error"]["code"] == -32002
        await client.initialize()
        assert "result" in await client.ask("rejoinder/session/state/set", STATE)
        assert bench.notes == []


async def test_initialize_is_taken_once() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        assert (await client.ask("initialize", {"capabilities": {}}))["error"]["code"] == -32600
        assert "result" in await client.ask("rejoinder/session/state/set", STATE)


async def test_nothing_is_served_after_shutdown() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        assert (await client.ask("shutdown"))["result"] is None
        for method in ("rejoinder/models", "initialize", "shutdown"):
            assert (await client.ask(method, {}))["error"]["code"] == -32600
        client.notify("exit")
        await client.ended()
        assert bench.server.was_shut_down


@pytest.mark.parametrize("is_initialized", [True, False])
async def test_exit_without_shutdown_ends_this_connection_only(is_initialized: bool) -> None:
    bench = Bench()
    async with connected(bench.server) as client, connected(Bench().server) as other:
        await other.initialize()
        if is_initialized:
            await client.initialize()
        client.notify("exit")
        client.request("rejoinder/models")
        await client.ended()
        assert not bench.server.was_shut_down
        assert "result" in await other.ask("rejoinder/session/state/set", STATE)


async def test_connection_that_is_reset_is_an_end_like_others() -> None:
    bench = Bench()
    serving: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.put_nowait(asyncio.create_task(bench.server.serve(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as listener:
        client = socket.create_connection(listener.sockets[0].getsockname())
        served = await serving.get()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        async with asyncio.timeout(PATIENCE):
            await served


# the end


async def test_handlers_end_with_their_connection_unless_they_outlive_it() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        client.request("rejoinder/knowledge/add", {"source": "outlive"})
        await happens(bench.waiting)
        bench.waiting.clear()
        client.request("rejoinder/knowledge/add", {"source": "end"})
        await happens(bench.waiting)
        closed: list[int] = []
        bench.server.on_close(lambda: closed.append(len(bench.server.tasks)))
        client.hang_up()
        await client.ended()
    assert closed == [2]
    assert bench.cancelled.is_set()
    (survivor,) = bench.server.tasks
    bench.go_on.set()
    await survivor
    assert bench.notes == ["went on"]
    assert not bench.server.tasks


async def test_what_fails_at_the_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    def fails() -> None:
        raise RuntimeError("inside")

    called = []
    bench.server.on_close(fails)
    bench.server.on_close(lambda: called.append(1))
    async with connected(bench.server) as client:
        await client.initialize()
    assert called == [1]
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)


async def test_nothing_is_sent_after_the_end() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        client.notify("exit")
        await client.ended()
        bench.server.notify_method(methods.CHAT_CANCEL, methods.ChatCancelParams(session_id="s"))
        with pytest.raises(ConnectionError):
            await bench.server.request_method(methods.EDITOR_CONTEXT, methods.EditorContextParams())
        assert client.far_writer is not None and not client.far_writer.is_closing()
        client.far_writer.close()
        with pytest.raises(EOFError):
            await client.receive()


async def test_connection_leaves_nothing_behind() -> None:
    async def one() -> weakref.ref[Any]:
        bench = Bench()
        bench.follow_documents()
        async with connected(bench.server) as client:
            await client.initialize()
            await client.execute("rejoinder.session.state.set", STATE)
            bench.server.window_log_message(types.LogMessageParams(types.MessageType.Log, "hello"))
            assert (await client.notification("window/logMessage"))["message"] == "hello"
            client.notify("exit")
            await client.ended()
        return weakref.ref(bench.server)

    gone = await one()
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None
