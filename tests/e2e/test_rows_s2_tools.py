"""The built-in tools: loaded by one call or one setting, read-only, and nothing outside of the project."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import SECRET, Editor, Home, options_for
from fake_model import Call, FakeModel, Reply

DEFAULTS = {"read_file", "list_files", "search_project", "search_conversations", "diagnostics", "symbols"}


def calling(name: str, args: str = "{}") -> Reply:
    return Reply(text="", calls=(Call(name, args),))


def declared(request: Any) -> set[str]:
    return {tool["function"]["name"] for tool in request.json.get("tools", ())}


async def output_of(editor: Editor, model: FakeModel, name: str, args: str, **params: Any) -> tuple[str, str]:
    """Status and output of one call, as the history has it."""
    model.script(calling(name, args), Reply(text="So it is."))
    result = await editor.call("chat", text="look", **{"sessionId": "tools", "tools": ["default"], **params})
    assert result["text"] == "So it is."
    page = await editor.call("session/history", sessionId=result["sessionId"])
    (call,) = page["messages"][-1]["toolCalls"]
    assert call["name"] == name
    return call["status"], call["output"]


async def test_s2_10_lsp_default_tools_are_loaded_by_one_call_and_only_read(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        listed = (await editor.call("tool/list"))["tools"]
        assert {tool["name"] for tool in listed if not tool["asks"]} == DEFAULTS
        assert not any(tool["enabled"] for tool in listed)
        status, output = await output_of(editor, model, "read_file", '{"path": "pool.py", "first_line": 4}')
        assert declared(model.requests[0]) == DEFAULTS
        assert (status, output) == (
            "done",
            "pool.py, lines 4 to 5 of 5:\n4\t    def check(self, connection):\n5\t        return connection.ping()",
        )
        results = [one["content"] for one in model.requests[1].json["messages"] if one["role"] == "tool"]
        assert results == [f"```\n{output}\n```"]
        kinds = [update["update"]["type"] for update in editor.taken()]
        assert kinds.index("tool_call") < kinds.index("tool_update") < kinds.index("end")
        assert "approval" not in kinds


async def test_s2_10_lsp_every_default_tool_answers(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options={"retrieve": True}) as editor:
        assert await output_of(editor, model, "list_files", '{"pattern": "*.py"}') == ("done", "pool.py")
        status, found = await output_of(editor, model, "search_project", '{"query": "database connections for reuse"}')
        assert status == "done" and "pool.py" in found and "ConnectionPool" in found
        status, found = await output_of(editor, model, "symbols", '{"name": "ConnectionPool"}')
        assert status == "done" and "class ConnectionPool" in found
        await editor.call("chat", text="The launch code name is Heron.", sessionId="elsewhere")
        status, found = await output_of(editor, model, "search_conversations", '{"query": "launch code name"}')
        assert status == "done" and "Heron" in found
        assert await output_of(editor, model, "diagnostics", "{}") == ("done", "The editor tells of no problems.")


@pytest.mark.parametrize(
    "path",
    ["../outside.txt", "link.txt", "inner/../../outside.txt", "{outside}", ".env", "ignored.log", "alias.txt", ".", ""],
)
async def test_s2_10_lsp_nothing_outside_ignored_or_secret_is_read(
    home: Home, project: Path, model: FakeModel, path: str
) -> None:
    outside = project.parent / "outside.txt"
    outside.write_text("out of reach")
    (project / "inner").mkdir()
    (project / ".env").write_text("PASSWORD=out of reach")
    (project / ".gitignore").write_text("*.log\n")
    (project / "ignored.log").write_text("out of reach")
    (project / "link.txt").symlink_to(outside)
    (project / "alias.txt").symlink_to(project / ".env")
    async with home.editor(project, model=model) as editor:
        named = path.replace("{outside}", str(outside))
        status, output = await output_of(editor, model, "read_file", f'{{"path": "{named}"}}')
        assert status == "failed" and "out of reach" not in output
        _, listed = await output_of(editor, model, "list_files", "{}")
        assert set(listed.split("\n")) == {".gitignore", "pool.py"}


async def test_s2_10_lsp_secrets_in_a_file_are_masked_for_the_model_and_on_disk(
    home: Home, project: Path, model: FakeModel
) -> None:
    (project / "settings.py").write_text(f"TOKEN = '{SECRET}'\n")
    async with home.editor(project, model=model) as editor:
        _, output = await output_of(editor, model, "read_file", '{"path": "settings.py"}')
        assert "TOKEN" in output and SECRET not in output
        assert SECRET.encode() not in model.requests[1].body
    assert SECRET.encode() not in home.everything_written()


async def test_s2_10_setting_loads_tools_for_every_turn(home: Home, project: Path, model: FakeModel) -> None:
    options = {"tools": {"use": ["default"], "outputLimit": 300}}
    async with home.editor(project, model=model, options=options) as editor:
        assert {tool["name"] for tool in (await editor.call("tool/list"))["tools"] if tool["enabled"]} == DEFAULTS
        (project / "long.txt").write_text("many words\n" * 1000)
        _, output = await output_of(editor, model, "read_file", '{"path": "long.txt"}', tools=None)
        assert len(output) < 450 and "cut here" in output
        await editor.call("chat", text="hello", sessionId="tools", tools=[])
        assert declared(model.requests[-1]) == set()


async def test_s2_10_lsp_preview_shows_tools_and_a_model_without_is_said_plainly(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        preview = await editor.call("preview", of="chat", text="hello", sessionId="tools", tools=["read_file"])
        assert [tool["name"] for tool in preview["tools"]] == ["read_file"]
        refused = await editor.refused("chat", text="hello", sessionId="tools", tools=["nonsense"])
        assert refused["code"] == -32602 and "nonsense" in refused["message"]
    plain = {**options_for(model), "model": "extractive"}
    async with home.editor(project, options=plain) as editor:
        await editor.call("chat", text="hello", sessionId="plain", tools=["default"])
        told = [update["update"].get("message", "") for update in editor.taken()]
        assert any("cannot call tools" in str(message) for message in told)
