"""A conversation: sent, streamed, stopped, failed, and gone on with."""

import asyncio
import sys

import pytest
from playwright.async_api import expect

from editors.vscode.kept import Shared
from editors.vscode.window import Window
from fake_model import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = """A pool lends what it has.

```python
def lend(pool):
    connection = pool.borrow()  # opens one when none is left
    return connection
```

| method | what it does |
|---|---|
| `borrow` | lends a connection |
| `give_back` | takes it back |

<img src=x onerror="document.body.dataset.ran = 'yes'"><script>document.body.dataset.ran = 'yes'</script>
"""


async def test_the_answer_streams_and_its_markup_stays_text(window: Window, shared: Shared) -> None:
    gate = shared.model.gate()
    words = tuple(ANSWER.split(" "))
    shared.model.script(Reply(tokens=tuple(word + " " for word in words), gate=gate))
    await window.send("How does it work?")
    await expect(window.questions().last).to_contain_text("How does it work?")
    await expect(window.input).to_have_value("")
    gate.release(6)
    await expect(window.answers().last).to_contain_text("A pool lends")
    await expect(window.button("Stop")).to_be_visible()
    await expect(window.status.locator(".codicon-loading")).to_be_visible()
    gate.open()

    answer = window.answers().last
    await expect(answer.locator("table")).to_contain_text("takes it back")
    await expect(answer.locator("pre .hljs-keyword").first).to_be_visible()
    await expect(answer).to_contain_text("onerror=")
    assert await answer.locator("img, script").count() == 0
    assert await window.chat.locator("body").get_attribute("data-ran") is None
    await expect(window.button("Stop")).to_be_hidden()
    await window.picture("chat")


async def test_stop_ends_the_models_connection_and_keeps_the_part(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(text="One two three and never an end.", hangs_after=3))
    await window.send("Count.")
    await expect(window.answers().last).to_contain_text("One two three")
    await window.picture("running")
    await window.press(window.button("Stop"))
    await expect(window.button("Stop")).to_be_hidden()
    await expect(window.answers().last).to_contain_text("One two three")
    await shared.model.requests[-1].disconnect()
    await window.picture("stopped")


async def test_a_failure_says_what_to_do_and_gives_the_text_back(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(status=401))
    await window.send("A long and careful question")
    await expect(window.chat.locator(".failure")).to_contain_text("key")
    await expect(window.input).to_have_value("A long and careful question")
    await window.picture("failure")

    await window.input.press("Enter")
    await expect(window.answers().last).to_contain_text("one word at a time")


async def test_what_was_typed_outlives_the_window(window: Window, shared: Shared) -> None:
    await window.input.fill("Half a thou")
    await window.input.press_sequentially("ght")
    async with shared.home.editor(window.folder, model=shared.model) as other:
        # it is with the session as soon as typing pauses
        while (await other.call("session/open"))["session"].get("draft") != "Half a thought":
            pass
    await window.page.reload()
    await expect(window.app).to_have_attribute("data-state", "ready")
    await expect(window.input).to_have_value("Half a thought")
    await window.input.fill("")


async def test_code_is_copied_and_inserted_at_the_cursor(window: Window, shared: Shared) -> None:
    shared.model.script(Reply(text="Use this:\n\n```python\nimport pool\n```\n"))
    await window.open_file("pool.py")
    await window.open_chat()
    await window.send("What do I import?")
    block = window.answers().last.locator("pre")
    await expect(window.answers().last).to_contain_text("import pool")
    await block.hover()
    await window.press(window.button("Insert at cursor"))
    await expect(window.page.locator(".tab.active.dirty")).to_be_visible()
    await expect(window.page.locator(".editor-instance .view-lines")).to_contain_text("import pool")
    await window.command("File: Revert File")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)


async def test_mentions_are_proposed(window: Window, shared: Shared) -> None:
    await window.input.press_sequentially("/ex")
    option = window.chat.locator(".completions [role=option]", has_text="explain").first
    await option.wait_for()
    await window.picture("mentions")
    # taken as soon as it is pressed, and gone then
    await option.click()
    await expect(window.input).to_have_value("/explain ")

    # files by keys alone
    await window.input.press_sequentially("@file:po")
    option = window.chat.locator(".completions [role=option][aria-selected=true]", has_text="pool.py")
    await option.wait_for()
    await window.input.press("Tab")
    await expect(window.input).to_have_value("/explain @file:pool.py ")

    # other sessions, by their names
    async with shared.home.editor(window.folder, model=shared.model) as other:
        await other.call("session/create", name="Release plans")
    await window.input.press_sequentially("#rel")
    option = window.chat.locator(".completions [role=option]", has_text="Release plans")
    await option.wait_for()
    await window.picture("mention-session")
    await window.input.press("Escape")
    await expect(option).to_be_hidden()
    await window.input.fill("")


async def test_the_terminal_reads_what_was_said_here(window: Window, shared: Shared) -> None:
    await window.send("Remember the pool")
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.button("Stop")).to_be_hidden()
    listing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rejoinder", "session", "show", "Remember the pool"),
        cwd=window.folder,
        env=shared.home.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await listing.communicate()
    assert "Remember the pool" in shown.decode()
    assert "one word at a time" in shown.decode()
