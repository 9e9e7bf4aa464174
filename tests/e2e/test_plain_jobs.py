"""Editors that have nothing of ours but the server: changes of code, calls of tools, drafts, deleted sessions."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Home, sent_texts
from e2e.plain_kit import plain_editor
from fake_model import Call, FakeModel, Reply
from rejoinder.lsp.documents import path_of

SOURCE = "def sum_of(values):\n    total = 1\n    return total\n"
MENDED = SOURCE.replace("total = 1", "total = sum(values)")
FIX = "It began\nat 1.\n\n```python\ndef sum_of(values):\n    total = sum(values)\n```"
DOCUMENTED = """```python
sums.py
<<<<<<< SEARCH
    return total
=======
    # what it is
    return total
>>>>>>> REPLACE
```"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with something to mend."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(SOURCE)
    return folder


@pytest.mark.parametrize("confirms", [False, True])
async def test_code_is_mended_and_documented_where_it_stands(
    home: Home, project: Path, model: FakeModel, confirms: bool
) -> None:
    source = (project / "sums.py").as_uri()
    model.script(Reply(text=FIX), Reply(text=DOCUMENTED), Reply(text="I cannot."))
    problem = {"range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 9}}, "message": "not 1!"}
    use: dict[str, Any] = {"tools": {"use": ["remember"]}}
    async with plain_editor(home, project, model=model, confirms=confirms, **use) as editor:
        editor.open(source)
        actions = await editor.actions(source, 0, 2, diagnostics=[problem])
        await editor.command(actions["Rejoinder: Fix the selected lines"]["command"])
        await editor.until(lambda: bool(editor.messages))
        assert editor.documents[source] == MENDED and editor.messages == ["sums.py: It began at 1."]
        asked = sent_texts(model.requests[0])[-1]
        assert "line 2: not 1!" in asked and "total = 1" in asked and "return" not in asked
        await editor.chosen(source, "Document this file")
        await editor.until(lambda: len(editor.messages) == 2)
        assert editor.documents[source] == MENDED.replace("    return", "    # what it is\n    return")
        marks = [edit.get("changeAnnotations", {}) for edit in editor.edits]
        assert [[mark["needsConfirmation"] for mark in one.values()] for one in marks] == [[True] * confirms] * 2
        await editor.chosen(source, "Fix this file")
        await editor.until(lambda: len(editor.messages) == 3)
        assert "holds no code" in editor.messages[-1] and len(editor.edits) == 2
        # nobody would be asked about a call
        assert not any("tools" in request.json for request in model.requests)
        # nobody has a conversation of it
        assert (await editor.run("session/list"))["sessions"] == [] and editor.shown == []


async def test_a_change_that_takes_too_long_is_stopped_and_one_without_a_model_says_so(
    home: Home, project: Path, model: FakeModel
) -> None:
    source = (project / "sums.py").as_uri()
    model.script(Reply(text=FIX, hangs_after=1))
    async with plain_editor(home, project, model=model) as editor:
        editor.open(source)
        await editor.chosen(source, "Fix this file")
        request = await model.next_request()
        await editor.run("transcript/stop")
        await request.disconnect()
    async with plain_editor(home, project) as editor:
        editor.open(source)
        await editor.chosen(source, "Fix this file")
        await editor.until(lambda: bool(editor.messages))
        assert editor.messages[-1].startswith("An edit needs a model.") and not editor.edits


@pytest.mark.parametrize(("choice", "kept"), [("Allow", 1), ("Deny", 0)])
async def test_a_call_that_changes_something_is_asked_about(
    home: Home, project: Path, model: FakeModel, choice: str, kept: int
) -> None:
    model.script(Reply(text="Well.", calls=(Call("remember", '{"text": "Ten."}'),)), Reply(text="Done."))
    async with plain_editor(home, project, model=model, tools={"use": ["remember"]}) as editor:
        editor.choices.append(choice)
        uri = await editor.chat()
        editor.type(uri, "Remember ten.")
        await editor.run("transcript/send", uri=uri)
        text = await editor.answered(uri, "Done.")
        assert "Tools:\n- remember: " in text
        assert editor.questions == ['Rejoinder wants to call remember({"text": "Ten."})']
        assert len((await editor.run("memory/list"))["entries"]) == kept


async def test_who_looks_away_decides_in_the_conversation_also_after_the_engine_has_left(
    home: Home, project: Path, model: FakeModel
) -> None:
    called = Reply(text="Well.", calls=(Call("remember", '{"text": "Ten."}'),))
    model.script(called, Reply(text="Done."))
    use: dict[str, Any] = {"tools": {"use": ["remember"]}}
    waits = '- remember({"text": "Ten."}) waits for you'
    async with plain_editor(home, project, model=model, **use) as editor:
        uri = await editor.chat()
        editor.type(uri, "Remember ten.")
        await editor.run("transcript/send", uri=uri)
        await editor.until(lambda: waits in editor.documents[uri])
    home.kill()
    async with plain_editor(home, project, model=model, **use) as editor:
        uri = await editor.chat()
        await editor.until(lambda: waits in editor.documents[uri] and bool(editor.refreshes))
        assert [title for title in await editor.actions(uri) if "remember" in title] == [
            "Rejoinder: Allow: remember",
            "Rejoinder: Allow in this session: remember",
            "Rejoinder: Deny: remember",
        ]
        await editor.chosen(uri, "Allow: remember")
        text = await editor.answered(uri, "Done.")
        assert "Tools:\n- remember: done" in text and len((await editor.run("memory/list"))["entries"]) == 1
        nothing = await editor.refused("transcript/decide", uri=uri, decision="allow")
        assert nothing["message"].startswith("Nothing waits")


async def test_what_is_not_sent_yet_is_the_sessions_draft(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="Yes."))
    async with plain_editor(home, project, model=model) as editor, home.editor(project) as other:
        session_id = (await other.run("session/create"))["sessionId"]

        async def draft() -> Any:
            return (await other.run("session/get", sessionId=session_id)).get("draft")

        await other.run("session/update", sessionId=session_id, draft="Begun elsewhere")
        uri = await editor.chat()
        assert editor.documents[uri] == "# You\n\nBegun elsewhere"
        # answered when the server has seen what was opened
        await editor.actions(uri)
        # it stays in this editor, whatever is typed elsewhere
        await other.run("session/update", sessionId=session_id, draft="Not this")
        editor.type(uri, ", and ended here?")
        editor.close(uri)
        while await draft() != "Begun elsewhere, and ended here?":
            pass
        await editor.chat()
        await editor.run("transcript/send", uri=uri)
        shown = len(editor.shown)
        text = await editor.answered(uri, "Yes.")
        assert text.endswith("# You\n\n") and await draft() is None
        # the cursor went behind what was sent
        assert len(editor.shown) == shown + 1 and editor.shown[-1]["takeFocus"] is True
        assert editor.shown[-1]["selection"]["start"]["line"] > editor.line_of(uri, "# Rejoinder")
        # a file that is closed shows what is now; one that shows nothing to send gets the draft when it is opened
        await other.run("session/update", sessionId=session_id, draft="Another one")
        editor.close(uri)
        path = path_of(uri)
        assert path is not None
        while not path.read_text().endswith("Yes.\n\n# You\n\nAnother one"):
            await draft()
        editor.open(uri, text)
        await editor.until(lambda: editor.documents[uri].endswith("# You\n\nAnother one"))


async def test_a_session_that_is_deleted_takes_its_file_along(home: Home, project: Path, model: FakeModel) -> None:
    async with plain_editor(home, project, model=model) as editor:
        session_id = (await editor.run("chat", text="A quokka smiles."))["sessionId"]
        uri = await editor.chat(sessionId=session_id)
        path = path_of(uri)
        assert path is not None and "quokka" in path.read_text()
        editor.type(uri, "Not sent")
        archive = await editor.run("session/export", format="markdown")
        assert "quokka" in archive["content"] and "# You" not in archive["content"].splitlines()
        await editor.run("session/delete", sessionId=session_id)
        assert not path.exists()
        await editor.until(lambda: any(f"rejoinder session restore {session_id}" in one for one in editor.messages))
        refused = await editor.refused("transcript/send", uri=uri)
        assert refused["code"] == -31018 and "was deleted" in refused["data"]["hint"]
        path.write_text(editor.documents[uri])  # saved all the same
        editor.close(uri)
        while path.exists():
            await editor.run("session/list")
        path.write_text("# You\n\nkept by an editor")
        editor.open(uri)
        await editor.until(lambda: "It was deleted" in editor.messages[-1])
        await editor.run("session/restore", sessionId=session_id)
        editor.close(uri)
        assert await editor.chat(sessionId=session_id) == uri and "quokka" in editor.documents[uri]
