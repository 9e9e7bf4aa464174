"""A question at the cursor or on the selection: its change is shown as a diff and decided part by part."""

import pytest
from playwright.async_api import Locator, expect

from e2e.kit import sent_texts
from editors.vscode.kept import Shared
from editors.vscode.pool_project import POOL
from editors.vscode.window import Window
from fake_model import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANGED = (
    POOL.replace("kept for reuse", "kept for a while")
    .replace("while self.idle:", "for _ in range(len(self.idle)):")
    .replace("        if len(self.idle) < self.size:\n    ", "")
)
ANSWER = f"```python\n{CHANGED}```\n"
INSERTED = "```python\nimport logging\n```\n"


async def test_a_change_is_decided_part_by_part(window: Window, shared: Shared) -> None:
    diff = await asked(window, shared, "Keep them for a while", ANSWER)
    await expect(diff).to_contain_text("for _ in range(len(self.idle)):")
    assert "Keep them for a while" in sent_texts(shared.model.requests[-1])[-1]
    await window.pictures("inline-parts")

    # the second is taken and the first left out by key, the third taken by its button
    page, lines = window.page, diff.locator(".original .view-lines")
    await window.press(diff.locator(".modified .view-lines"))
    await page.keyboard.press("Control+Home")
    await page.keyboard.press("Alt+ArrowDown")
    await page.keyboard.press("Control+Enter")
    await expect(lines).to_contain_text("for _ in range(len(self.idle)):")
    await page.keyboard.press("Control+Home")
    await page.keyboard.press("Control+Backspace")
    await expect(diff.locator(".modified .view-lines")).not_to_contain_text("a while")
    await window.picture("inline-last-part")
    await window.press(window.action("Accept This Part"))
    await expect(diff).to_have_count(0)
    lines = page.locator(".editor-instance .view-lines")
    await expect(lines).to_contain_text("for _ in range(len(self.idle)):")
    await expect(lines).to_contain_text("kept for reuse")
    await expect(lines).not_to_contain_text("if len(self.idle) < self.size")
    await window.command("File: Revert File")
    await expect(page.locator(".tab.dirty")).to_have_count(0)


async def test_parts_are_decided_where_they_stand(window: Window, shared: Shared) -> None:
    diff = await asked(window, shared, "Keep them for a while", ANSWER)
    before, after = (diff.locator(f".{side} .view-lines") for side in ("original", "modified"))
    lenses = diff.locator(".modified .codelens-decoration")
    await expect(lenses).to_have_count(3)
    await window.picture("inline-lenses")
    await window.press((await from_above(lenses))[0].get_by_role("button", name="Accept"))
    await expect(before).to_contain_text("kept for a while")
    await expect(lenses).to_have_count(2)
    await window.press((await from_above(lenses))[-1].get_by_role("button", name="Reject"))
    await expect(after).to_contain_text("if len(self.idle) < self.size")

    await after.get_by_text("range").first.hover()
    hover = window.page.locator(".monaco-hover:visible")
    await expect(hover).to_contain_text("Accept this part")
    await window.picture("inline-hover")
    await window.press(hover.get_by_text("Reject this part"))
    await expect(diff).to_have_count(0)
    lines = window.page.locator(".editor-instance .view-lines")
    await expect(lines).to_contain_text("kept for a while")
    await expect(lines).to_contain_text("while self.idle:")
    await window.command("File: Revert File")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def test_a_change_is_cancelled_and_one_of_an_older_text_refused(window: Window, shared: Shared) -> None:
    page, gate = window.page, shared.model.gate()
    shared.model.script(Reply(text=INSERTED, gate=gate))
    await window.open_file("pool.py")
    await page.keyboard.press("Control+Home")
    await page.keyboard.press("ArrowDown")
    await question(window, "Import what logs")
    arrived = await shared.model.next_request()
    while "Import what logs" not in str(arrived.json):
        arrived = await shared.model.next_request()
    await window.picture("inline-working")
    await window.answer_notification("Import what logs", "Cancel")
    await arrived.disconnect()
    await expect(page.locator(".monaco-diff-editor")).to_have_count(0)

    # the question is still there, and is sent again as it is
    shared.model.script(Reply(text=INSERTED))
    await window.command("Rejoinder: Change This")
    await expect(window.quick_input).to_have_value("Import what logs")
    await window.quick_input.press("Enter")
    diff = page.locator(".monaco-diff-editor")
    await expect(diff).to_contain_text("import logging")
    await window.press(page.locator(".tab", has_text="pool.py").first)
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("# mine")
    await window.press(page.locator(".tab", has_text="(proposed)"))
    await window.press(window.action("Accept the Change"))
    await window.notified("pool.py has changed since this was proposed.")
    await expect(diff).to_contain_text("import logging")
    await expect(diff).to_contain_text("# mine")

    # as it was: now it is taken
    await window.press(page.locator(".tab", has_text="pool.py").first)
    await window.command("File: Revert File")
    await window.press(page.locator(".tab", has_text="(proposed)"))
    await window.press(window.action("Accept the Change"))
    await expect(diff).to_have_count(0)
    await expect(page.locator(".editor-instance .view-lines")).to_contain_text("import logging")
    await window.command("File: Revert File")
    await expect(page.locator(".tab.dirty")).to_have_count(0)


async def from_above(lenses: Locator) -> list[Locator]:
    """As they stand on the screen: the editor keeps them in an order of its own."""
    tops = await lenses.evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
    return [lenses.nth(at) for at in sorted(range(len(tops)), key=tops.__getitem__)]


async def asked(window: Window, shared: Shared, instruction: str, answer: str) -> Locator:
    """The diff that comes of a question about the whole of pool.py."""
    shared.model.script(Reply(text=answer))
    await window.open_file("pool.py")
    await window.page.keyboard.press("Control+a")
    await question(window, instruction)
    return window.page.locator(".monaco-diff-editor")


async def question(window: Window, instruction: str) -> None:
    await window.page.keyboard.press("Control+k")
    await window.page.keyboard.press("Control+g")
    await window.quick_input.fill(instruction)
    await window.picture("inline-question")
    await window.quick_input.press("Enter")
