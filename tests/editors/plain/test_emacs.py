"""Emacs with eglot and the lines of `emacs.md`: asking, chatting, completing, stopping, and not being alone."""

from collections.abc import Callable
from pathlib import Path

from editors.plain.conftest import asked, stored
from fake_model import FakeModel, Reply
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
    editor.type("\x1bgg11\r\x00\x0e\x1bxeglot-code-actions\r")
    editor.wait_for("Pick an action")
    editor.type("Rejoinder: Explain the selected lines\r")
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


def send(editor: Terminal, text: str) -> None:
    """Type a question at the end of the chat, and send it."""
    editor.wait_for("[eglot:tr")
    editor.type("\x1b>" + text)
    editor.wait_for(text)
    editor.type("\x03\x03")
