"""The contract as a stranger tests it who has nothing but `schema.json`."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from e2e.kit import Editor, Home
from fake_model import FakeModel, Reply

SCHEMA = json.loads(resources.files("rejoinder.protocol").joinpath("schema.json").read_text())
VALUES: list[Any] = [5, 2.5, "x", True, [5], {"x": 5}]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def validator(schema: Any) -> jsonschema.Draft202012Validator:
    """One for a part of the schema, with the definitions that it refers to."""
    return jsonschema.Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})


def wrong_params(params: Any) -> Iterator[tuple[str, Any]]:
    """A key, and params in which it has a value of a wrong type or is missing."""
    params = SCHEMA["$defs"][params["$ref"].rpartition("/")[2]] if "$ref" in params else params
    for key in params.get("required", ()):
        yield key, {}
    for key, declared in params.get("properties", {}).items():
        fitting = validator(declared)
        yield from ((key, {key: value}) for value in VALUES if not fitting.is_valid(value))


async def test_each_key_of_a_wrong_type_is_refused_by_its_name(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        served = editor.result["capabilities"]["experimental"]["rejoinder"]["methods"]
        sent = 0
        for method, declared in SCHEMA["requests"].items():
            if method.removeprefix("rejoinder/") not in served:
                assert (await editor.error_of(editor.request(method, {})))["code"] == -32601
                continue
            for key, params in wrong_params(declared["params"]):
                error = await editor.error_of(editor.request(method, params))
                assert (method, params, error["code"]) == (method, params, -32602)
                assert key in error["message"]
                sent += 1
        assert sent > 500


async def talk(editor: Editor, call: Callable[..., Awaitable[Any]], model: FakeModel, uri: str) -> None:
    """Something of everything whose result or updates hold values of many types."""
    said = [{"role": "user", "content": "old", "createdAt": "2024-05-06T07:08:09+02:00"}]
    await call("session/create", sessionId="s", name="Name", metadata={"a": [None]}, messages=said)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 2**31 - 1}}
    await call(
        "chat", text="How is a ConnectionPool checked?", sessionId="s", attachments=[{"uri": uri, "range": span}]
    )
    model.script(Reply(text="```python\npass\n```"))
    answer = await call("ask", text="/fix", uri=uri, attachments=[{"uri": uri, "range": span}])
    await call("edit", messageId=answer["messageId"], block=0)
    model.script(Reply(status=400))
    await editor.refused("chat", text="Hm?", sessionId="s")
    model.script(Reply(text="wait", gate=model.gate()))
    editor.send_for("chat", text="Wait", sessionId="s", turnId="t", partialResultToken="p", workDoneToken="w")
    while (await model.next_request()).json["messages"][-1]["content"] != "Wait":
        pass
    assert (await call("session/open", sessionId="s"))["running"]["turnId"] == "t"
    editor.notify("rejoinder/chat/cancel", {"sessionId": "s", "turnId": "t"})
    await call("preview", of="ask", text="ConnectionPool", retrieve=True)
    await call("complete", text="/", offset=1)
    await call("search", query="ConnectionPool", limit=200)
    await call("session/history", sessionId="s", limit=1)
    await call("session/fork", sessionId="s", newSessionId="f")
    await call("session/state/set", sessionId="f", state={"k": 1})
    await call("session/export", format="json")
    await call("session/delete", sessionId="f")
    await call("session/restore", sessionId="f")
    for method in ("session/list", "models", "project/list", "index/status", "config"):
        await call(method)


def times_in(value: Any) -> Iterator[Any]:
    """What stands in `createdAt`, `updatedAt` and the like."""
    if isinstance(value, dict):
        yield from (item for key, item in value.items() if key.endswith("At") and item is not None)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from times_in(item)


def check(value: Any, declared: Any) -> None:
    """A value is as the schema says, and its times are RFC 3339 in UTC."""
    validator(declared).validate(value)
    assert all(TIME.fullmatch(time) for time in times_in(value))


async def test_whatever_the_server_says_is_as_declared(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options={"retrieve": True}) as editor:

        async def call(method: str, **params: Any) -> Any:
            result = await editor.call(method, **params)
            check(result, SCHEMA["requests"][f"rejoinder/{method}"]["result"])
            return result

        await talk(editor, call, model, (project / "pool.py").as_uri())
        for method, declared in SCHEMA["clientNotifications"].items():
            told = editor.taken(method)
            assert told
            for params in told:
                check(params, declared)
        progress = [params["value"] for params in editor.taken("$/progress") if params["token"] == "p"]
        assert [update["seq"] for update in progress] == list(range(len(progress)))
        for update in progress:
            check(update, SCHEMA["clientNotifications"]["rejoinder/chat/update"])
