"""What is remembered: an answer or a selection by a button or a menu; listed, traced, corrected, forgotten."""

import re

import pytest
from playwright.async_api import Locator, expect

from editors.vscode.kept import Shared
from editors.vscode.window import Window
from fake_model import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRIDAYS = "Releases are cut on Fridays."


async def test_an_answer_is_remembered_traced_corrected_and_forgotten(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(text=FRIDAYS))
    await window.send("When are releases cut?")
    await expect(window.answers().last).to_contain_text(FRIDAYS)
    await expect(window.button("Stop")).to_be_hidden()
    await window.press(window.button("Remember this"))
    await window.notified(f"Remembered: “{FRIDAYS}”")
    assert await remembered(shared) == [FRIDAYS]
    await window.picture("remembered")
    await window.command("Notifications: Clear All")

    # from another session: it is listed with its origin, and leads there
    await window.new_session()
    row = await listed(window, FRIDAYS)
    await expect(row).to_contain_text("from the session “When are releases cut?”")
    await window.picture("memory")
    await window.quick_input.press("Enter")
    await window.rows.filter(has_text="Open where it came from").wait_for()
    await window.picture("memory-entry")
    await window.quick_input.press("Enter")
    await expect(window.chat.locator(".turn.revealed")).to_contain_text(FRIDAYS)

    await act(window, FRIDAYS, "Correct")
    await window.page.locator(".tab.active[aria-label*='Releases']").wait_for()
    await window.page.locator(".editor-instance .monaco-editor.focused").wait_for()
    await window.page.keyboard.press("Control+End")
    await window.page.keyboard.type(" No, on Mondays.")
    await window.picture("memory-correct")
    await window.page.keyboard.press("Control+s")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)
    assert await remembered(shared) == [f"{FRIDAYS} No, on Mondays."]

    await act(window, "on Mondays", "Forget")
    dialog = window.page.locator(".monaco-dialog-box")
    await expect(dialog).to_contain_text("for good")
    await window.picture("forget")
    await window.press(dialog.get_by_role("button", name="Cancel"))
    assert len(await remembered(shared)) == 1
    await act(window, "on Mondays", "Forget")
    await window.press(dialog.get_by_role("button", name="Forget"))
    await window.notified("Forgotten.")
    assert await remembered(shared) == []


async def test_a_selection_is_remembered_with_its_file_and_taken_back(window: Window, shared: Shared) -> None:
    await window.open_file("pool.py")
    await window.page.keyboard.press("Control+Home")
    await window.page.keyboard.press("Shift+End")
    await window.menu("Rejoinder", "Remember…")
    note = 'Remembered: “"""Database connections'
    await window.notified(note)
    row = await listed(window, "Database connections")
    await expect(row).to_contain_text("from pool.py")
    await window.page.keyboard.press("Escape")
    await window.answer_notification(note, "Undo")
    await expect(window.notifications.filter(has_text=note)).to_have_count(0)
    await window.command("Rejoinder: Show Memory")
    await expect(window.quick_input).to_have_attribute("placeholder", re.compile("Nothing is remembered yet"))
    await window.page.keyboard.press("Escape")


async def test_what_is_selected_in_a_message_is_remembered_from_its_menu(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(text="On Fridays.\n\nNever before noon."))
    await window.send("When?")
    await expect(window.answers().last).to_contain_text("noon")
    await expect(window.button("Stop")).to_be_hidden()
    part = window.answers().last.locator("p").last
    await part.click(click_count=3)
    await part.click(button="right")
    await window.page.locator(".monaco-menu .action-label", has_text="Remember This").wait_for()
    await window.picture("message-menu")
    await window.choose("Remember This")
    await window.answer_notification("Remembered: “Never before noon.”", "Undo")
    while await remembered(shared):
        pass


async def test_what_is_forgotten_goes_from_the_open_page_too(window: Window, shared: Shared) -> None:
    note = "The launch is on the ninth."
    await window.send(f"/remember {note}")
    await expect(window.answers().last).to_contain_text(note)
    await expect(window.button("Stop")).to_be_hidden()
    await window.input.fill("Half a thought")
    await act(window, note, "Forget")
    await window.press(window.page.locator(".monaco-dialog-box").get_by_role("button", name="Forget"))
    await expect(window.answers().last).to_contain_text("has been taken out of this conversation since")
    await expect(window.questions().last).to_contain_text("has been forgotten or corrected since")
    await expect(window.app).not_to_contain_text(note)
    await expect(window.input).to_have_value("Half a thought")


async def remembered(shared: Shared) -> list[str]:
    """What another client of the same user finds remembered."""
    async with shared.home.editor(shared.window.folder, model=shared.model) as other:
        return [entry["text"] for entry in (await other.call("memory/list"))["entries"]]


async def listed(window: Window, text: str) -> Locator:
    """The row of an entry in the open list."""
    await window.command("Rejoinder: Show Memory")
    row = window.rows.filter(has_text=text)
    await row.wait_for()
    return row


async def act(window: Window, text: str, action: str) -> None:
    """Choose what becomes of an entry, by the buttons of its row."""
    row = await listed(window, text)
    await row.hover()
    await window.press(row.locator(f"[aria-label='{action}']"))
