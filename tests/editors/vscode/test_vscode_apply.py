"""A change that an answer proposes: shown, accepted or rejected, undone."""

from playwright.async_api import expect

from editors.vscode.conftest import POOL, Opener
from editors.vscode.window import Window
from fake_model import FakeModel, Reply

CHANGE = """Give up after as many tries as there are connections:

```python
pool.py
<<<<<<< SEARCH
        while self.idle:
            connection = self.idle.pop()
=======
        for _ in range(len(self.idle)):
            connection = self.idle.pop()
>>>>>>> REPLACE
```
"""


async def test_a_change_is_accepted_and_undone(opened: Opener, model: FakeModel) -> None:
    window = await proposing(opened, model)
    diff = window.page.locator(".monaco-diff-editor")
    await expect(diff).to_contain_text("for _ in range(len(self.idle)):")
    await window.picture("diff")

    await window.action("Accept the Change").click()
    await expect(diff).to_have_count(0)
    lines = window.page.locator(".editor-instance .view-lines")
    await expect(lines).to_contain_text("for _ in range(len(self.idle)):")
    await window.picture("accepted")
    await window.page.locator(".editor-instance .monaco-editor.focused").wait_for()
    await window.page.keyboard.press("Control+z")
    await expect(lines).to_contain_text("while self.idle:")
    assert (window.folder / "pool.py").read_text() == POOL


async def test_a_change_is_rejected(opened: Opener, model: FakeModel) -> None:
    window = await proposing(opened, model)
    await window.action("Reject the Change").click()
    await expect(window.page.locator(".monaco-diff-editor")).to_have_count(0)
    await expect(window.page.locator(".editor-instance .view-lines")).to_contain_text("while self.idle:")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def proposing(opened: Opener, model: FakeModel) -> Window:
    """A window that shows the change beside the file."""
    model.script(Reply(text=CHANGE))
    window = await opened(model=model)
    await window.open_file("pool.py")
    await window.open_chat()
    await window.send("Can borrow run forever?")
    await expect(window.answers().last).to_contain_text("REPLACE")
    await expect(window.button("Stop")).to_be_hidden()
    await window.answers().last.locator("pre").hover()
    await window.button("Apply").click()
    return window
