"""Chat and ask in editors that have nothing of ours but the server: a Markdown file that answers."""

import stat
from pathlib import Path

import pytest

from e2e.kit import SECRET, Home, sent_texts
from e2e.plain_kit import EDITORS, plain_editor
from fake_model import FakeModel, Reply
from rejoinder.lsp.documents import path_of

SOURCE = "def sum_of(values):\n    total = 1\n    return total\n"
MENDED = SOURCE.replace("total = 1", "total = sum(values)")
FIX = """It began at 1.

```python
sums.py
<<<<<<< SEARCH
    total = 1
=======
    total = sum(values)
>>>>>>> REPLACE
```"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with something to mend."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(SOURCE)
    return folder


@pytest.mark.parametrize("like", EDITORS)
async def test_a_conversation_is_held_in_a_file(home: Home, project: Path, model: FakeModel, like: str) -> None:
    gate = model.gate()
    model.script(
        Reply(text="First # You part. And\n\n# You\n\nmore.", gate=gate), Reply(text="Another."), Reply(text="Third.")
    )
    async with plain_editor(home, project, model=model, like=like) as editor:
        uri = await editor.chat()
        path = path_of(uri)
        assert path is not None and path.is_relative_to(home.data)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert editor.documents[uri] == "# You\n\n" and list(await editor.actions(uri)) == [
            "Rejoinder: Begin a new conversation"
        ]
        editor.type(uri, f"What is it? {SECRET}")
        await editor.run("transcript/send")
        await editor.until(lambda: "# Rejoinder" in editor.documents[uri])
        gate.release(3)
        await editor.until(lambda: "First" in editor.documents[uri])
        # the answer is on its way: what is typed meanwhile stays where it is
        assert next(iter(await editor.actions(uri))) == "Rejoinder: Stop"
        editor.type(uri, "And then?")
        gate.open()
        text = await editor.answered(uri, "more.\n")
        assert len(editor.edits) >= 2
        question, answer = text.split("# Rejoinder\n\n")
        assert question.startswith("# You\n\nWhat is it? ") and SECRET not in question
        assert answer == "First # You part. And\n\n\\# You\n\nmore.\n\n# You\n\nAnd then?"
        # history is the engine's: what is changed above counts for nothing
        editor.documents[uri] = text.replace("First", "Last")
        editor.type(uri, "")
        assert next(iter(await editor.actions(uri))) == "Rejoinder: Send"
        await editor.chosen(uri, "Send")
        text = await editor.answered(uri, "Another.\n")
        assert text.endswith("And then?\n\n# Rejoinder\n\nAnother.\n\n# You\n\n")
        assert (
            "First # You part." in sent_texts(model.requests[1])[-2] and "\\#" not in sent_texts(model.requests[1])[-2]
        )
        await editor.chosen(uri, "anew")
        text = await editor.answered(uri, "Third.\n")
        assert "Another." not in text and text.count("And then?") == 1
        about = await editor.hover(uri, editor.line_of(uri, "# Rejoinder"))
        assert about is not None and "openai-compatible:fake" in about and "tokens" in about
        lenses = await editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
        assert [lens["command"]["title"].split(" · ")[0] for lens in lenses] == [
            "Answer anew",
            "openai-compatible:fake",
        ]
        editor.choices.append("As set")
        await editor.command(lenses[1]["command"])
        await editor.until(lambda: not editor.choices)
        refused = await editor.refused("transcript/send", uri=uri)
        assert refused["code"] == -32602 and editor.messages[-1].startswith("There is nothing to send.")
        assert SECRET.encode() not in home.everything_written()


async def test_an_editor_that_tells_of_no_change_before_its_user_types_shows_the_rest(
    home: Home, project: Path, model: FakeModel
) -> None:
    gate = model.gate()
    model.script(Reply(text="One. Two.", gate=gate), Reply(text="More."))
    async with plain_editor(home, project, model=model, like="emacs") as editor:
        uri = await editor.chat()
        editor.type(uri, "Count.")
        editor.silent = True
        await editor.run("transcript/send")
        gate.release(2)
        await editor.until(lambda: "One." in editor.documents[uri])
        gate.open()
        text = await editor.answered(uri, "Two.")
        assert text == "# You\n\nCount.\n\n# Rejoinder\n\nOne. Two.\n\n# You\n\n"
        editor.silent = False
        editor.type(uri, "Go on.")
        await editor.run("transcript/send")
        text = await editor.answered(uri, "More.")
        assert text.endswith("Two.\n\n# You\n\nGo on.\n\n# Rejoinder\n\nMore.\n\n# You\n\n")


async def test_a_block_of_an_answer_is_applied(home: Home, project: Path, model: FakeModel) -> None:
    source = (project / "sums.py").as_uri()
    model.script(Reply(text=FIX))
    async with plain_editor(home, project, model=model) as editor:
        editor.open(source)
        assert list(await editor.actions(source, triggerKind=2)) == []
        assert list(await editor.actions(source, only=["quickfix"])) == ["Rejoinder: Fix this file"]
        await editor.chosen(source, "Explain the selected lines", 0, 2)
        await editor.until(lambda: bool(editor.shown))
        uri = editor.shown[0]["uri"]
        editor.open(uri)
        await editor.answered(uri, ">>>>>>> REPLACE\n```")
        assert "Attached:\n- sums.py:1-2\n" in editor.documents[uri]
        listed = await editor.hover(uri, editor.line_of(uri, "- sums.py"))
        assert listed is not None and "total = 1" in listed
        line = editor.line_of(uri, "=======")
        await editor.chosen(uri, "Apply this code block", line)
        await editor.until(lambda: editor.documents[source] == MENDED)
        nothing = await editor.refused("transcript/apply", uri=uri, line=0)
        assert "no code block" in nothing["message"]
        # a question of one's own: the lines are mentioned, and one types behind
        await editor.chosen(source, "Ask about the selected lines…", 1, 2)
        await editor.until(lambda: editor.documents[uri].endswith("@file:sums.py#L2-2 "))
        await editor.until(lambda: len(editor.shown) == 2)
        assert editor.shown[1]["selection"]["end"]["character"] == len("@file:sums.py#L2-2 ")
        resolved = await editor.hover(uri, len(editor.documents[uri].split("\n")) - 1, 3)
        assert resolved is not None and "total = sum(values)" in resolved and "return" not in resolved


async def test_what_can_be_mentioned_is_proposed_below_the_last_heading_alone(home: Home, project: Path) -> None:
    source = (project / "sums.py").as_uri()
    async with plain_editor(home, project) as editor:
        editor.open(source, "@fi")
        assert await editor.completed(source) == []
        assert (await editor.ask("textDocument/codeLens", {"textDocument": {"uri": source}})) == []
        assert await editor.hover(source, 0) is None
        uri = await editor.chat()
        editor.type(uri, "/exp")
        command = (await editor.completed(uri))[0]
        assert command["textEdit"]["newText"] == "/explain "
        editor.type(uri, "lain 😀 @file:su")
        file = (await editor.completed(uri))[0]
        start = file["textEdit"]["range"]["start"]["character"]
        assert (file["label"], file["filterText"]) == ("sums.py", "@file:sums.py")
        assert start == len("/explain 😀 ".encode())  # Helix counts bytes


async def test_who_draws_answers_gets_no_transcript(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        capabilities = editor.result["capabilities"]
        for provider in ("codeActionProvider", "codeLensProvider", "hoverProvider", "completionProvider"):
            assert not capabilities.get(provider)
        assert "rejoinder.transcript.open" not in capabilities["executeCommandProvider"]["commands"]
        assert (await editor.refused("transcript/open"))["code"] == -32601


async def test_a_second_connection_for_the_file_alone_is_about_the_same_project(
    home: Home, project: Path, model: FakeModel
) -> None:
    """Eglot starts a server of its own for a file outside of the project."""
    model.script(Reply(text="Yes."), Reply(text="Because."))
    async with plain_editor(home, project, model=model, like="emacs") as first:
        uri: str = (await first.run("transcript/open"))["uri"]
        path = path_of(uri)
        assert path is not None
        async with plain_editor(home, path.parent, model=model, like="emacs") as second:
            second.open(uri)
            second.type(uri, "Is this right? @file:sums.py")
            await second.run("transcript/send", uri=uri)
            await second.answered(uri, "Yes.\n")
            assert "total = 1" in "".join(sent_texts(model.requests[0]))
            await first.run("transcript/ask", uri=(project / "sums.py").as_uri(), text="Why?")
            text = await second.answered(uri, "Because.\n")
            assert text.count("# You") == 3 and not first.edits
            projects = (await first.run("project/list"))["projects"]
            assert str(path.parent) not in [path for one in projects for path in one["paths"]]
            stranger = await second.refused("transcript/send", uri=(path.parent / f"chat-{'0' * 16}.md").as_uri())
            assert stranger["code"] == -31018


async def test_a_turn_that_fails_gives_the_question_back_and_a_stopped_one_keeps_its_part(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(status=401), Reply(text="A part of", hangs_after=2))
    async with plain_editor(home, project, model=model) as editor:
        uri = await editor.chat()
        editor.type(uri, "Why?")
        await editor.run("transcript/send", uri=uri)
        await editor.until(lambda: bool(editor.messages))
        text = await editor.answered(uri, "Why?")
        await editor.until(lambda: editor.documents[uri] == "# You\n\nWhy?")
        await editor.run("transcript/send", uri=uri)
        await editor.until(lambda: "A part" in editor.documents[uri])
        await editor.run("transcript/stop")
        text = await editor.answered(uri, "A part")
        assert text.startswith("# You\n\nWhy?\n\n# Rejoinder\n\nA part") and text.endswith("# You\n\n")
        editor.type(uri, "kept")
        path = path_of(uri)
        assert path is not None
        path.write_text(editor.documents[uri])  # saved
        editor.close(uri)
        assert (await editor.chat()) == uri
        assert editor.documents[uri] == text + "kept"
        new = await editor.chosen(uri, "Begin a new conversation")
        assert new["uri"] != uri


async def test_what_is_forgotten_is_gone_from_the_file(home: Home, project: Path, model: FakeModel) -> None:
    async with plain_editor(home, project, model=model) as editor:
        session_id = (await editor.run("chat", text="A quokka smiles."))["sessionId"]
        path = path_of((await editor.run("transcript/open", sessionId=session_id))["uri"])
        assert path is not None and "quokka" in path.read_text()
        await editor.run("session/clear", sessionId=session_id)
        assert path.read_text() == "# You\n\n"
        await editor.run("session/delete", sessionId=session_id)
        assert not path.exists()
