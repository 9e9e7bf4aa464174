"""Prompts that people keep as files and call as slash commands, through real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.command import REJOINDER, Command, asking
from e2e.kit import SECRET, Home, home_in, sent_texts
from e2e.python_kit import program
from fake_model import FakeModel
from terminal import Terminal

TELLING = {"protocolVersion": 1, "ui": True, "features": ["editorContext"]}
TIDY = """---
description: Make it tidy
argument-hint: "[what to look at]"
model: passed-over
---
Tidy the lines of {{selection}} in {{ file }}. Mind {{input}}. Leave {{this}} alone.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose user has prompts: two good ones, and two that do not count."""
    with home_in(tmp_path_factory.mktemp("prompts")) as home:
        folder = home.config.parent / "prompts"
        folder.mkdir(parents=True)
        (folder / "tidy.md").write_text(TIDY)
        (folder / "brief.prompt.md").write_text("Say it in one sentence.\n")
        (folder / "fix.md").write_text("This would be something else.\n")
        (folder / "hollow.md").write_text("---\ndescription: Nothing below\n---\n")
        yield home


def own_prompts(project: Path) -> Path:
    folder = project / ".rejoinder" / "prompts"
    folder.mkdir(parents=True)
    return folder


async def test_a_prompt_is_asked_and_kept_as_it_was_asked(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        assert "prompts/list" in editor.result["capabilities"]["experimental"]["rejoinder"]["methods"]
        await editor.call("chat", text="/brief why is it so?", sessionId="s")
        asked = "Say it in one sentence.\n\nwhy is it so?"
        assert sent_texts(model.requests[-1])[-1] == asked
        await editor.call("chat", text="And then?", sessionId="s")
        assert asked in sent_texts(model.requests[-1])
        question = (await editor.call("session/history", sessionId="s"))["messages"][0]
        assert question["content"] == "/brief why is it so?"
        assert question["attachments"] == [{"uri": "prompt:brief", "text": asked}]
        # what was asked stays what was asked, whatever becomes of the file
        file = home.config.parent / "prompts" / "brief.prompt.md"
        file.write_text("Say it at length.\n")
        await editor.call("chat", text="", sessionId="s", parentId=question["messageId"])
        assert sent_texts(model.requests[-1])[-1] == asked
        await editor.call("chat", text="/brief no, how?", sessionId="s", parentId=question["messageId"])
        assert sent_texts(model.requests[-1])[-1] == "Say it at length.\n\nno, how?"
        file.write_text("Say it in one sentence.\n")
        exported = await editor.call("session/export", sessionIds=["s"], format="markdown")
        assert "/brief no, how?" in exported["content"]


async def test_a_prompt_takes_what_is_selected_the_file_and_what_is_typed(
    home: Home, project: Path, model: FakeModel
) -> None:
    pool = (project / "pool.py").as_uri()
    async with home.editor(project, model=model, handshake=TELLING) as editor:
        lines = {"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 10}}
        editor.shown = {"recent": [pool], "visible": [pool], "selection": {"uri": pool, "range": lines}}
        shown = await editor.call("preview", of="ask", text=f"/tidy the names, never {SECRET}")
        *_, attached, last = [message["content"] for message in shown["messages"]]
        assert last.startswith('Tidy the lines of @selection in @file:"pool.py". Mind the names, never ')
        assert last.endswith("Leave {{this}} alone.") and SECRET not in last
        assert "[attached pool.py" in attached and "connection.ping" in attached
        assert any("lines 4-5" in message["content"] for message in shown["messages"])
        await editor.call("ask", text=f"/tidy {SECRET}", sessionId="t")
        kept = (await editor.call("session/history", sessionId="t"))["messages"][0]
        assert SECRET not in str(kept) and "prompt:tidy" in str(kept)


async def test_what_is_listed_what_is_refused_and_what_must_be_trusted(
    home: Home, project: Path, model: FakeModel
) -> None:
    own = own_prompts(project)
    (own / "deploy.md").write_text("---\ndescription: How to deploy\n---\nDeploy it.\n")
    (own / "brief.md").write_text("The user's own comes first.\n")
    async with home.editor(project, model=model) as editor:
        listed = await editor.call("prompts/list")
        assert [(one["name"], one["source"]) for one in listed["prompts"]] == [("brief", "user"), ("tidy", "user")]
        assert listed["prompts"][1]["argumentHint"] == "[what to look at]"
        told = "\n".join(listed["notes"])
        assert "fix.md does not count" in told and "hollow.md does not count" in told and "trusted: deploy" in told
        proposed = (await editor.call("complete", text="/", offset=1))["items"]
        by_label = {item["label"]: item["detail"] for item in proposed}
        assert by_label["/tidy"] == "Make it tidy" and "does not count" in by_label["/hollow"]
        assert by_label["/fix"] == "Find what is wrong, and mend it" and "trusted" in by_label["/deploy"]
        hollow = await editor.refused("chat", text="/hollow", sessionId="u")
        assert hollow["code"] == -32602 and "hollow.md" in hollow["message"]
        untrusted = await editor.refused("chat", text="/deploy now", sessionId="u")
        assert "deploy" in untrusted["message"] and "trust" in untrusted["data"]["hint"]
        opened = await editor.call("session/create", sessionId="u")
        await editor.call("project/trust", projectId=opened["projectId"], trusted=True)
        await editor.call("chat", text="/deploy now", sessionId="u")
        assert sent_texts(model.requests[-1])[-1] == "Deploy it.\n\nnow"
        await editor.call("chat", text="/brief", sessionId="u")
        assert sent_texts(model.requests[-1])[-1] == "Say it in one sentence."
        await editor.call("chat", text="/nothing of ours", sessionId="u")
        assert sent_texts(model.requests[-1])[-1] == "/nothing of ours"


def test_python_and_the_terminal_call_prompts(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        session = client.session("v")
        session.run("/brief what now?")
        assert sent_texts(model.requests[-1])[-1] == "Say it in one sentence.\n\nwhat now?"
        assert [one.name for one in client.prompts().prompts] == ["brief", "tidy"]
    command = Command(home, project)
    command("ask", *asking(model), "/brief", "and here?")
    assert sent_texts(model.requests[-1])[-1] == "Say it in one sentence.\n\nand here?"
    command("ask", *asking(model), "--file", "pool.py:1-2", "/tidy", "names")
    told = sent_texts(model.requests[-1])[-1]
    assert "[attached pool.py, lines 1-2]" in told and "[attached pool.py]" in told
    assert 'Tidy the lines of pool.py, lines 1-2 in @file:"pool.py". Mind names.' in told
    command("ask", *asking(model), "--file", "pool.py", "/tidy", "names")
    told = sent_texts(model.requests[-1])[-1]
    assert told.count("[attached pool.py]") == 1 and "Tidy the lines of pool.py in pool.py." in told
    arguments = [*REJOINDER, "chat", "--new", "Prompts", *asking(model)]
    with Terminal(arguments, folder=project, environment=home.environment) as terminal:
        terminal.wait_for("Prompts ›")
        terminal.type("/help\r")
        terminal.wait_for("/tidy [what to look at]")
        terminal.wait_for("hollow.md does not count")
        terminal.type("/brief and there?\r")
        terminal.wait_for("one word at a time.")
        terminal.type("/quit\r")
        assert terminal.wait_for_end() == 0
    assert sent_texts(model.requests[-1])[-1] == "Say it in one sentence.\n\nand there?"
