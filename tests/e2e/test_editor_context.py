"""What the server asks an editor that can tell what it shows, and what it proposes for an input."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Home, sent_texts
from fake_model import FakeModel

TELLING = {"protocolVersion": 1, "ui": True, "features": ["editorContext"]}


def spanning(first: int, last: int) -> dict[str, Any]:
    return {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}


async def sent(model: FakeModel) -> str:
    """Everything that the next request tells the model."""
    return "\n".join(sent_texts(await model.next_request()))


async def test_problems_reach_the_model_with_file_and_line(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "pool.py").as_uri()
    async with home.editor(project, model=model, handshake=TELLING) as editor:
        editor.shown = {
            "diagnostics": [
                {"range": spanning(4, 4), "message": "no `ping`\nhere", "severity": 2, "source": "checker"},
                {"range": "nonsense", "message": "left out"},
            ]
        }
        await editor.call("chat", text="Why @problems?", sessionId="s", uri=uri)
        text = await sent(model)
        assert "[attached editor:problems]\n```\npool.py:5: warning: no `ping` here (checker)\n```" in text
        assert "left out" not in text
        (asked,) = [one for one in editor.asked if one["method"] == "rejoinder/editor/context"]
        assert asked["params"] == {"uri": uri}


@pytest.mark.parametrize("text", ["Explain @selection", "/explain"])
async def test_the_selection_is_attached_and_stored(home: Home, project: Path, model: FakeModel, text: str) -> None:
    uri = (project / "pool.py").as_uri()
    async with home.editor(project, model=model, handshake=TELLING) as editor:
        editor.shown = {"selection": {"uri": uri, "range": spanning(3, 5)}}
        await editor.call("chat", text=text, sessionId="s")
        assert "[attached pool.py, lines 4-5]\n```\n    def check(" in await sent(model)
        stored = (await editor.call("session/history", sessionId="s"))["messages"][0]
        assert stored["attachments"][0]["text"].startswith("    def check(")


async def test_without_a_document_in_question_problems_are_those_of_the_last_one(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model, handshake=TELLING) as editor:
        diagnostic = {"range": spanning(0, 0), "message": "odd"}
        editor.shown = {"recent": [(project / "pool.py").as_uri()], "diagnostics": [diagnostic]}
        await editor.call("chat", text="Why @problems?", sessionId="s")
        assert "pool.py:1: error: odd" in await sent(model)


async def test_an_editor_that_does_not_answer_costs_no_turn(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, handshake=TELLING) as editor:
        await editor.call("chat", text="Why @problems?", sessionId="s")
        assert "editor:problems" not in await sent(model)
        assert "The editor tells of no problems." in str(editor.taken())


async def test_an_editor_that_cannot_tell_is_not_asked(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="Why @problems and @selection?", sessionId="s")
        assert "editor:problems" not in await sent(model)
        assert not [one for one in editor.asked if one["method"] == "rejoinder/editor/context"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_files_are_proposed_and_the_proposal_works(
    home: Home, project: Path, model: FakeModel, encoding: str
) -> None:
    (project / "with space.py").write_text("x = 1\n")
    (project / ".env").write_text("KEY=1\n")
    width = {"utf-8": 4, "utf-16": 2}[encoding]
    general = {"general": {"positionEncodings": [encoding]}}
    async with home.editor(project, model=model, capabilities=general) as editor:
        found = await editor.call("complete", text="😀 see @file:wsp and", offset=width + len(" see @file:wsp"))
        assert [item["insertText"] for item in found["items"]] == ['@file:"with space.py" ']
        assert found["start"] == width + len(" see ")
        await editor.call("chat", text=f"see {found['items'][0]['insertText']}", sessionId="s")
        assert "[attached with space.py]\n```\nx = 1" in await sent(model)
        everything = await editor.run("complete", text="@", offset=1)
        labels = [item["label"] for item in everything["items"]]
        assert labels[:5] == ["@file:", "@symbol:", "@selection", "@problems", "@diff"]
        assert sorted(labels[5:]) == ["pool.py", "with space.py"]


async def test_commands_and_sessions_are_proposed(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="one", name="plans for spring")
        await editor.call("session/create", sessionId="two", name="pool")
        found = (await editor.call("complete", text="/ex", offset=3))["items"]
        assert [(item["label"], item["kind"]) for item in found] == [("/explain", "command")]
        found = (await editor.call("complete", text="as in #p", offset=8))["items"]
        assert sorted(item["insertText"] for item in found) == ["#session:one ", "#session:pool "]
        assert (await editor.call("complete", text="no word", offset=7))["items"] == []
        assert (await editor.refused("complete", text="short", offset=9))["code"] == -32602
