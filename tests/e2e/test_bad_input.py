"""What bad input gets: a typed error with a hint, and nothing lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home
from raw_client import RawClient

WRONG: dict[str, list[Any]] = {
    "chat": [None, {}, [], 5, "x", {"text": 5}, {"text": None}, {"text": "x", "attachments": "y"}],
    "ask": [{}, {"text": "x", "action": "dance"}, {"text": "x", "remember": "no"}],
    "preview": [{"text": "x"}, {"of": "edit", "text": "x"}],
    "chat/cancel": [{}, {"sessionId": 5}],
    "session/list": [{"limit": "5"}, {"limit": 0}, {"limit": -1}, {"limit": 2.5}, {"archived": 1}, {"scope": "x"}],
    "session/get": [{}, {"sessionId": None}, {"sessionId": 5}, {"sessionId": ["s"]}],
    "session/open": [{"ref": 5}, {"sessionId": "s", "since": {"turnId": "t"}}, {"sessionId": "s", "since": 5}],
    "session/create": [{"messages": [{}]}, {"messages": [{"role": "king", "content": "x"}]}, {"metadata": []}],
    "session/update": [{"name": "x"}, {"sessionId": "s", "pinned": "yes"}],
    "session/history": [{"sessionId": "s", "limit": "all"}],
    "session/add": [{"sessionId": "s"}, {"sessionId": "s", "messages": {}}],
    "session/rollback": [{"sessionId": "s"}],
    "session/export": [{}, {"format": "pdf"}, {"format": "json", "sessionIds": "s"}],
    "session/import": [{}, {"format": "json"}, {"format": "json", "content": {}}],
    "session/state/set": [{"sessionId": "s"}, {"sessionId": "s", "state": []}],
    "project/relink": [{}, {"projectId": "x"}],
    "project/trust": [{"projectId": "x", "trusted": "yes"}],
    "index/status": [{"projectId": 5}],
}


async def still_there(editor: Editor) -> None:
    """The connection and the data have come through."""
    assert await editor.contents("kept") == ["precious"]


async def keep_something(editor: Editor) -> None:
    said = [{"role": "user", "content": "precious"}]
    await editor.call("session/create", sessionId="kept", messages=said)


@pytest.mark.parametrize("method", WRONG)
async def test_params_of_a_wrong_shape_are_refused_by_request_and_command(
    home: Home, project: Path, method: str
) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        for params in WRONG[method]:
            error = await editor.error_of(editor.request(f"rejoinder/{method}", params))
            assert (params, error["code"]) == (params, -32602)
            command = {"command": "rejoinder." + method.replace("/", "."), "arguments": [params]}
            assert (await editor.error_of(editor.request("workspace/executeCommand", command)))["code"] == -32602
        await still_there(editor)


async def test_missing_params_are_answered(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        assert (await editor.error_of(editor.request("rejoinder/session/get")))["code"] == -32602
        assert "sessions" in await editor.result_of(editor.request("rejoinder/session/list"))
        for arguments in ({}, {"arguments": []}, {"arguments": None}, {"arguments": [None]}):
            command = {"command": "rejoinder.session.list", **arguments}
            assert "sessions" in await editor.result_of(editor.request("workspace/executeCommand", command))


@pytest.mark.parametrize(
    "params", [None, {}, [], {"command": 5}, {"command": "rejoinder.chat", "arguments": {"text": "x"}},
               {"command": "rejoinder.chat", "arguments": [{"text": "x"}, {}]}], ids=str
)  # fmt: skip
async def test_a_command_of_a_wrong_shape_is_refused(home: Home, project: Path, params: Any) -> None:
    async with home.editor(project) as editor:
        assert (await editor.error_of(editor.request("workspace/executeCommand", params)))["code"] == -32602


async def test_unknown_methods_and_commands_are_refused(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for method in ("rejoinder/dance", "textDocument/hover", "x", "", "$/unknown", "rejoinder/chat/update"):
            assert (method, (await editor.error_of(editor.request(method, {})))["code"]) == (method, -32601)
        for command in ("rejoinder.dance", "", "x" * 100_000):
            error = await editor.error_of(editor.request("workspace/executeCommand", {"command": command}))
            assert error["code"] == -32601 and len(error["message"]) < 1000


async def test_nothing_is_served_before_initialize_and_after_shutdown(home: Home, project: Path) -> None:
    async with home.process() as client:
        assert (await client.ask("rejoinder/session/list", {}))["error"]["code"] == -32002
        await client.initialize({})
        assert (await client.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}}))["error"]
        assert (await client.ask("shutdown"))["result"] is None
        assert (await client.ask("rejoinder/session/list", {}))["error"]["code"] == -32600
        client.notify("exit")
        assert client.process is not None and await client.process.wait() == 0


@pytest.mark.parametrize("arguments", [[], ["--standalone"]])
async def test_exit_without_shutdown_is_an_error_of_the_process(fresh_home: Home, arguments: list[str]) -> None:
    async with fresh_home.process(*arguments) as client:
        await client.initialize({})
        client.notify("exit")
        assert client.process is not None and await client.process.wait() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"jsonrpc":"2.0","id":1,"method":"rejoinder/chat","params":{"text":"\xff"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"rejoinder/chat","params":{"text":NaN}}',
        b'{"jsonrpc":"2.0","id":1,"method":"rejoinder/chat","params":{"text":1e999}}',
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":7,"method":"rejoinder/chat","params":' + b'{"a":' * 500 + b"1" + b"}" * 501,
    ],
    ids=lambda body: body[-24:],
)
async def test_a_body_that_is_no_message_is_answered(home: Home, project: Path, body: bytes) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        editor.send_body(body)
        error = (await editor.message(lambda message: "error" in message))["error"]
        assert error["code"] in (-32700, -32602, -32600) and error["data"]["hint"]
        await still_there(editor)


@pytest.mark.parametrize(
    "message",
    [
        5,
        None,
        [],
        [{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}],
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": {}, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1, "method": "rejoinder/session/get", "params": 5},
    ],
    ids=str,
)
async def test_json_that_is_no_request_is_answered(home: Home, project: Path, message: Any) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        editor.send(message)
        error = (await editor.message(lambda message: "error" in message))["error"]
        assert error["code"] in (-32600, -32602) and error["data"]["hint"]
        await still_there(editor)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: many\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Content-Type: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 20_000,
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"A" * 100_000 + b"\r\n",
    ],
    ids=lambda header: header[:24],
)
async def test_broken_headers_are_answered_and_left_behind(home: Home, project: Path, header: bytes) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        editor.write(header)
        await still_there(editor)
        errors = [message["error"]["code"] for message in editor.aside if "error" in message]
        assert errors == [-32700]


@pytest.mark.parametrize("size", [64 * 2**20])
async def test_a_huge_message_is_refused_by_its_id(home: Home, project: Path, size: int) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        request = {"jsonrpc": "2.0", "id": "huge", "method": "rejoinder/chat", "params": {"text": "x" * size}}
        editor.send(request)
        error = await editor.error_of("huge")
        assert error["code"] == -31019 and error["data"]["limit"] < size
        await still_there(editor)


async def test_half_a_message_and_silence_harm_nobody_else(home: Home, project: Path) -> None:
    async with home.editor(project) as editor, home.editor(project) as silent:
        await keep_something(editor)
        silent.write(b'Content-Length: 500\r\n\r\n{"jsonrpc":')
        await still_there(editor)
        silent.hang_up()
        assert silent.process is not None and await silent.process.wait() == 0
        await still_there(editor)


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udfffb"', '"\\u0000"', '"\u2028"', '"' + "a\\u0301" * 50_000 + '"'])
async def test_any_text_that_json_can_spell_is_stored_and_read(home: Home, project: Path, text: str) -> None:
    async with home.editor(project) as editor:
        params = '{"sessionId":"s","messages":[{"role":"user","content":' + text + "}]}"
        editor.send_body(
            b'{"jsonrpc":"2.0","id":"m","method":"rejoinder/session/create","params":%b}' % params.encode()
        )
        await editor.result_of("m")
        stored = (await editor.contents("s"))[0]
        assert stored == json.loads(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        exported = (await editor.call("session/export", format="json"))["content"]
        assert json.loads(exported)["sessions"][0]["messages"][0]["content"] == stored


@pytest.mark.parametrize("number", ["1" * 400, "-" + "9" * 30, "1e400", "18446744073709551616", "0.1", "-0.0"])
async def test_any_number_is_stored_or_refused(home: Home, project: Path, number: str) -> None:
    async with home.editor(project) as editor:
        await keep_something(editor)
        for method in ("session/state/set", "session/update"):
            key = "state" if method.endswith("set") else "metadata"
            params = b'{"sessionId":"kept","%b":{"n":%b}}' % (key.encode(), number.encode())
            editor.send_body(
                b'{"jsonrpc":"2.0","id":"m","method":"rejoinder/%b","params":%b}' % (method.encode(), params)
            )
            reply = await editor.message(lambda message: message.get("id") == "m" or "error" in message)
            assert "result" in reply or reply["error"]["code"] in (-32602, -32700)
        await still_there(editor)


@pytest.mark.parametrize("text", ["", "   \n"])
async def test_an_empty_question_is_refused(home: Home, project: Path, text: str) -> None:
    async with home.editor(project) as editor:
        assert (await editor.refused("chat", text=text, sessionId="s"))["code"] == -32602
        assert (await editor.refused("session/get", sessionId="s"))["code"] == -31001


async def test_what_cannot_be_had_is_refused_and_not_left_out(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for extra in ({"agent": "x"}, {"schema": {"type": "object"}}, {"schema": {"type": "x"}}):
            error = await editor.refused("ask", text="x", **extra)
            assert error["code"] in (-32602, -31018, -31004, -31011), error
        attachment = {"uri": "image:1", "data": "aGk=", "mimeType": "image/png"}
        assert (await editor.refused("chat", text="x", attachments=[attachment]))["code"] == -32602


async def test_a_request_id_may_be_used_again_only_after_its_reply(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for number in ("a", 0, -1, 2**53):
            editor.request("rejoinder/session/list", {}, id=number)
            assert "sessions" in await editor.result_of(number)


async def test_every_request_of_a_burst_is_answered(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        client: RawClient = editor
        requests = [client.request(f"rejoinder/{name}", {}) for name in ("session/list", "nonsense", "config") * 300]
        for request in requests:
            await client.reply(request)
