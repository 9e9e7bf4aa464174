"""A change that an answer proposes: shown, accepted or rejected, undone."""

import re

import pytest
from playwright.async_api import Locator, expect

from editors.vscode.kept import Shared
from editors.vscode.pool_project import CHANGE, POOL, SEVERAL
from editors.vscode.window import Window
from fake_model import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

END = ">>>>>>> REPLACE\n"
MORE = f"""{END}<<<<<<< SEARCH
        if len(self.idle) < self.size:
            self.idle.append(connection)
=======
        self.idle.append(connection)
{END}"""


async def test_a_change_is_accepted_and_undone(window: Window, shared: Shared) -> None:
    diff = await proposed(window, shared, CHANGE)
    await window.picture("diff")

    await window.press(window.action("Accept the Change"))
    await expect(diff).to_have_count(0)
    lines = window.page.locator(".editor-instance .view-lines")
    await expect(lines).to_contain_text("for _ in range(len(self.idle)):")
    await window.picture("accepted")
    await window.page.locator(".editor-instance .monaco-editor.focused").wait_for()
    await window.page.keyboard.press("Control+z")
    await expect(lines).to_contain_text("while self.idle:")
    assert (window.folder / "pool.py").read_text() == POOL


async def test_a_change_is_rejected(window: Window, shared: Shared) -> None:
    diff = await proposed(window, shared, CHANGE)
    await window.press(window.action("Reject the Change"))
    await expect(diff).to_have_count(0)
    await expect(window.page.locator(".editor-instance .view-lines")).to_contain_text("while self.idle:")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def test_changes_that_are_not_known_any_more_are_not_shown(window: Window, shared: Shared) -> None:
    await proposed(window, shared, SEVERAL)
    tabs = window.page.locator(".tab").filter(has_text=re.compile(r"\(proposed\)|^Changes of the answer"))
    await expect(tabs).to_have_count(1)
    await preview_all(window)
    await expect(tabs).to_have_count(2)
    await window.reload_with("Changes of the answer")
    await expect(tabs).to_have_count(0)
    await expect(window.page.locator(".tab[aria-label^='pool.py']")).to_be_visible()

    # another one is shown whole, and the list of its parts goes with it
    await preview_all(window)
    await window.press(window.action("Choose Parts"))
    await expect(window.rows).to_have_count(2)
    await window.page.keyboard.press("Control+Shift+Backspace")
    await expect(window.rows).to_have_count(0)
    await expect(tabs).to_have_count(0)


async def test_changes_of_several_files_are_decided_one_by_one(window: Window, shared: Shared) -> None:
    new = window.folder / "test_pool.py"
    diff = await proposed(window, shared, SEVERAL)
    await apply(window, 1)
    await expect(diff).to_contain_text("def test_borrow():")
    await expect(window.page.locator(".tab", has_text="(proposed)")).to_have_count(2)
    await window.picture("new-file")
    await window.press(window.action("Reject the Change"))
    await expect(window.page.locator(".tab", has_text="(proposed)")).to_have_count(1)
    assert not new.exists()

    await apply(window, 1)
    await expect(diff).to_contain_text("def test_borrow():")
    await window.press(window.action("Accept the Change"))
    await expect(window.page.locator(".tab", has_text="(proposed)")).to_have_count(1)
    await expect(window.page.locator(".tab.active[aria-label^='test_pool.py']")).to_be_visible()
    assert new.read_text() == "def test_borrow():\n    assert True\n"

    await window.press(window.page.locator(".tab", has_text="(proposed)"))
    await expect(diff).to_contain_text("for _ in range(len(self.idle)):")
    await window.press(window.action("Accept the Change"))
    await expect(window.page.locator(".tab.active.dirty[aria-label^='pool.py']")).to_be_visible()
    await window.command("File: Revert File")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def test_all_changes_are_looked_through_made_and_undone_together(window: Window, shared: Shared) -> None:
    page, old, new = window.page, window.folder / "pool.py", window.folder / "test_lending.py"
    await answered(window, shared, SEVERAL.replace("test_pool.py", new.name).replace(END, MORE, 1))
    await preview_all(window)
    preview = window.preview
    assert not new.exists()
    await window.picture("apply-all-preview")

    # a part is left out by key, and a file; the file comes back
    await window.press(window.action("Choose Parts"))
    await expect(window.rows).to_have_count(3)
    for key in ("ArrowDown", "ArrowDown", "Space", "ArrowDown", "Space"):
        await page.keyboard.press(key)
    await expect(preview).not_to_contain_text("def test_borrow():")
    await window.picture("apply-all-parts")
    await page.keyboard.press("Space")
    await expect(preview).to_contain_text("def test_borrow():")
    await page.keyboard.press("Enter")
    await expect(preview.locator(".modified")).to_contain_text(["if len(self.idle) < self.size:", "def test_borrow():"])
    await page.keyboard.press("Control+Shift+Enter")
    await expect(preview).to_have_count(0)
    await window.answer_notification("2 files were changed.", "Save All")
    await expect(page.locator(".tab.dirty")).to_have_count(0)
    assert old.read_text() == POOL.replace("while self.idle:", "for _ in range(len(self.idle)):")
    assert new.read_text() == "def test_borrow():\n    assert True\n"

    # what was changed since is not overwritten without asking
    await window.open_file("pool.py")
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("# mine")
    dialog = page.locator(".monaco-dialog-box")
    await window.command("Rejoinder: Undo the Changes of an Answer")
    await expect(dialog).to_contain_text("pool.py")
    await window.picture("undo-asks")
    await window.press(dialog.get_by_role("button", name="Restore the Others"))
    await window.notified(f"{new.name} is as it was before.")
    assert not new.exists()
    await expect(page.locator(".tab.active.dirty[aria-label^='pool.py']")).to_be_visible()
    await window.command("Rejoinder: Undo the Changes of an Answer")
    await window.press(dialog.get_by_role("button", name="Restore All"))
    await window.notified("pool.py is as it was before.")
    await window.command("File: Save All Files")
    await expect(page.locator(".tab.dirty")).to_have_count(0)
    assert old.read_text() == POOL


async def proposed(window: Window, shared: Shared, answer: str) -> Locator:
    """The first change of an answer, shown beside the file."""
    await answered(window, shared, answer)
    await apply(window, 0)
    diff = window.page.locator(".monaco-diff-editor")
    await expect(diff).to_contain_text("for _ in range(len(self.idle)):")
    return diff


async def answered(window: Window, shared: Shared, answer: str) -> None:
    """Have the model give an answer with changes of pool.py."""
    shared.model.script(Reply(text=answer))
    await window.open_file("pool.py")
    await window.open_chat()
    await window.send("Can borrow run forever?")
    await expect(window.answers().last).to_contain_text("REPLACE")
    await expect(window.button("Stop")).to_be_hidden()


async def preview_all(window: Window) -> None:
    """Look through all changes of the last answer."""
    await window.press(window.answers().last.get_by_role("button", name="Apply all changes"))
    await expect(window.preview).to_contain_text("def test_borrow():")
    await expect(window.preview).to_contain_text("for _ in range(len(self.idle)):")


async def apply(window: Window, block: int) -> None:
    """Press the button of one of the answer's blocks."""
    code = window.answers().last.locator(".code").nth(block)
    await code.hover()
    await window.press(code.get_by_role("button", name="Apply"))
