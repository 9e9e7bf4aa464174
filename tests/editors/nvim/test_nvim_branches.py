"""A conversation in a real Neovim that goes more than one way: edited, answered again, and followed elsewhere."""

import json
from collections.abc import Callable
from pathlib import Path

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply
from rejoinder.protocol.sessions import SESSION_HISTORY, SESSION_ROLLBACK, SessionHistoryParams, SessionRollbackParams
from rejoinder_client import Client

Open = Callable[..., Neovim]
Picture = Callable[..., None]

SESSION = "return require('rejoinder.chat').of_buffer().session.sessionId"
INPUT = "return require('rejoinder.chat').of_buffer().page:input()"


def test_questions_are_edited_answered_again_and_branches_are_switched(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    model.script(Reply(text="Eight."), Reply(text="They wait."), Reply(text="Two wait."), Reply(text="Both wait."))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How many are kept?")
    editor.until_text("Eight.")
    idle(editor)
    ask(editor, "What about the ninth?")
    editor.until_text("They wait.")
    idle(editor)

    # edited, left, and edited again: another branch beside the first
    editor.press("GAhalf a thought<Esc>")
    editor.lua("vim.fn.search('the ninth', 'bw')")
    editor.press("ge")
    assert editor.lua(INPUT) == "What about the ninth?"
    editor.until_screen("edits a question")
    picture(editor, "editing")
    editor.press("ge")
    assert editor.lua(INPUT) == "half a thought"
    editor.lua("vim.fn.search('the ninth', 'bw')")
    editor.press("ge")
    editor.press("GA And the tenth?<Esc>")
    editor.press("<CR>")
    editor.until_text("Two wait.")
    idle(editor)
    assert editor.lua(INPUT) == "half a thought"
    assert "They wait." not in editor.lines() and "Eight." in editor.lines()
    editor.until_screen("‹2/2›")
    picture(editor, "branch")
    assert [message["content"] for message in model.requests[-1].json["messages"]][-1].endswith("And the tenth?")
    assert "They wait." not in json.dumps(model.requests[-1].json)

    # back and forth
    editor.lua("vim.fn.search('And the tenth', 'bw')")
    editor.press("[b")
    editor.until_text("They wait.")
    idle(editor)
    editor.until_screen("‹1/2›")
    assert editor.lua("return vim.fn.getline('.')") == "# You"
    editor.command("Rejoinder branch 2")
    editor.until_text("Two wait.")
    idle(editor)

    # answered again, by another model
    editor.press("G")
    editor.command("Rejoinder regenerate openai-compatible:other")
    editor.until_text("Both wait.")
    idle(editor)
    assert editor.lines().count("What about the ninth? And the tenth?") == 1
    assert "Two wait." not in editor.lines()
    assert model.requests[-1].json["model"] == "other"
    editor.until_screen("‹2/2› · other")
    with Client(folders=[project]) as other:
        page = other.request(SESSION_HISTORY, SessionHistoryParams(session_id=editor.lua(SESSION)))
        assert page.messages[-1].content == "Both wait."
        # another client goes over to the other answer, and it is seen here
        (first, _) = page.messages[-1].siblings or ["", ""]
        other.request(
            SESSION_ROLLBACK, SessionRollbackParams(session_id=editor.lua(SESSION), message_id=first, latest=True)
        )
    editor.until_text("Two wait.")
    editor.until_screen("‹1/2›")


def test_a_branch_that_fails_leaves_the_conversation_as_it_was(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(text="Eight."), *[Reply(status=401)] * 2)
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How many are kept?")
    editor.until_text("Eight.")
    idle(editor)
    before = editor.lines()
    editor.press("gr")
    editor.until_screen("✗")
    idle(editor)
    assert editor.lines() == before
    editor.press("geA Really?<Esc>")
    editor.press("<CR>")
    editor.until_screen("✗")
    idle(editor)
    assert editor.lines() == [*before[:-1], "How many are kept? Really?"]
    editor.until_screen("edits a question")
