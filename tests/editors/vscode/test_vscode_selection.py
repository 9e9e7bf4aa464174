"""Questions about what is selected."""

import pytest
from playwright.async_api import expect

from e2e.kit import sent_texts
from editors.vscode.kept import Shared
from editors.vscode.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_selection_of_an_unsaved_buffer_is_asked_about(window: Window, shared: Shared) -> None:
    await window.open_file("pool.py")
    await window.page.keyboard.press("Control+Home")
    await window.page.keyboard.type("# not saved yet")
    await expect(window.page.locator(".tab.active.dirty")).to_be_visible()
    await select_lines(window, 1)

    await window.menu("Rejoinder", "Ask About This")
    await expect(window.chat.locator(".composer .chip")).to_contain_text("pool.py:1")
    await window.picture("ask-selection")
    await window.send("What is this line for?")
    await expect(window.answers().last).to_contain_text("one word at a time")

    texts = sent_texts(shared.model.requests[-1])
    assert "# not saved yet" in texts[-1] and "What is this line for?" in texts[-1]
    assert "# not saved yet" not in (window.folder / "pool.py").read_text()
    await expect(window.chat.locator(".composer .chip")).to_have_count(0)
    await window.open_file("pool.py")
    await window.command("File: Revert File")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def test_an_action_of_the_menu_is_sent_at_once(window: Window, shared: Shared) -> None:
    await window.open_file("pool.py")
    await select_lines(window, 4)
    await window.menu("Rejoinder", "Explain This")
    await expect(window.answers().last).to_contain_text("one word at a time")
    assert "Database connections" in sent_texts(shared.model.requests[-1])[-1]


async def test_the_button_beside_the_input_attaches_the_file(window: Window, shared: Shared) -> None:
    await window.open_file("pool.py")
    await window.press(window.button("Attach"))
    await window.press(window.rows.filter(has_text="pool.py").first)
    chip = window.chat.locator(".composer .chip")
    await expect(chip).to_contain_text("pool.py")
    await window.press(chip.get_by_role("button"))
    await expect(chip).to_have_count(0)


async def test_the_light_bulb_offers_the_same(window: Window, shared: Shared) -> None:
    await window.open_file("pool.py")
    await select_lines(window, 4)
    await window.page.keyboard.press("Control+.")
    rows = window.page.locator(".action-widget .monaco-list-row")
    entry = rows.filter(has_text="Document with Rejoinder")
    await entry.wait_for()
    for what in ("Ask Rejoinder about this", "Explain with Rejoinder", "Fix with", "Write tests with Rejoinder"):
        await expect(rows.filter(has_text=what)).to_have_count(1)
    await window.picture("light-bulb")
    await window.press(entry)
    await expect(window.answers().last).to_contain_text("one word at a time")


async def select_lines(window: Window, count: int) -> None:
    """Select from the first line on."""
    await window.page.keyboard.press("Control+Home")
    for _ in range(count):
        await window.page.keyboard.press("Shift+ArrowDown")
