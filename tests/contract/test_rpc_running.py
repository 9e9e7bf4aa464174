"""Requests that take their time: order, cancellation, and what is kept of them."""

import asyncio
import threading
from typing import Any

import pytest
from rpc_server import Bench

from raw_client import PATIENCE, RawClient, connected
from rejoinder.lsp.requests import current_request
from rejoinder.protocol import methods

STATE = {"sessionId": "s", "state": {}}


def ask_for(client: RawClient, form: str, method: methods.Method, params: dict[str, Any]) -> Any:
    """Send a request in one of its forms; answers its ID."""
    if form == "request":
        return client.request(method.wire, params)
    return client.request("workspace/executeCommand", {"command": method.command, "arguments": [params]})


async def happens(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


FORMS = pytest.mark.parametrize("form", ["request", "command"])


@FORMS
async def test_cancel_ends_the_handler(form: str) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        number = ask_for(client, form, methods.KNOWLEDGE_ADD, {"source": "x"})
        await happens(bench.waiting)
        client.notify("$/cancelRequest", {"id": number})
        reply = await client.reply(number)
        assert reply["error"]["code"] == -32800
        assert reply["error"]["data"]["hint"]
        assert bench.cancelled.is_set()
        assert not bench.server.tasks


@FORMS
async def test_cancelled_handler_may_answer_with_a_result(form: str) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        number = ask_for(client, form, methods.CHAT, {"text": "hi"})
        await happens(bench.waiting)
        client.notify("$/cancelRequest", {"id": number})
        assert (await client.reply(number))["result"]["stopReason"] == "cancelled"


@FORMS
async def test_cancel_right_behind_the_request_still_enters_the_handler(form: str) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        for _ in range(20):
            number = ask_for(client, form, methods.CHAT, {"text": "hi"})
            client.notify("$/cancelRequest", {"id": number})
            assert (await client.reply(number))["result"]["stopReason"] == "cancelled"


async def test_cancel_of_standard_request() -> None:
    bench = Bench()

    @bench.server.feature("textDocument/hover")
    async def hover(_: Any) -> Any:
        return await bench.wait(methods.KnowledgeAddParams(source="x"))

    async with connected(bench.server) as client:
        await client.initialize()
        place = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        number = client.request("textDocument/hover", place)
        await happens(bench.waiting)
        client.notify("$/cancelRequest", {"id": number})
        assert (await client.reply(number))["error"]["code"] == -32800


async def test_cancel_takes_the_id_as_it_is() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        client.request("rejoinder/knowledge/add", {"source": "x"}, id="5")
        await happens(bench.waiting)
        for other in (5, 5.0, True, None, ["5"], "unknown"):
            client.notify("$/cancelRequest", {"id": other})
        await client.ask("rejoinder/session/state/set", STATE)
        assert not bench.cancelled.is_set()
        bench.go_on.set()
        assert (await client.reply("5"))["result"] == {}


@FORMS
@pytest.mark.parametrize("token", ["token", 7])
async def test_progress_cancel_ends_the_handler(form: str, token: str | int) -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        number = ask_for(client, form, methods.CHAT, {"text": "hi", "workDoneToken": token})
        await happens(bench.waiting)
        client.notify("window/workDoneProgress/cancel", {"token": "another"})
        client.notify("window/workDoneProgress/cancel", {"token": token})
        assert (await client.reply(number))["result"]["stopReason"] == "cancelled"


async def test_progress_token_beside_the_commands_arguments() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        params = {"command": "rejoinder.chat", "arguments": [{"text": "hi"}], "workDoneToken": "t"}
        number = client.request("workspace/executeCommand", params)
        await happens(bench.waiting)
        client.notify("window/workDoneProgress/cancel", {"token": "t"})
        assert (await client.reply(number))["result"]["stopReason"] == "cancelled"


async def test_handler_may_watch_a_token_beyond_its_reply() -> None:
    bench = Bench()
    called = asyncio.Event()
    async with connected(bench.server) as client:
        await client.initialize()
        with bench.server.cancellable("later", called.set):
            client.notify("window/workDoneProgress/cancel", {"token": "later"})
            await happens(called)
        called.clear()
        client.notify("window/workDoneProgress/cancel", {"token": "later"})
        await client.ask("rejoinder/session/state/set", STATE)
        assert not called.is_set()


async def test_second_request_with_an_id_under_way() -> None:
    bench = Bench()
    async with connected(bench.server) as client:
        await client.initialize()
        client.request("rejoinder/knowledge/add", {"source": "x"}, id=9)
        client.request("rejoinder/session/state/set", STATE, id=9)
        assert (await client.reply(9))["error"]["code"] == -32600
        bench.go_on.set()
        assert (await client.reply(9))["result"] == {}


# order


async def test_updates_come_before_the_reply() -> None:
    bench = Bench()
    bench.go_on.set()
    async with connected(bench.server) as client:
        await client.initialize()
        number = client.request("rejoinder/chat", {"text": "hé"})
        update = await client.receive()
        assert update["params"] == {
            "sessionId": "s",
            "turnId": "t",
            "seq": 0,
            "update": {"type": "text", "text": "hé"},
        }
        assert (await client.receive())["id"] == number


@FORMS
async def test_after_the_reply(form: str) -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        number = ask_for(client, form, methods.ASK, {"text": "hi", "ack": True})
        assert (await client.receive())["id"] == number
        assert (await client.receive())["method"] == "rejoinder/chat/update"


async def test_nothing_comes_after_an_error() -> None:
    async with connected(Bench().server) as client:
        await client.initialize()
        assert (await client.ask("rejoinder/ask", {"text": "fail"}))["error"]["code"] == -31001
        await client.ask("rejoinder/session/state/set", STATE)
        assert client.aside == []


async def test_after_the_reply_also_when_it_has_been_sent() -> None:
    bench = Bench()
    bench.go_on.set()
    async with connected(bench.server) as client:
        await client.initialize()
        await client.ask("rejoinder/knowledge/add", {"source": "x"})
    called = []
    bench.requests[0].after_reply(lambda: called.append(1))
    assert called == [1]


async def test_what_fails_after_the_reply_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    @bench.server.feature("textDocument/hover")
    def hover(_: Any) -> None:
        current_request().after_reply(lambda: 1 / 0)

    async with connected(bench.server) as client:
        await client.initialize()
        place = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        assert (await client.ask("textDocument/hover", place))["result"] is None
        assert "result" in await client.ask("rejoinder/session/state/set", STATE)
    assert any(record.exc_info for record in caplog.records)


def test_current_request_is_of_a_request() -> None:
    with pytest.raises(LookupError):
        current_request()


async def test_documents_change_in_the_order_of_the_messages() -> None:
    bench = Bench()
    bench.follow_documents()
    async with connected(bench.server) as client:
        await client.initialize()
        for turn in range(20):
            item = {"uri": "file:///a", "languageId": "x", "version": 1, "text": f"{turn}"}
            client.notify("textDocument/didOpen", {"textDocument": item})
            client.notify(
                "textDocument/didChange",
                {"textDocument": {"uri": "file:///a", "version": 2}, "contentChanges": [{"text": f"{turn}!"}]},
            )
            client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///a"}})
        await client.ask("rejoinder/session/state/set", STATE)
        assert bench.notes == [note for turn in range(20) for note in (f"{turn}", f"{turn}!", "closed")]


async def test_thread_handlers_of_pygls() -> None:
    bench = Bench()

    @bench.server.feature("textDocument/hover")
    @bench.server.thread()
    def hover(_: Any) -> None:
        bench.notes.append(threading.current_thread() is threading.main_thread())

    async with connected(bench.server) as client:
        await client.initialize()
        place = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        assert (await client.ask("textDocument/hover", place))["result"] is None
        assert bench.notes == [False]


# leaks


async def test_nothing_is_kept_of_what_is_over() -> None:
    bench = Bench()
    bench.go_on.set()
    bench.follow_documents()

    @bench.server.feature("textDocument/didSave")
    async def saved(_: Any) -> None: ...

    async with connected(bench.server) as client:
        await client.initialize()
        item = {"uri": "file:///a", "languageId": "x", "version": 1, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": item})
        before = len(asyncio.all_tasks())
        for version in range(2, 1002):
            document = {"uri": "file:///a", "version": version}
            client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "x"}]})
        for _ in range(100):
            client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///a"}})
            client.notify("rejoinder/chat/cancel", {"sessionId": "s"})
            await client.execute("rejoinder.knowledge.add", {"source": "x"})
        assert len(bench.notes) >= 1001
        await client.ask("rejoinder/session/state/set", STATE)
        assert not bench.server.tasks
        assert len(asyncio.all_tasks()) == before
        protocol = bench.server.protocol
        kept = [len(v) for v in vars(protocol).values() if isinstance(v, dict | list | set)]
        assert sum(kept) == 0
