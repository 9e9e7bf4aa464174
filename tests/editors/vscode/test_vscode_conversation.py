"""A conversation: sent, streamed, stopped, failed, and gone on with."""

import asyncio
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

import llama
from e2e.kit import Home
from editors.vscode.conftest import Opener
from fake_model import FakeModel, Reply

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


@pytest.mark.real_model
async def test_a_real_model_streams_its_answer(opened: Opener) -> None:
    if not llama.installed():
        pytest.skip(llama.MISSING)
    with llama.LlamaServer() as server:
        window = await opened(settings={"rejoinder.model": "openai-compatible:tiny", "rejoinder.baseUrl": server.url})
        await window.open_chat()
        await window.send("What are you?")
        await expect(window.answers().last).to_contain_text(llama.SENTENCE)
        await expect(window.status).to_contain_text("tiny")
        await window.picture("llama")


async def test_the_answer_streams_and_its_markup_stays_text(opened: Opener, model: FakeModel) -> None:
    gate = model.gate()
    words = tuple(ANSWER.split(" "))
    model.script(Reply(tokens=tuple(word + " " for word in words), gate=gate))
    window = await opened(model=model)
    await window.open_chat()
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


async def test_stop_ends_the_models_connection_and_keeps_the_part(opened: Opener, model: FakeModel) -> None:
    model.script(Reply(text="One two three and never an end.", hangs_after=3))
    window = await opened(model=model)
    await window.open_chat()
    await window.send("Count.")
    await expect(window.answers().last).to_contain_text("One two three")
    await window.picture("running")
    await window.button("Stop").click()
    await expect(window.button("Stop")).to_be_hidden()
    await expect(window.answers().last).to_contain_text("One two three")
    await (await model.next_request()).disconnect()
    await window.picture("stopped")


async def test_a_failure_says_what_to_do_and_gives_the_text_back(opened: Opener, model: FakeModel) -> None:
    model.script(Reply(status=401))
    window = await opened(model=model)
    await window.open_chat()
    await window.send("A long and careful question")
    await expect(window.chat.locator(".failure")).to_contain_text("key")
    await expect(window.input).to_have_value("A long and careful question")
    await window.picture("failure")

    await window.input.press("Enter")
    await expect(window.answers().last).to_contain_text("one word at a time")


async def test_what_was_typed_outlives_the_window(opened: Opener, model: FakeModel, home: Home) -> None:
    window = await opened(model=model)
    await window.open_chat()
    await window.input.fill("Half a thou")
    await window.input.press_sequentially("ght")
    async with home.editor(window.folder, model=model) as other:
        # it is with the session as soon as typing pauses
        while (await other.call("session/open"))["session"].get("draft") != "Half a thought":
            pass
    await window.page.reload()
    await expect(window.app).to_have_attribute("data-state", "ready")
    await expect(window.input).to_have_value("Half a thought")


async def test_code_is_copied_and_inserted_at_the_cursor(opened: Opener, model: FakeModel) -> None:
    model.script(Reply(text="Use this:\n\n```python\nimport pool\n```\n"))
    window = await opened(model=model)
    await window.open_file("pool.py")
    await window.open_chat()
    await window.send("What do I import?")
    block = window.answers().last.locator("pre")
    await expect(window.answers().last).to_contain_text("import pool")
    await block.hover()
    await window.button("Insert at cursor").click()
    await expect(window.page.locator(".tab.active.dirty")).to_be_visible()
    await expect(window.page.locator(".editor-instance .view-lines")).to_contain_text("import pool")


async def test_mentions_are_proposed(opened: Opener, model: FakeModel) -> None:
    window = await opened(model=model)
    await window.open_chat()
    await window.input.press_sequentially("/ex")
    option = window.chat.locator(".completions [role=option]", has_text="explain").first
    await option.wait_for()
    await window.picture("mentions")
    await option.click()
    await expect(window.input).to_have_value("/explain ")


async def test_the_terminal_reads_what_was_said_here(
    opened: Opener, model: FakeModel, home: Home, project: Path
) -> None:
    window = await opened(model=model)
    await window.open_chat()
    await window.send("Remember the pool")
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.button("Stop")).to_be_hidden()
    listing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rejoinder", "session", "show", "Remember the pool"),
        cwd=project,
        env=home.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await listing.communicate()
    assert "Remember the pool" in shown.decode()
    assert "one word at a time" in shown.decode()
