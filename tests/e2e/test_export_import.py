"""Sessions out and in again: without loss, and whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, messages
from fake_model import FakeModel


async def test_s2_06_lsp_a_session_comes_back_from_an_export_as_it_was(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s", label="l", metadata={"a": 1}, system="Be brief.")
        await editor.call("chat", text="Hello?", sessionId="s", attachments=[{"uri": "note:1", "text": "attached"}])
        question = (await editor.call("session/history", sessionId="s"))["messages"][0]["messageId"]
        await editor.call("chat", text="Edited", sessionId="s", parentId=question)
        await editor.call("session/state/set", sessionId="s", state={"k": [1, {"x": None}]})
        exported = (await editor.call("session/export", format="json", sessionIds=["s"]))["content"]
        before = await everything(editor, "s")
        await editor.call("session/delete", sessionId="s", permanent=True)
        dry = await editor.call("session/import", format="json", content=exported, dryRun=True)
        assert dry == {"sessions": 1, "messages": 4, "skipped": 0}
        assert (await editor.call("session/list"))["sessions"] == []
        assert await editor.call("session/import", format="json", content=exported) == dry
        assert await everything(editor, "s") == before
        assert (await editor.call("session/export", format="json", sessionIds=["s"]))["content"] == exported
        again = await editor.call("session/import", format="json", content=exported)
        assert again == {"sessions": 0, "messages": 0, "skipped": 1}


async def everything(editor: Editor, session_id: str) -> Any:
    session = await editor.call("session/get", sessionId=session_id)
    del session["current"]
    history = await editor.call("session/history", sessionId=session_id)
    return session, history, await editor.call("session/state/get", sessionId=session_id)


async def test_s2_06_lsp_markdown_is_for_people_and_comes_in_again(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", name="Pools", messages=messages("Why?", "Because."))
        content = (await editor.call("session/export", format="markdown", sessionIds=["s"]))["content"]
        assert content == "# Pools\n\n## User\n\nWhy?\n\n## Assistant\n\nBecause.\n"
        await editor.call("session/delete", sessionId="s", permanent=True)
        came = await editor.call("session/import", format="markdown", content=content)
        assert came == {"sessions": 1, "messages": 2, "skipped": 0}
        session = (await editor.call("session/list"))["sessions"][0]
        assert session["name"] == "Pools"
        assert await editor.contents(session["sessionId"]) == ["Why?", "Because."]


async def test_s2_06_lsp_a_plain_list_of_messages_comes_in(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        content = json.dumps(messages("Why do pools leak?", "They do not."))
        assert (await editor.call("session/import", format="json", content=content))["sessions"] == 1
        session = (await editor.call("session/list"))["sessions"][0]
        assert "pools leak" in session["name"]
        assert await editor.contents(session["sessionId"]) == ["Why do pools leak?", "They do not."]


def _damaged(exported: str, change: Any) -> str:
    value = json.loads(exported)
    change(value["sessions"][0])
    return json.dumps(value)


DAMAGE = {
    "a name that is no text": lambda s: s["session"].update(name=5),
    "a name that is null": lambda s: s["session"].update(name=None),
    "an ID with a path": lambda s: s["session"].update(sessionId="../x"),
    "an ID that is no text": lambda s: s["session"].update(sessionId=5),
    "a time that is none": lambda s: s["session"].update(createdAt="yesterday"),
    "a time without a zone": lambda s: s["session"].update(updatedAt="2024-01-01T00:00:00"),
    "an unknown scope": lambda s: s["session"].update(scope="galaxy"),
    "a count that is no number": lambda s: s["session"].update(messageCount="two"),
    "a usage that is none": lambda s: s["session"].update(usage=3),
    "metadata that is a list": lambda s: s["session"].update(metadata=[1]),
    "a draft that is a number": lambda s: s["session"].update(draft=1),
    "messages that are no list": lambda s: s.update(messages=5),
    "a message that is no object": lambda s: s.update(messages=[5]),
    "a message without content": lambda s: s["messages"][0].pop("content"),
    "content that is no text": lambda s: s["messages"][0].update(content=5),
    "an unknown role": lambda s: s["messages"][0].update(role="king"),
    "an unknown source": lambda s: s["messages"][0].update(source="sea"),
    "a message ID that is no text": lambda s: s["messages"][0].update(messageId=[]),
    "attachments that are text": lambda s: s["messages"][0].update(attachments="x"),
    "a state that is a list": lambda s: s.update(state=[1]),
    "a state that is text": lambda s: s.update(state="no"),
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_an_import_that_is_not_whole_changes_nothing(home: Home, project: Path, damage: str) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a", "b"))
        exported = (await editor.call("session/export", format="json"))["content"]
        await editor.call("session/delete", sessionId="s", permanent=True)
        content = _damaged(exported, DAMAGE[damage])
        assert (await editor.refused("session/import", format="json", content=content))["code"] == -32602
        assert (await editor.call("session/list", query="a"))["sessions"] == []


@pytest.mark.parametrize("content", ["", "[", "5", "{}", '{"format":"rejoinder-sessions","version":9,"sessions":[]}'])
async def test_what_is_no_export_is_refused(home: Home, project: Path, content: str) -> None:
    async with home.editor(project) as editor:
        assert (await editor.refused("session/import", format="json", content=content))["code"] == -32602
        assert (await editor.refused("session/import", format="xml", content=content))["code"] == -32602


async def test_a_session_that_comes_twice_in_one_file_comes_in_once(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a"))
        value = json.loads((await editor.call("session/export", format="json"))["content"])
        value["sessions"] *= 2
        await editor.call("session/delete", sessionId="s", permanent=True)
        report = await editor.call("session/import", format="json", content=json.dumps(value))
        assert report == {"sessions": 1, "messages": 1, "skipped": 1}


async def test_an_import_whose_messages_go_in_circles_can_be_read(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a", "b"))
        value = json.loads((await editor.call("session/export", format="json"))["content"])
        first, second = value["sessions"][0]["messages"]
        first["parentId"] = second["messageId"]
        await editor.call("session/delete", sessionId="s", permanent=True)
        await editor.call("session/import", format="json", content=json.dumps(value))
        assert await editor.contents("s") == ["a", "b"]
