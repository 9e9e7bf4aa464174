"""Every way to stop a turn: the model's connection closes, the reply is a result, the part is stored and marked."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, types_of
from fake_model import FakeModel, Reply


def send_turn(editor: Editor, form: str, **params: Any) -> Any:
    if form == "request":
        return editor.send_for("chat", **params)
    return editor.request("workspace/executeCommand", {"command": "rejoinder.chat", "arguments": [params]})


async def stop(editor: Editor, way: str, request: Any) -> None:
    match way:
        case "$/cancelRequest":
            editor.notify(way, {"id": request})
        case "window/workDoneProgress/cancel":
            editor.notify(way, {"token": "work"})
        case "rejoinder/chat/cancel":
            editor.notify(way, {"sessionId": "s"})
        case "rejoinder.chat.cancel":
            await editor.run("chat/cancel", sessionId="s")


WAYS = ["$/cancelRequest", "window/workDoneProgress/cancel", "rejoinder/chat/cancel", "rejoinder.chat.cancel"]


@pytest.mark.parametrize("form", ["request", "command"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_turn_is_cancelled(home: Home, project: Path, model: FakeModel, way: str, form: str) -> None:
    gate = model.gate()
    model.script(Reply(text="one two three", gate=gate))
    async with home.editor(project, model=model) as editor:
        request = send_turn(editor, form, text="Hello?", sessionId="s", workDoneToken="work")
        gate.release(2)
        await editor.update("text")
        await stop(editor, way, request)
        result = await editor.result_of(request)
        await model.requests[0].disconnect()
        assert (result["stopReason"], result["text"].strip()) == ("cancelled", "one")
        end = editor.taken()[-1]["update"]
        assert (end["type"], end["stopReason"], end["messageId"]) == ("end", "cancelled", result["messageId"])
        stored = (await editor.call("session/history", sessionId="s"))["messages"][-1]
        assert (stored["content"], stored["stopReason"]) == (result["text"], "cancelled")
        assert (await editor.call("chat", text="Again", sessionId="s"))["stopReason"] == "end_turn"


@pytest.mark.parametrize("params", [{"sessionId": "s"}, {"turnId": "t"}, {"sessionId": "s", "turnId": "t"}], ids=str)
async def test_a_cancellation_that_follows_at_once_counts(
    home: Home, project: Path, model: FakeModel, params: dict[str, str]
) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", **params)
        editor.notify("rejoinder/chat/cancel", {"sessionId": "s", **params})
        assert (await editor.result_of(request))["stopReason"] == "cancelled"


async def test_a_cancellation_of_nothing_leaves_what_is_asked_next(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="First", sessionId="s")
        for _ in range(5):
            editor.notify("rejoinder/chat/cancel", {"sessionId": "s"})
            assert (await editor.call("chat", text="Next", sessionId="s"))["stopReason"] == "end_turn"


@pytest.mark.parametrize("way", WAYS)
async def test_a_turn_that_waits_for_the_models_first_byte_is_cancelled(
    home: Home, project: Path, model: FakeModel, way: str
) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s", workDoneToken="work")
        arrived = await model.next_request()
        await stop(editor, way, request)
        result = await editor.result_of(request)
        await arrived.disconnect()
        assert (result["stopReason"], result["text"]) == ("cancelled", "")


@pytest.mark.parametrize("way", ["rejoinder/chat/cancel", "window/workDoneProgress/cancel"])
async def test_an_acknowledged_turn_is_cancelled(home: Home, project: Path, model: FakeModel, way: str) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Hello?", sessionId="s", ack=True, workDoneToken="work")
        arrived = await model.next_request()
        await stop(editor, way, None)
        await arrived.disconnect()
        assert (await editor.update("end"))["update"]["stopReason"] == "cancelled"


async def test_a_turn_that_waits_in_the_queue_is_cancelled_alone(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="one", gate=gate))
    async with home.editor(project, model=model) as editor:
        first = editor.send_for("chat", text="One", sessionId="s", queue=True)
        await model.next_request()
        second = editor.send_for("chat", text="Two", sessionId="s", queue=True)
        await editor.call("models")
        editor.notify("$/cancelRequest", {"id": second})
        assert (await editor.result_of(second))["stopReason"] == "cancelled"
        gate.open()
        assert (await editor.result_of(first))["stopReason"] == "end_turn"
        assert await editor.contents("s") == ["One", "one"]


async def test_a_request_that_is_cancelled_at_once_still_has_its_reply(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        for form in ("request", "command"):
            request = send_turn(editor, form, text="Hello?", sessionId=form)
            editor.notify("$/cancelRequest", {"id": request})
            assert (await editor.result_of(request))["stopReason"] == "cancelled"


async def test_cancelling_names_the_turn_it_means(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(gate=gate))
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s", turnId="mine")
        await model.next_request()
        await editor.call("chat/cancel", sessionId="s", turnId="another")
        await editor.call("chat/cancel", sessionId="another")
        gate.open()
        assert (await editor.result_of(request))["stopReason"] == "end_turn"


async def test_another_client_may_cancel(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project, model=model) as one, home.editor(project) as two:
        request = one.send_for("chat", text="Hello?", sessionId="s")
        await model.next_request()
        await two.call("chat/cancel", sessionId="s")
        assert (await one.result_of(request))["stopReason"] == "cancelled"


async def test_a_client_that_goes_away_does_not_cancel(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="all of it", gate=gate))
    async with home.editor(project) as watcher:
        async with home.editor(project, model=model) as editor:
            editor.send_for("chat", text="Hello?", sessionId="s")
            await model.next_request()
        await watcher.call("session/open", sessionId="s")
        gate.open()
        await watcher.update("end")
        assert await watcher.contents("s") == ["Hello?", "all of it"]


@pytest.mark.parametrize("farewell", ["end of input", "shutdown", "kill"])
async def test_on_disconnect_cancel_stops_the_turn(home: Home, project: Path, model: FakeModel, farewell: str) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project) as watcher:
        options = {"onDisconnect": "cancel"}
        async with home.editor(project, model=model, options=options) as editor:
            editor.send_for("chat", text="Hello?", sessionId="s")
            arrived = await model.next_request()
            if farewell == "shutdown":
                await editor.ask("shutdown")
                editor.notify("exit")
            if farewell == "kill":
                editor.process.kill()
        await arrived.disconnect()
        opened = await watcher.call("session/open", sessionId="s")
        if "running" in opened:
            await watcher.update("end")
        stored = (await watcher.call("session/history", sessionId="s"))["messages"]
        assert [message.get("stopReason") for message in stored] == [None, "cancelled"]


async def test_deleting_a_session_stops_its_turn(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(gate=model.gate()))
    async with home.editor(project, model=model) as editor:
        request = editor.send_for("chat", text="Hello?", sessionId="s")
        arrived = await model.next_request()
        await editor.call("session/delete", sessionId="s")
        await arrived.disconnect()
        assert (await editor.result_of(request))["stopReason"] == "cancelled"
        assert types_of(editor.taken())[-1] == "end"
        assert (await editor.refused("session/get", sessionId="s"))["code"] == -31001
