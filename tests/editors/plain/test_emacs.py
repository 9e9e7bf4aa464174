"""Emacs with eglot and the lines of `emacs.md`: asking, chatting, completing, stopping, and not being alone."""

from collections.abc import Callable
from pathlib import Path

from e2e.kit import Home
from editors.plain.conftest import FIXED, REMEMBER, REPLACED, allow_remembering, asked, stored
from fake_model import FakeModel, Reply
from rejoinder.protocol.memory import MEMORY_LIST, MemoryListParams
from rejoinder_client import Client
from terminal import PATIENCE, Terminal

Open = Callable[..., Terminal]
Picture = Callable[[Terminal, str], None]


def test_emacs_asks_about_a_selection_chats_and_stops(
    emacs: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    gate = model.gate()
    model.script(
        Reply(text="It takes one that still answers."),
        Reply(text="Dead ones are dropped."),
        Reply(tokens=("Half ", "of an ", "answer."), gate=gate),
    )
    editor = emacs("pool.py")
    editor.wait_for("[eglot:shop]")
    editor.type("\x1bgg11\r\x00\x0e")
    act(editor, "Rejoinder: Explain the selected lines")
    editor.wait_for("It takes one that still answers.")
    assert "def take(self)" in asked(model)

    with Client(folders=[project]) as other:
        stored(other, 2)
        send(editor, "And the dead ones?")
        editor.wait_for("Dead ones are dropped.")
        assert "It takes one" in str(model.requests[-1].json) and asked(model) == "And the dead ones?"
        stored(other, 4)
        picture(editor, "emacs-chat")

        send(editor, "Tell me all.")
        gate.release(2)
        editor.wait_for("Half")
        editor.type("\x03\x0b")
        assert model.requests[-1].disconnected.wait(PATIENCE)
        assert stored(other, 6)[-1].strip() == "Half"


def test_emacs_goes_on_with_what_another_client_said_and_completes(
    emacs: Open, model: FakeModel, project: Path
) -> None:
    model.script(Reply(text="It keeps eight."), Reply(text="The server allows ten."), Reply(text="Seen by both."))
    with Client(folders=[project]) as other:
        session = other.session()
        session.run("How many does it keep?")
        editor = emacs("pool.py")
        editor.wait_for("[eglot:shop]")
        editor.type("\x03rc")
        editor.wait_for("It keeps eight.")
        editor.wait_for("[eglot:tr")
        editor.type("\x1b>/exp\x1b\t")
        editor.wait_for("/explain")
        editor.type("@poo\x1b\t")
        editor.wait_for("@file:pool.py")
        editor.type("\x03\x03")
        editor.wait_for("The server allows ten.")
        assert "It keeps eight." in str(model.requests[-1].json) and "ConnectionPool" in asked(model)
        stored(other, 4)
        session.run("Does Emacs see this?")
        editor.wait_for("Seen by both.")
        editor.type("\x1b<")
        editor.wait_for("· chat ·")


def test_emacs_changes_code_lets_tools_be_called_and_begins_anew(
    emacs: Open, home: Home, model: FakeModel, project: Path, picture: Picture
) -> None:
    allow_remembering(home)
    model.script(
        Reply(text=FIXED),
        Reply(text=REPLACED),
        Reply(text="Well.", calls=(REMEMBER,)),
        Reply(text="Kept in mind."),
    )
    editor = emacs("pool.py")
    editor.wait_for("[eglot:shop]")
    editor.type("\x1bgg14\r\x00\x0e")
    act(editor, "Rejoinder: Fix the selected lines")
    editor.wait_for("self.idle.pop(0)")
    editor.wait_for("It took the newest.")
    editor.type("\x1f")
    editor.wait_for(lambda: "self.idle.pop(0)" not in editor.text)

    editor.type("\x03rc")
    send(editor, "Say eight.")
    editor.wait_for(">>>>>>> REPLACE")
    # the cursor stands where the next question goes
    editor.wait_for(lambda: editor.lines[editor.cursor[0] - 2].endswith("# You"))
    editor.type("\x1b<\x13=====\r")
    act(editor, "Rejoinder: Apply this code block")
    editor.wait_for(lambda: any("# eight at" in line for line in editor.lines[:12]))  # the code's window
    picture(editor, "emacs-applied")

    with Client(folders=[project]) as other:
        send(editor, "Remember ten.")
        editor.wait_for('remember({"text": "Ten."})')
        picture(editor, "emacs-approval")
        editor.wait_for("Choose an option")
        editor.type("\x01\x0bAllow\r")  # in the place of Later, which stands there already
        editor.wait_for("Kept in mind.")
        assert len(other.request(MEMORY_LIST, MemoryListParams()).entries) == 1
        stored(other, 4)
    act(editor, "Rejoinder: Begin a new conversation")
    editor.wait_for(lambda: sum("chat-" in line for line in editor.lines) == 2)


def act(editor: Terminal, title: str) -> None:
    """Take a code action."""
    editor.type("\x1bxeglot-code-actions\r")
    editor.wait_for("Pick an action")
    editor.type(title + "\r")


def send(editor: Terminal, text: str) -> None:
    """Type a question at the end of the chat, and send it."""
    editor.wait_for("[eglot:tr")
    editor.type("\x1b>" + text)
    editor.wait_for(text)
    editor.type("\x03\x03")
