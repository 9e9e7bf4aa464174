"""The list of sessions: new, switch, rename, delete with undo."""

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Locator, expect

from e2e.kit import Home
from editors.vscode.opening import Opener
from editors.vscode.window import Window
from fake_model import FakeModel

# Passes everything on to the server; a request for a new session waits until the pipe's other end is closed.
HOLDING = """
import os, subprocess, sys
if "--version" in sys.argv:
    os.execv({python!r}, [{python!r}, "-m", "rejoinder", "--version"])
server = subprocess.Popen([{python!r}, "-m", "rejoinder", *sys.argv[1:]], stdin=subprocess.PIPE)
while data := os.read(0, 1 << 20):
    if b'"rejoinder/session/create"' in data:
        open({pipe!r}).read()
    server.stdin.write(data)
    server.stdin.flush()
"""


async def test_sessions_are_begun_chosen_renamed_deleted_and_taken_back(opened: Opener, model: FakeModel) -> None:
    window = await opened(model=model)
    await window.open_chat()
    await say(window, "About the pool")
    await window.command("Rejoinder: New Session")
    await expect(window.questions()).to_have_count(0)
    await say(window, "About the tests")

    row = await listed(window, "About the pool")
    await window.picture("sessions")
    await window.press(row)
    await expect(window.questions()).to_have_text(["About the pool"])

    row = await listed(window, "About the pool")
    await row.hover()
    await window.press(row.locator("[aria-label='Rename']"))
    await expect(window.quick_input).to_have_value("About the pool")
    await window.quick_input.fill("Connections")
    await window.quick_input.press("Enter")
    await expect(window.page.locator(".part.sidebar .composite.title")).to_contain_text("Connections")

    row = await listed(window, "Connections")
    await row.hover()
    await window.press(row.locator("[aria-label='Delete']"))
    await expect(window.questions()).to_have_text(["About the tests"])
    await window.picture("deleted")
    await window.answer_notification("Deleted “Connections”", "Undo")
    await expect(window.questions()).to_have_text(["About the pool"])


async def test_what_is_sent_while_a_session_is_begun_goes_there(
    opened: Opener, model: FakeModel, home: Home, tmp_path: Path
) -> None:
    pipe, program = tmp_path / "pipe", tmp_path / "rejoinder"
    os.mkfifo(pipe)
    program.write_text(f"#!{sys.executable}\n{HOLDING.format(python=sys.executable, pipe=str(pipe))}")
    program.chmod(0o755)
    window = await opened(model=model, settings={"rejoinder.path": str(program)})
    await window.open_chat()
    await say(window, "In the first one")
    first = await window.app.get_attribute("data-session")

    await window.command("Rejoinder: New Session")
    held = await asyncio.to_thread(pipe.open, "w")
    await window.send("In the second one")
    await expect(window.questions().last).to_contain_text("In the second one")
    held.close()

    await expect(window.app).not_to_have_attribute("data-session", str(first))
    await expect(window.questions()).to_have_text(["In the second one"])
    await expect(window.answers().last).to_contain_text("one word at a time")
    async with home.editor(window.folder, model=model) as other:
        assert "In the second one" not in await other.contents(str(first))


async def say(window: Window, text: str) -> None:
    """One whole turn."""
    await window.send(text)
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.button("Stop")).to_be_hidden()


async def listed(window: Window, name: str) -> Locator:
    """The row of a session in the open list."""
    await window.command("Rejoinder: Show Sessions")
    row = window.rows.filter(has_text=name)
    await row.wait_for()
    return row
