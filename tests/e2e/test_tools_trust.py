"""What a project, an editor or a model says starts no program and decides nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.kit import Home, home_in
from fake_model import Call, FakeModel, Reply


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_in(tmp_path_factory.mktemp("home")) as made:
        yield made


async def test_a_project_cannot_name_a_server(home: Home, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    tables = {"bad": {"command": sys.executable, "args": ["-c", f"open({str(mark)!r}, 'w')"]}}
    (tmp_path / ".mcp.json").write_text("{}")
    async with home.editor(tmp_path, options={"trusted": True, "mcp": tables}, settings={"mcp": tables}) as editor:
        listed = await editor.call("tool/list")
        assert {tool["source"] for tool in listed["tools"]} == {"built-in"} and listed["notes"] == []
        config = {each["key"]: each for each in (await editor.call("config"))["settings"]}
        assert config["mcp"]["source"] == "default"
    assert not mark.exists()


async def test_functions_that_no_model_could_call_are_refused(home: Home, tmp_path: Path) -> None:
    function = {"name": "f", "description": "", "parameters": {"type": "object"}}
    async with home.editor(tmp_path) as editor:
        for bad, word in (
            ({**function, "name": "a b"}, "is no name of a function"),
            ({**function, "parameters": {"type": "string"}}, "no schema of an object"),
        ):
            error = await editor.refused("chat", text="Hello", sessionId="s", functions=[bad])
            assert error["code"] == -32602 and word in error["message"]
        error = await editor.refused("chat", text="Hello", sessionId="s", functions=[function, function])
        assert "there are two 'f'" in error["message"]


async def test_a_client_that_answers_a_call_with_nonsense(home: Home, tmp_path: Path) -> None:
    function = {"name": "f", "description": "", "parameters": {"type": "object"}}
    with FakeModel() as model:
        model.script(Reply(text="", calls=(Call("f"),)), Reply(text="I see."))
        async with home.editor(tmp_path, model=model) as editor:
            # an editor of the kit answers null to what it does not know
            result = await editor.call("chat", text="Call it.", sessionId="nonsense", functions=[function])
            assert result["text"] == "I see."
            page = await editor.call("session/history", sessionId="nonsense")
            (call,) = page["messages"][-1]["toolCalls"]
            assert call["status"] == "failed" and "not understood" in call["output"]
