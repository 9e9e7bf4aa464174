"""Conversations across editors, deaths of the server, and drafts."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from e2e.kit import Home
from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply
from rejoinder.engine.claim import read_holder
from rejoinder_client import Client, NewMessage

Open = Callable[..., Neovim]
Picture = Callable[..., None]

SESSION = "return require('rejoinder.chat').of_buffer().session.sessionId"
INPUT = "return require('rejoinder.chat').of_buffer().page:input()"


def options(model: FakeModel) -> dict[str, object]:
    """Settings of another client."""
    return {"trusted": True, "model": "openai-compatible:fake", "baseUrl": model.url, "retrieve": False}


def test_turn_sent_elsewhere_streams_in_here(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    gate = model.gate()
    model.script(Reply(tokens=("Both ", "of us ", "see ", "this."), gate=gate))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    with Client(folders=[project], settings=options(model)) as other:
        stream = other.open(editor.lua(SESSION)).stream("Asked in another editor?")
        next(stream)
        gate.release(3)
        editor.until_text("Asked in another editor?")
        editor.until_text("Both of us")
        picture(editor, "two-clients")
        gate.open()
        list(stream)
    idle(editor)
    assert "Both of us see this." in editor.lines()


def test_conversation_begun_elsewhere_is_continued_here_and_read_in_the_terminal(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    model.script(Reply(text="It keeps eight."), Reply(text="Since the server allows ten."))
    with Client(folders=[project], settings=options(model)) as other:
        other.session().run("How many does the pool keep?")
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    assert "It keeps eight." in editor.lines()
    ask(editor, "And why?")
    editor.until_text("Since the server allows ten.")
    idle(editor)
    picture(editor, "continued")
    listed = run_terminal(project, "session", "list", "--json")
    (session,) = json.loads(listed)["sessions"]
    shown = json.loads(run_terminal(project, "session", "show", session["sessionId"], "--json"))
    assert [message["content"] for message in shown["messages"]][-2:] == ["And why?", "Since the server allows ten."]


def test_engine_killed_in_the_middle_of_a_turn(
    open_neovim: Open, model: FakeModel, home: Home, picture: Picture
) -> None:
    long, part = "more\n\n" * 2000 + "A whole answer.", ("A part ", "of it", " and")
    model.script(Reply(tokens=(long,)), Reply(tokens=part, hangs_after=2), Reply(tokens=("- again\n" * 60,)))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "First?")
    idle(editor)
    ask(editor, "Second?")
    editor.until_text("A part of it")
    holder = read_holder(home.data)
    assert holder is not None
    os.kill(holder.pid, signal.SIGKILL)
    editor.until_screen("The server stopped in the middle")
    idle(editor)
    picture(editor, "killed")
    assert editor.lua(INPUT) == "Second?"
    assert "A whole answer." in editor.lines()
    assert "A part of it" in editor.lines()
    assert editor.lua("return vim.fn.getpos('.')[3]") == len("Second?")
    editor.press("<CR>")
    editor.until_text("- again")
    idle(editor)
    # the buffer is bounded, and the part goes out of it as messages do
    assert editor.lines()[0] == "… 2 earlier messages" and "A whole answer." not in editor.lines()
    assert "A part of it" in editor.lines()


def test_without_a_server_the_text_is_kept_and_the_way_is_shown(open_neovim: Open, picture: Picture) -> None:
    editor = open_neovim("src/pool.py", server=None)
    editor.command("Rejoinder chat")
    editor.until_screen("server was not found")
    editor.press("iMy question<Esc>")
    editor.press("<CR>")
    editor.until_screen(":checkhealth rejoinder")
    assert editor.lua(INPUT) == "My question"
    picture(editor, "no-server")
    editor.command("checkhealth rejoinder")
    editor.until_text("pipx install rejoinder")
    picture(editor, "no-server-health")


def test_server_that_cannot_start_is_given_up_with_the_text_kept(
    open_neovim: Open, tmp_path: Path, picture: Picture
) -> None:
    server = tmp_path / "server"
    server.write_text("#!/bin/sh\nexit 3\n")
    server.chmod(0o755)
    editor = open_neovim("src/pool.py", server=[str(server)])
    editor.command("Rejoinder chat")
    editor.press("iMy question<Esc>")
    editor.until_screen("stopped several times")
    assert editor.lua(INPUT) == "My question"
    picture(editor, "given-up")

    # the text is nowhere else: it is not lost by leaving
    editor.request("nvim_input", ":qall<CR>")
    editor.until_screen("E37")
    server.write_text(f"#!/bin/sh\nexec {sys.executable} -m rejoinder serve\n")
    editor.request("nvim_input", "<CR>")
    editor.press(":write<CR>")
    editor.until("local chat = require('rejoinder.chat').of_buffer(); return chat and chat.session ~= nil")
    editor.until("return not vim.bo.modified")
    editor.quit()
    again = open_neovim("src/pool.py")
    open_chat(again)
    assert again.lua(INPUT) == "My question"


def test_why_a_server_cannot_serve_is_told_with_the_text_kept(open_neovim: Open, home: Home, picture: Picture) -> None:
    command = [sys.executable, "-m", "rejoinder", "serve", "--standalone"]
    environment = {**os.environ, **home.environment}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as alone:
        while read_holder(home.data) is None:
            assert alone.poll() is None
        editor = open_neovim("src/pool.py")
        editor.command("Rejoinder chat")
        editor.press("iMy question<Esc>")
        editor.until_screen("The data folder is in use by the standalone")
        assert editor.lua(INPUT) == "My question"
        picture(editor, "in-use")
    editor.press("<CR>")
    editor.until("local chat = require('rejoinder.chat').of_buffer(); return chat and chat.session ~= nil")
    editor.quit()


def test_draft_outlives_its_buffer_and_neovim(open_neovim: Open, model: FakeModel) -> None:
    first = open_neovim("src/pool.py", url=model.url)
    open_chat(first)
    first.press("iHalf a thought<Esc>")
    first.command("bwipeout!")
    open_chat(first)
    first.until("return require('rejoinder.chat').of_buffer().page:input() == 'Half a thought'")
    first.press("A, and more<Esc>")
    first.quit()
    second = open_neovim("src/pool.py", url=model.url)
    open_chat(second)
    assert second.lua(INPUT) == "Half a thought, and more"


def test_missed_updates_are_asked_for(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(tokens=("one ", "two ", "three ", "four"), gate=gate))
    editor = open_neovim(url=model.url)
    editor.lua(
        "local turns = require('rejoinder.turns'); local update, lost = turns.update, false\n"
        "turns.update = function(id, params)\n"
        "  if params.update.type == 'text' and not lost then lost = true return end\n"
        "  update(id, params)\n"
        "end"
    )
    open_chat(editor)
    ask(editor, "Count.")
    gate.open()
    editor.until_text("one two three four")
    idle(editor)
    assert editor.lines().count("one two three four") == 1


def test_conversations_are_chosen_named_deleted_and_restored(
    open_neovim: Open, model: FakeModel, picture: Picture
) -> None:
    model.script(Reply(text="In the first one."))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "Which one is this?")
    idle(editor)
    editor.command("Rejoinder new Plans")
    editor.until_screen(" Plans")
    editor.until("return require('rejoinder.chat').of_buffer().session.name == 'Plans'")
    editor.command("Rejoinder rename Better plans")
    editor.until_screen("Better plans")
    editor.request("nvim_input", ":Rejoinder sessions<CR>")
    editor.until_screen("2 messages")
    editor.request("nvim_input", "2<CR>")
    editor.until_text("In the first one.")
    editor.press("<Esc>")
    editor.command("Rejoinder delete")
    # the server's own news of it may come before its reply
    editor.until_screen("takes that back")
    editor.command("Rejoinder restore")
    editor.until_text("In the first one.")


def test_deletion_by_another_client_is_told(open_neovim: Open, model: FakeModel, project: Path) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("iNot sent yet<Esc>")
    with Client(folders=[project], settings=options(model)) as other:
        other.open(editor.lua(SESSION)).delete()
        editor.until_screen("This conversation was deleted.")
    assert editor.lua(INPUT) == "Not sent yet"


def test_earlier_messages_are_loaded_when_they_are_asked_for(
    open_neovim: Open, model: FakeModel, project: Path
) -> None:
    with Client(folders=[project], settings=options(model)) as other:
        other.session().add(*(NewMessage("user", f"note {number}") for number in range(60)))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.until_text("… 10 earlier messages")
    editor.press("gg<CR>")
    editor.until_text("note 0\n")


def test_earlier_messages_that_do_not_come_are_told_of_once(open_neovim: Open, model: FakeModel, project: Path) -> None:
    with Client(folders=[project], settings=options(model)) as other:
        session = other.session()
        session.add(*(NewMessage("user", f"note {number}") for number in range(60)))
        editor = open_neovim("src/pool.py", url=model.url)
        open_chat(editor)
        session.delete()
        editor.until_screen("This conversation was deleted.")
    editor.lua("_G.told = 0; vim.notify = function() told = told + 1 end")
    over = "return require('rejoinder.chat').of_buffer().loading == nil and told == ..."
    editor.press("gg")
    editor.until(over, 1)
    for key in "jjkk":
        editor.press(key)
        assert editor.lua(over, 1)
    # but who asks for them is answered
    editor.press("<CR>")
    editor.until(over, 2)


def run_terminal(project: Path, *arguments: str) -> str:
    """What the terminal command prints."""
    command = [sys.executable, "-m", "rejoinder", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
