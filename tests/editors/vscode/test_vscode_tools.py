"""Tool calls with their approvals, agents, pictures, and search over what was said."""

import json
import os
import re
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from editors.vscode.kept import Shared
from editors.vscode.window import Window
from fake_model import Call, Reply
from rejoinder.engine.claim import read_holder

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def nothing_remembered(shared: Shared) -> AsyncIterator[None]:
    """The window is shared, and so is what its user remembers."""
    yield
    async with shared.home.editor(shared.window.folder, model=shared.model) as other:
        await other.call("memory/clear", kind="long")


async def test_a_call_is_shown_and_allowed_by_keys(window: Window, shared: Shared) -> None:
    read = Reply(text="", calls=(Call("read_file", json.dumps({"path": "pool.py"})),))
    shared.model.script(read, remembering("Four at most"), Reply(text="It is kept."))
    await window.send("Remember how many there are.")
    card = approval(window)
    await expect(card).to_contain_text("Four at most")
    await expect(window.status).to_contain_text("Waiting for you")
    await window.picture("approval")
    await window.command("Rejoinder: Go to the Waiting Tool Call")
    await expect(card.get_by_role("button", name="Allow Once")).to_be_focused()
    await window.page.keyboard.press("Enter")
    await expect(window.answers().last).to_contain_text("It is kept.")
    await expect(window.status).not_to_contain_text("Waiting")
    await expect(card).to_have_count(0)
    assert await remembered(shared) == ["Four at most"]
    await window.press(window.chat.locator(".call summary").first)
    await expect(window.chat.locator(".call .output").first).to_contain_text("class ConnectionPool")
    await window.picture("tool-calls")


async def test_a_call_is_denied_with_a_reason(window: Window, shared: Shared) -> None:
    shared.model.script(remembering("Five"), Reply(text="Not kept."))
    await window.send("And five?")
    card = approval(window)
    await window.press(card.get_by_role("button", name="Deny…"))
    await card.get_by_role("textbox", name="Reason for the denial").fill("It is four")
    await window.page.keyboard.press("Enter")
    await expect(window.answers().last).to_contain_text("Not kept.")
    assert "It is four" in json.dumps(shared.model.requests[-1].json["messages"][-1])


async def test_a_call_that_another_client_allows_is_asked_for_no_more(window: Window, shared: Shared) -> None:
    shared.model.script(remembering("Six"), Reply(text="Somebody allowed it."))
    await window.send("And six?")
    card = approval(window)
    await expect(card).to_contain_text("Six")
    session = str(await window.app.get_attribute("data-session"))
    async with shared.home.editor(window.folder, model=shared.model) as other:
        running = (await other.call("session/open", sessionId=session))["running"]
        call = {"turnId": running["turnId"], "callId": "call-Six"}
        await other.call("tool/respond", sessionId=session, decision="allow", **call)
    await expect(window.answers().last).to_contain_text("Somebody allowed it.")
    await expect(card).to_have_count(0)
    assert await remembered(shared) == ["Six"]


async def test_a_call_is_offered_again_after_a_restart(window: Window, shared: Shared) -> None:
    shared.model.script(remembering("Four"), Reply(text="It is kept."))
    await window.send("Remember how many there are.")
    card = approval(window)
    await expect(card).to_contain_text("Four")
    holder = read_holder(shared.home.data)
    assert holder is not None
    os.kill(holder.pid, signal.SIGKILL)
    while (again := read_holder(shared.home.data)) is None or again.pid == holder.pid:
        await expect(window.app).to_have_attribute("data-state", re.compile("ready|restarting"))
    await expect(window.app).to_have_attribute("data-state", "ready")
    await expect(window.status).to_contain_text("Waiting for you")
    await window.press(card.get_by_role("button", name="Allow for the Session"))
    await expect(window.answers().last).to_contain_text("It is kept.")
    await expect(window.questions()).to_have_count(1)
    await expect(window.chat.locator(".failure")).to_have_count(0)


async def test_an_agent_answers_once_it_is_chosen(window: Window, shared: Shared) -> None:
    session = str(await window.app.get_attribute("data-session"))
    async with shared.home.editor(window.folder, model=shared.model) as other:
        agent = {"name": "critic", "role": "finds what is wrong", "instructions": "Be strict."}
        await other.call("agents/put", sessionId=session, agent=agent)
    await window.command("Rejoinder: Choose an Agent")
    row = window.rows.filter(has_text="critic")
    await expect(row).to_contain_text("finds what is wrong")
    await window.picture("agents")
    await window.press(row)
    await expect(window.button("critic")).to_be_visible()
    await window.send("Is it good?")
    await expect(window.answers().last).to_contain_text("one word at a time")
    assert "Be strict." in json.dumps(shared.model.requests[-1].json["messages"])
    await window.press(window.button("critic"))
    await window.press(window.rows.filter(has_text="No agent"))
    await expect(window.button("critic")).to_have_count(0)


async def test_a_pasted_picture_goes_along_and_stays_in_the_history(window: Window, shared: Shared) -> None:
    session = str(await window.app.get_attribute("data-session"))
    async with shared.home.editor(window.folder, model=shared.model) as other:
        await other.call("session/update", sessionId=session, model="openai-compatible:fake-vision")
    await window.input.evaluate(PASTE, PIXEL)
    await expect(window.chat.locator(".chip img")).to_be_visible()
    await window.picture("picture-pasted")
    await window.send("What is this?")
    await expect(window.answers().last).to_contain_text("one word at a time")
    assert PIXEL in json.dumps(shared.model.requests[-1].json["messages"])
    shown = window.questions().last.locator("img[alt='image.png']")
    await expect(shown).to_have_attribute("src", f"data:image/png;base64,{PIXEL}")
    await window.picture("picture-shown")


async def test_what_was_said_is_found_and_gone_to(window: Window, shared: Shared) -> None:
    async with shared.home.editor(window.folder, model=shared.model) as other:
        plans = await other.call("session/create", name="Old plans")
        filler = [{"role": "user", "content": f"Filler number {number}."} for number in range(70)]
        said = {"role": "assistant", "content": "Marmots keep the pool warm."}
        await other.call("session/add", sessionId=plans["sessionId"], messages=[said, *filler])
    await window.new_session()
    await window.command("Rejoinder: Search What Was Said")
    await window.quick_input.fill("marmots role:user")
    await expect(window.rows.filter(has_text="Nothing was said about that.")).to_be_visible()
    await window.quick_input.fill("warm marmots role:assistant since:1d")
    row = window.rows.filter(has_text="Marmots keep the pool warm.")
    await expect(row).to_contain_text("Old plans")
    await window.picture("search")
    await window.press(window.page.get_by_role("button", name="This project is searched; search all projects"))
    await expect(window.quick_input).to_have_attribute("placeholder", re.compile("All projects"))
    await window.press(row)
    await expect(window.app).to_have_attribute("data-session", plans["sessionId"])
    await expect(window.chat.locator(".turn.revealed")).to_contain_text("Marmots")


PASTE = """(input, base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def remembering(text: str) -> Reply:
    """A reply that calls a tool which asks first."""
    return Reply(text="", calls=(Call("remember", json.dumps({"text": text}), f"call-{text}"),))


def approval(window: Window) -> Locator:
    """The card of the call that waits."""
    return window.chat.get_by_role("group", name="Allow the call of remember?")


async def remembered(shared: Shared) -> list[str]:
    """What another client of the same user finds remembered."""
    async with shared.home.editor(shared.window.folder, model=shared.model) as other:
        return [entry["text"] for entry in (await other.call("memory/list"))["entries"]]
