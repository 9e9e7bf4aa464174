"""The same session in another client at once, and across the engine's death."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from editors.vscode.kept import Shared
from editors.vscode.opening import Opener
from editors.vscode.window import Window
from fake_model import FakeModel, Reply
from rejoinder.engine.claim import read_holder

in_shared_window = pytest.mark.asyncio(loop_scope="session")

# Passes everything on but the first message with text.
LOSSY = """
import os, subprocess, sys
if "--version" in sys.argv:
    os.execv({python!r}, [{python!r}, "-m", "rejoinder", "--version"])
server = subprocess.Popen([{python!r}, "-m", "rejoinder", *sys.argv[1:]], stdout=subprocess.PIPE)
while head := server.stdout.readline():
    while (line := server.stdout.readline()).strip():
        head += line
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    body = server.stdout.read(length)
    if b'"type":"text"' in body and not os.path.exists({dropped!r}):
        open({dropped!r}, "w").close()
        continue
    os.write(1, head + line + body)
"""


@in_shared_window
async def test_a_turn_of_another_client_streams_here_and_the_other_way_round(window: Window, shared: Shared) -> None:
    gate = shared.model.gate()
    shared.model.script(Reply(tokens=("From ", "elsewhere ", "it ", "comes."), gate=gate))
    async with shared.home.editor(window.folder, model=shared.model) as other:
        session = (await other.call("session/open"))["session"]
        turn = other.send_for("chat", text="Asked elsewhere", sessionId=session["sessionId"])
        await expect(window.questions().last).to_contain_text("Asked elsewhere")
        gate.release(3)
        await expect(window.answers().last).to_contain_text("From elsewhere")
        await expect(window.answers().last).not_to_contain_text("comes.")
        await window.picture("from-elsewhere")
        gate.open()
        await expect(window.answers().last).to_contain_text("it comes.")
        await other.result_of(turn)
        other.taken()

        await window.send("Asked here")
        update = await other.update("user_message")
        assert update["update"]["message"]["content"] == "Asked here"
        await other.update("end")


@in_shared_window
async def test_the_engine_dies_in_the_middle_of_a_turn(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(text="This part came before it died.", hangs_after=4))
    await window.send("A question that was hard to write")
    await expect(window.answers().last).to_contain_text("This part came before")

    holder = read_holder(shared.home.data)
    assert holder is not None
    os.kill(holder.pid, signal.SIGKILL)

    # started again by itself, with the text where it was typed, and what had come marked as cut off
    await expect(window.input).to_have_value("A question that was hard to write")
    await expect(window.app).to_have_attribute("data-state", "ready")
    await expect(window.answers()).to_have_count(1)
    await expect(window.answers().last).to_contain_text("This part came before")
    await expect(window.answers().last).to_contain_text("Cut off")
    await window.picture("engine-killed")
    await window.input.press("Enter")
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.questions()).to_have_count(1)
    await expect(window.answers()).to_have_count(1)


@in_shared_window
async def test_a_server_that_ends_again_and_again_is_given_up(window: Window, shared: Shared) -> None:
    # what other tests have killed does not count after this
    await window.command("Rejoinder: Restart the Server")
    await expect(window.app).to_have_attribute("data-state", "ready")
    await window.input.fill("Not sent yet")
    killed = 0
    for _ in range(5):
        while (holder := read_holder(shared.home.data)) is None or holder.pid == killed:
            await expect(window.app).to_have_attribute("data-state", re.compile("ready|restarting"))
        await expect(window.app).to_have_attribute("data-state", "ready")
        killed = holder.pid
        os.kill(killed, signal.SIGKILL)
        await expect(window.app).not_to_have_attribute("data-state", "ready")
    await expect(window.app).to_have_attribute("data-state", "stopped")
    await expect(window.app).to_contain_text("It ended several times in a row.")
    await expect(window.input).to_have_value("Not sent yet")
    await window.picture("given-up")

    await window.press(window.button("Start Again"))
    await expect(window.app).to_have_attribute("data-state", "ready")
    await window.input.press("Enter")
    await expect(window.answers().last).to_contain_text("one word at a time")


async def test_updates_that_were_missed_are_asked_for(opened: Opener, model: FakeModel, tmp_path: Path) -> None:
    dropped = tmp_path / "dropped"
    program = tmp_path / "rejoinder"
    program.write_text(f"#!{sys.executable}\n{LOSSY.format(python=sys.executable, dropped=str(dropped))}")
    program.chmod(0o755)
    gate = model.gate()
    model.script(Reply(tokens=("one ", "two ", "three ", "four"), gate=gate))
    window = await opened(model=model, settings={"rejoinder.path": str(program)})
    await window.open_chat()
    await window.send("Count.")
    gate.release(2)
    while not dropped.exists():
        await expect(window.questions()).to_have_count(1)
    await expect(window.answers().last).not_to_contain_text("one")
    gate.open()
    await expect(window.answers().last).to_contain_text("one two three four")
    await expect(window.button("Stop")).to_be_hidden()


async def test_a_server_that_cannot_start_says_why(opened: Opener, tmp_path: Path) -> None:
    program = tmp_path / "rejoinder"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "The data folder is in use." >&2\nexit 1\n')
    program.chmod(0o755)
    window = await opened(settings={"rejoinder.path": str(program)})
    await window.open_chat(state="stopped")
    await expect(window.app).to_contain_text("The data folder is in use.")
    await window.picture("cannot-start")
    program.unlink()
    await window.press(window.button("Start Again"))
    await expect(window.app).to_have_attribute("data-state", "missing")
