"""What is typed in a transcript is not lost, and does not come back, whoever went or spoke meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home
from e2e.plain_kit import plain_editor
from fake_model import FakeModel, Reply
from raw_client import PATIENCE
from rejoinder.lsp.documents import path_of

EMPTY = "# You\n\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with nothing in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def file_of(uri: str) -> Path:
    """The file of a transcript."""
    path = path_of(uri)
    assert path is not None
    return path


async def becomes(value: Callable[[], Awaitable[Any]], expected: Any) -> None:
    """Ask until something is so."""
    async with asyncio.timeout(PATIENCE):
        while await value() != expected:
            pass


def drafts_of(other: Editor, session_id: str) -> Callable[[], Awaitable[Any]]:
    """What asks for a session's draft."""

    async def draft() -> Any:
        return (await other.run("session/get", sessionId=session_id)).get("draft")

    return draft


async def test_what_only_the_file_has_is_kept_and_becomes_the_draft(home: Home, project: Path) -> None:
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        draft = drafts_of(other, (await other.run("session/create"))["sessionId"])
        path = file_of((await editor.run("transcript/open"))["uri"])
        # while no server looked, or by one that kept it in the file alone
        path.write_text(f"{EMPTY}Written before\n")
        uri = await editor.chat()
        assert editor.documents[uri] == f"{EMPTY}Written before"
        await becomes(draft, "Written before")
        editor.close(uri)
        editor.open(uri, f"{EMPTY}Written before, and after")
        await becomes(draft, "Written before, and after")
        editor.close(uri)
        assert await editor.chat() == uri
        assert editor.documents[uri] == f"{EMPTY}Written before, and after"


async def test_what_an_editor_has_when_the_engine_comes_back_is_kept(home: Home, project: Path) -> None:
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        uri = await editor.chat()
        editor.type(uri, "How do I")
        await becomes(drafts_of(other, session_id), "How do I")
    home.kill()
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        draft = drafts_of(other, session_id)
        editor.open(uri, f"{EMPTY}How do I mend it?")
        await becomes(draft, "How do I mend it?")
        await other.run("session/update", sessionId=session_id, draft="Said elsewhere")
    home.kill()
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        editor.open(uri, f"{EMPTY}How do I mend it now?")
        await editor.until(lambda: editor.documents[uri] == f"{EMPTY}Said elsewhere\n\nHow do I mend it now?")
        await becomes(drafts_of(other, session_id), "Said elsewhere\n\nHow do I mend it now?")


async def test_a_draft_that_was_cleared_or_sent_in_another_client_does_not_come_back(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="Because."))
    async with plain_editor(home, project, model=model) as editor, home.editor(project, model=model) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        await other.run("session/update", sessionId=session_id, draft="Cleared elsewhere")
        uri = await editor.chat()
        editor.close(uri)
        await other.run("session/update", sessionId=session_id, draft="")
        # a file that nobody has open may show it still
        editor.open(uri, f"{EMPTY}Cleared elsewhere\n")
        await editor.until(lambda: editor.documents[uri].strip() == "# You")
        editor.close(uri)
    home.kill()
    file_of(uri).write_text(f"{EMPTY}Why?\n")
    async with plain_editor(home, project, model=model) as editor, home.editor(project, model=model) as other:
        await other.run("chat", sessionId=session_id, text="Why?")
        await editor.run("transcript/open", sessionId=session_id)
        assert file_of(uri).read_text() == f"{EMPTY}Why?\n\n# Rejoinder\n\nBecause.\n\n{EMPTY}"
        assert await drafts_of(other, session_id)() is None


async def test_a_draft_outlasts_the_question_of_another_client_and_goes_when_it_is_that_question(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="Because."), Reply(text="It is so."))
    async with plain_editor(home, project, model=model) as editor, home.editor(project, model=model) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        draft = drafts_of(other, session_id)
        uri = await editor.chat()
        editor.type(uri, "My own")
        await becomes(draft, "My own")
        await other.run("chat", sessionId=session_id, text="Why?")
        await editor.answered(uri, f"Because.\n\n{EMPTY}My own")
        await becomes(draft, "My own")
        editor.close(uri)
        assert (await editor.chat()) == uri and editor.documents[uri].endswith(f"Because.\n\n{EMPTY}My own")
        # answered when the server has seen what was opened
        await editor.actions(uri)
        await other.run("chat", sessionId=session_id, text="My own")
        text = await editor.answered(uri, f"It is so.\n\n{EMPTY}")
        assert text.endswith(EMPTY) and text.count("My own") == 1 and await draft() is None


async def test_what_is_typed_while_the_first_turn_runs_is_kept(home: Home, project: Path, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(text="One. Two.", gate=gate))
    async with plain_editor(home, project, model=model) as editor, home.editor(project, model=model) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        await other.run("chat", sessionId=session_id, text="Count.", ack=True)
        gate.release(2)
        uri = await editor.chat()
        await editor.until(lambda: "One." in editor.documents[uri])
        editor.type(uri, "And then?")
        await becomes(drafts_of(other, session_id), "And then?")
        gate.open()
        text = await editor.answered(uri, "Two.")
        assert text == f"{EMPTY}Count.\n\n# Rejoinder\n\nOne. Two.\n\n{EMPTY}And then?"
        assert await drafts_of(other, session_id)() == "And then?"


async def test_the_end_of_a_queued_turn_leaves_the_one_that_runs_as_it_is(
    home: Home, project: Path, model: FakeModel
) -> None:
    gate = model.gate()
    model.script(Reply(text="One. Two. Three.", gate=gate))
    async with plain_editor(home, project, model=model) as editor, home.editor(project, model=model) as other:
        uri = await editor.chat()
        editor.type(uri, "Count.")
        turn = await editor.run("transcript/send")
        gate.release(2)
        await editor.until(lambda: "One." in editor.documents[uri])
        queued = await other.run("chat", sessionId=turn["sessionId"], text="And then?", queue=True, ack=True)
        await other.run("chat/cancel", sessionId=turn["sessionId"], turnId=queued["turnId"])
        gate.release(1)
        await editor.until(lambda: "Two." in editor.documents[uri])
        assert editor.documents[uri].startswith(f"{EMPTY}Count.\n\n# Rejoinder\n\nOne. Two.")
        assert "Rejoinder: Stop" in await editor.actions(uri)
        gate.open()
        text = await editor.answered(uri, "Three.")
        assert text == f"{EMPTY}Count.\n\n# Rejoinder\n\nOne. Two. Three.\n\n{EMPTY}" and not editor.messages


async def test_one_that_is_opened_again_at_once_is_followed(home: Home, project: Path) -> None:
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        uri = await editor.chat()
        for _ in range(5):
            editor.close(uri)
            editor.open(uri, f"{EMPTY}Opened again")
        await becomes(drafts_of(other, session_id), "Opened again")


async def test_that_a_file_is_of_no_session_is_said_once(home: Home, project: Path) -> None:
    async with plain_editor(home, project) as editor, home.editor(project) as other:
        session_id = (await other.run("session/create"))["sessionId"]
        uri = await editor.chat()
        editor.close(uri)
        await other.run("session/delete", sessionId=session_id)
        stranger = (file_of(uri).parent / f"chat-{'0' * 16}.md").as_uri()
        for opened, hint in ((uri, "It was deleted"), (uri, "It was deleted"), (stranger, "Open one by")):
            editor.messages.clear()
            editor.open(opened, EMPTY)
            for key in "abc":
                editor.type(opened, key)
                # answered when all is told that was found out
                await editor.actions(opened)
            editor.close(opened)
            assert len(editor.messages) == 1 and hint in editor.messages[0]
        # one that is open when its session is restored goes on
        editor.open(uri, EMPTY)
        await other.run("session/restore", sessionId=session_id)
        editor.type(uri, "Not sent")
        await becomes(drafts_of(other, session_id), "Not sent")
