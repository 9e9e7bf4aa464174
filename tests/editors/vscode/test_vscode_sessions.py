"""The list of sessions: new, switch, rename, delete with undo."""

from playwright.async_api import Locator, expect

from editors.vscode.conftest import Opener
from editors.vscode.window import Window
from fake_model import FakeModel


async def test_sessions_are_begun_chosen_renamed_deleted_and_taken_back(opened: Opener, model: FakeModel) -> None:
    window = await opened(model=model)
    await window.open_chat()
    await say(window, "About the pool")
    await window.command("Rejoinder: New Session")
    await expect(window.questions()).to_have_count(0)
    await say(window, "About the tests")

    row = await listed(window, "About the pool")
    await window.picture("sessions")
    await row.click()
    await expect(window.questions()).to_have_text(["About the pool"])

    row = await listed(window, "About the pool")
    await row.hover()
    await row.locator("[aria-label='Rename']").click()
    await expect(window.quick_input).to_have_value("About the pool")
    await window.quick_input.fill("Connections")
    await window.quick_input.press("Enter")
    await expect(window.page.locator(".part.sidebar .composite.title")).to_contain_text("Connections")

    row = await listed(window, "Connections")
    await row.hover()
    await row.locator("[aria-label='Delete']").click()
    deleted = window.notifications.filter(has_text="Deleted")
    await deleted.wait_for()
    await expect(window.questions()).to_have_text(["About the tests"])
    await window.picture("deleted")
    await deleted.get_by_role("button", name="Undo").click()
    await expect(window.questions()).to_have_text(["About the pool"])


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
