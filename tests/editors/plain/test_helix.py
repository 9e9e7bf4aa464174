"""Helix with the lines of `helix.md`: asking, chatting, completing, stopping, and not being alone."""

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

NOT_YET = "language server"
"""What both refusals of Helix say while no server is there."""
CHAT = "transcripts/chat-"


def test_helix_asks_about_a_selection_chats_and_stops(
    helix: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    gate = model.gate()
    model.script(
        Reply(text="It takes one that still answers."),
        Reply(text="Dead ones are dropped."),
        Reply(tokens=("Half ", "of an ", "answer."), gate=gate),
    )
    editor = helix("pool.py")
    editor.wait_for("ConnectionPool")
    editor.type("11Gx")
    choose(editor, "Rejoinder: Explain the selected lines")
    editor.wait_for("It takes one that still answers.")
    assert CHAT in editor.text and "def take(self)" in asked(model)

    with Client(folders=[project]) as other:
        stored(other, 2)
        write(editor, "And the dead ones?")
        choose(editor, "Rejoinder: Send")
        editor.wait_for("Dead ones are dropped.")
        assert "It takes one" in str(model.requests[-1].json) and asked(model) == "And the dead ones?"
        stored(other, 4)
        picture(editor, "helix-chat")

        write(editor, "Tell me all.")
        editor.type(" is")
        gate.release(2)
        editor.wait_for("Half")
        editor.type(" ix")
        assert model.requests[-1].disconnected.wait(PATIENCE)
        assert stored(other, 6)[-1].strip() == "Half"


def test_helix_goes_on_with_what_another_client_said_and_completes(
    helix: Open, model: FakeModel, project: Path
) -> None:
    model.script(Reply(text="It keeps eight."), Reply(text="The server allows ten."), Reply(text="Seen by both."))
    with Client(folders=[project]) as other:
        session = other.session()
        session.run("How many does it keep?")
        editor = helix("pool.py")
        editor.wait_for("ConnectionPool")
        until(editor, " ic", CHAT)
        editor.wait_for("It keeps eight.")
        editor.type("geA/exp")
        editor.wait_for("function")
        editor.type("\t")
        editor.wait_for("/explain")
        normal(editor)
        editor.type("geA@")
        editor.wait_for("@symbol:")
        editor.type("poo")
        editor.wait_for(lambda: "@poo" in editor.text and "@symbol:" not in editor.text and " file" in editor.text)
        editor.type("\t")
        editor.wait_for("@file:pool.py")
        normal(editor)
        editor.type(" is")
        editor.wait_for("The server allows ten.")
        assert "It keeps eight." in str(model.requests[-1].json) and "ConnectionPool" in asked(model)
        stored(other, 4)
        session.run("Does Helix see this?")
        editor.wait_for("Seen by both.")
        editor.type("gg k")
        editor.wait_for("· chat ·")


def test_helix_changes_code_lets_tools_be_called_and_begins_anew(
    helix: Open, home: Home, model: FakeModel, project: Path, picture: Picture
) -> None:
    allow_remembering(home)
    gate = model.gate()
    model.script(
        Reply(text=FIXED, gate=gate),
        Reply(text=REPLACED),
        Reply(text="Well.", calls=(REMEMBER,)),
        Reply(text="Kept in mind."),
        Reply(text="Well.", calls=(REMEMBER,)),
        Reply(text="So be it."),
    )
    editor = helix("pool.py")
    editor.wait_for("ConnectionPool")
    editor.type("14Gx")
    choose(editor, "Rejoinder: Fix the selected lines")
    editor.wait_for("Changing pool.py")
    gate.open()
    editor.wait_for("pool.py: It took the newest.")
    assert "self.idle.pop(0)" in editor.text and CHAT not in editor.text
    editor.type("u")
    editor.wait_for(lambda: "self.idle.pop(0)" not in editor.text)

    until(editor, " ic", CHAT)
    write(editor, "Say eight.")
    editor.type(" is")
    editor.wait_for(">>>>>>> REPLACE")
    # the cursor stands where the next question goes
    editor.wait_for(lambda: editor.lines[editor.cursor[0] - 2].endswith("# You"))
    editor.type("gg/=====\r")
    choose(editor, "Rejoinder: Apply this code block")
    editor.wait_for("One passage of pool.py replaced.")
    picture(editor, "helix-applied")
    editor.type(":open pool.py\r")
    editor.wait_for(lambda: "class ConnectionPool:  # eight at" in editor.text and "def give" in editor.text)
    until(editor, " ic", CHAT)

    with Client(folders=[project]) as other:
        write(editor, "Remember ten.")
        editor.type(" is")
        editor.wait_for('Rejoinder wants to call remember({"text": "Ten."})')
        picture(editor, "helix-approval")
        editor.type("\x0e\r")  # the one after Later
        editor.wait_for("Kept in mind.")
        stored(other, 4)
        write(editor, "And again.")
        editor.type(" is")
        editor.wait_for("Rejoinder wants to call")
        editor.type("\x1b")  # decides nothing
        editor.wait_for("waits for you")
        choose(editor, "Rejoinder: Deny: remember")
        editor.wait_for("So be it.")
        assert len(other.request(MEMORY_LIST, MemoryListParams()).entries) == 1
    choose(editor, "Rejoinder: Begin a new conversation")
    editor.wait_for(lambda: "So be it." not in editor.text)
    assert CHAT in editor.text


def write(editor: Terminal, text: str) -> None:
    """Type a question at the end of the chat."""
    editor.type("geA" + text)
    editor.wait_for(text)
    normal(editor)


def normal(editor: Terminal) -> None:
    """Leave insert mode; what is typed right behind Escape would be taken for Alt and a key."""
    editor.type("\x1b")
    editor.wait_for(" NOR ")


def until(editor: Terminal, keys: str, text: str) -> None:
    """Press keys until the server is there to act on them."""
    while True:
        editor.type(keys)
        editor.wait_for(lambda: text in editor.text or NOT_YET in editor.text)
        if text in editor.text:
            return
        editor.type("\x1b")
        editor.wait_for(lambda: NOT_YET not in editor.text)


def choose(editor: Terminal, title: str) -> None:
    """Take a code action, whichever place it has in the list; the first one is marked from the beginning."""
    until(editor, " a", title)
    titles = [line for line in editor.lines if "Rejoinder: " in line]
    steps = next(at for at, line in enumerate(titles) if title in line)
    editor.type("\x1b[B" * steps + "\r")
