"""A session of 5,000 messages: only what is near the view is on the page, and nothing of it is out of reach."""

import json
import re

import pytest
from playwright.async_api import expect

from e2e.kit import messages
from editors.vscode.kept import Shared
from editors.vscode.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = 5_000
_FEW = 120


async def test_a_session_of_5000_messages(window: Window, shared: Shared) -> None:
    said = [f"Wanted {at}?" if at % 2 == 0 else f"Found {at}. " + "Many words. " * (at % 40) for at in range(COUNT)]
    async with shared.home.editor(window.folder, model=shared.model) as other:
        await other.call("session/import", format="json", content=json.dumps(messages(*said)))
        session = next(each for each in (await other.call("session/list"))["sessions"] if each["messageCount"] == COUNT)
        await other.call("session/use", sessionId=session["sessionId"])
        hits = (await other.call("session/history", sessionId=session["sessionId"], limit=500))["messages"]
    await window.command("Developer: Reload Window")
    await expect(window.app).to_have_attribute("data-session", session["sessionId"])
    turns = window.chat.locator(".turn")
    last = window.chat.locator(f".turn[aria-posinset='{COUNT}'][aria-setsize='{COUNT}']")
    await expect(last).to_contain_text(f"Found {COUNT - 1}.")

    # back by keys, over several pages of history
    await window.chat.locator(".log").focus()
    focused = window.chat.locator(".turn:focus")
    await window.page.keyboard.press("Alt+ArrowUp")
    for _ in range(80):
        at = int(str(await focused.get_attribute("aria-posinset")))
        await window.page.keyboard.press("Alt+ArrowUp")
        await expect(focused).to_have_attribute("aria-posinset", str(at - 1))
    text = hits[at - 2 - (COUNT - 500)]["content"].split()[1].rstrip(".?")
    await expect(focused).to_contain_text(text)
    assert await turns.count() < _FEW
    await window.picture("long-session")

    # the window made anew shows what was in view
    await window.command("Developer: Reload Window")
    await expect(window.app).to_have_attribute("data-session", session["sessionId"])
    await expect(window.chat.locator(f".turn[aria-posinset='{at - 1}']")).to_be_visible()
    await expect(window.button("Jump to the newest")).to_be_visible()
    await window.press(window.button("Jump to the newest"))
    await expect(last).to_be_visible()

    await window.send("And now?")
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.answers().last).to_have_attribute("aria-posinset", re.compile(str(COUNT + 2)))
    assert await turns.count() < _FEW
