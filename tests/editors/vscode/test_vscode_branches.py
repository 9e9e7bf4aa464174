"""Asking again: a question edited and resent, another answer, other versions; the prompt, and code put somewhere."""

import re

import pytest
from playwright.async_api import Locator, expect

from e2e.kit import sent_texts
from editors.vscode.kept import Shared
from editors.vscode.window import Window
from fake_model import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE = "Use this:\n\n```py\nimport pool\n```\n"


async def test_a_question_is_edited_by_keys_alone_and_both_versions_stay(window: Window, shared: Shared) -> None:
    await asked(window, shared, "How many?", "Four of them.")
    await asked(window, shared, "And then?", "Then it opens one.")
    shared.model.script(Reply(text="Eight at most."))
    await window.questions().first.get_by_role("button", name="Edit and resend").focus()
    await window.page.keyboard.press("Enter")
    await expect(window.input).to_have_value("How many?")
    await window.picture("editing")
    await window.input.press("End")
    await window.input.press_sequentially(" At most?")
    await window.input.press("Enter")
    await expect(window.answers()).to_have_count(1)
    await expect(window.answers().last).to_contain_text("Eight at most.")
    assert "Four" not in shared.model.requests[-1].body.decode()

    switch = window.questions().first.get_by_role("group", name="Version 2 of 2")
    await expect(switch).to_be_visible()
    await window.picture("versions")
    await switch.get_by_role("button", name="Earlier version").focus()
    await window.page.keyboard.press("Enter")
    await expect(window.answers()).to_have_count(2)
    await expect(window.answers().last).to_contain_text("Then it opens one.")

    # what another editor takes up is taken up here
    async with shared.home.editor(window.folder, model=shared.model) as other:
        session = (await other.call("session/open"))["session"]
        messages = (await other.call("session/history", sessionId=session["sessionId"]))["messages"]
        later = messages[0]["siblings"][1]
        await other.call("session/rollback", sessionId=session["sessionId"], messageId=later, latest=True)
    await expect(window.answers()).to_have_count(1)
    await expect(window.answers().last).to_contain_text("Eight at most.")


async def test_an_answer_is_given_anew_also_by_another_model(window: Window, shared: Shared) -> None:
    await asked(window, shared, "How many?", "Four of them.")
    shared.model.script(Reply(text="Perhaps five."))
    await window.press(window.answers().last.get_by_role("button", name="Regenerate", exact=True))
    await expect(window.answers().last).to_contain_text("Perhaps five.")
    await expect(window.questions()).to_have_count(1)
    await expect(window.answers().last.get_by_role("group", name="Version 2 of 2")).to_be_visible()

    await window.command("Rejoinder: Regenerate with Another Model…")
    await window.press(window.rows.filter(has_not_text="fake").first)
    await expect(window.answers().last).to_contain_text("No model is set")
    await expect(window.answers().last.get_by_role("group", name="Version 3 of 3")).to_be_visible()

    # one that fails leaves the conversation as it was
    shared.model.script(Reply(status=401))
    await window.command("Rejoinder: Regenerate the Answer")
    await expect(window.chat.locator(".failure")).to_be_visible()
    await expect(window.answers().last).to_contain_text("No model is set")


async def test_the_effort_goes_along_and_the_prompt_is_shown(window: Window, shared: Shared) -> None:
    await asked(window, shared, "How many?", "Four of them.")
    await window.press(window.button("Effort"))
    await window.press(window.rows.filter(has_text="High"))
    await window.button("High effort").wait_for()
    await asked(window, shared, "Really?", "Really.")
    assert shared.model.requests[-1].json["reasoning_effort"] == "high"
    await window.press(window.button("High effort"))
    await window.press(window.rows.filter(has_text="As the model has it"))
    await window.button("Effort").wait_for()

    meter = window.chat.get_by_role("meter", name="Context")
    await expect(meter).to_have_attribute("aria-valuetext", re.compile(r"% full: [\d,]+ of [\d,]+ tokens"))
    await window.input.fill("And this one?")
    await window.press(window.button("Show prompt"))
    await window.page.locator(".tab.active[aria-label^='Prompt.md']").wait_for()
    lines = window.page.locator(".editor-instance .view-lines")
    await expect(lines).to_contain_text("What the model would get")
    await window.page.keyboard.press("Control+End")
    await expect(lines).to_contain_text("And this one?")
    await window.picture("prompt")
    await window.input.fill("")


async def test_code_goes_over_the_selection_and_into_a_new_file(window: Window, shared: Shared) -> None:
    await window.open_file("README.md")
    await asked(window, shared, "What do I import?", CODE)
    await window.press(code_button(window, "Replace the selection"))
    await expect(window.chat.locator(".failure")).to_contain_text("Nothing is selected")
    await window.open_file("README.md")
    await window.page.keyboard.press("Control+a")
    await window.press(code_button(window, "Replace the selection"))
    lines = window.page.locator(".editor-instance .view-lines")
    await expect(lines).to_have_text("import pool")
    await window.command("File: Revert File")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)

    await window.press(code_button(window, "Put into a new file"))
    await window.page.locator(".tab.active", has_text="Untitled").wait_for()
    await expect(lines).to_have_text("import pool")
    await expect(window.page.locator("#status\\.editor\\.mode")).to_contain_text("Python")
    await window.page.locator(".editor-instance .monaco-editor.focused").wait_for()
    await window.page.keyboard.press("Control+a")
    await window.page.keyboard.press("Delete")


async def test_a_file_is_attached_by_keys_alone_and_a_folder_by_its_name(window: Window, shared: Shared) -> None:
    (window.folder / "plans").mkdir(exist_ok=True)
    (window.folder / "plans" / "next.txt").write_text("Lend no more than eight.\n")
    await window.open_file("README.md")
    await window.open_chat()
    # what takes the focus later would close the picker
    await expect(window.input).to_be_focused()
    await window.button("Attach").focus()
    await window.page.keyboard.press("Enter")
    await window.page.locator(
        ".quick-input-widget:visible .monaco-list-row.focused", has_text="The file that"
    ).wait_for()
    await window.quick_input.press("Enter")
    chips = window.chat.locator(".composer .chip")
    await expect(chips).to_have_text(["README.md"])

    await window.input.evaluate(
        """(input, uri) => {
            const data = new DataTransfer();
            data.setData("application/vnd.code.uri-list", uri);
            input.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        (window.folder / "plans").as_uri().replace("file://", "vscode-remote://" + await authority(window)),
    )
    await expect(chips).to_have_text(["README.md", "plans/"])
    await window.picture("attached")
    await asked(window, shared, "How many?", "Eight.")
    # the server lists what is in the folder
    assert "plans/next.txt" in sent_texts(shared.model.requests[-1])[-1]
    await expect(chips).to_have_count(0)


async def authority(window: Window) -> str:
    """Who serves the folder: a part of its URI in a browser."""
    return str(await window.page.evaluate("location.host"))


async def asked(window: Window, shared: Shared, text: str, answer: str) -> None:
    """A question and its whole answer."""
    shared.model.script(Reply(text=answer))
    await window.open_chat()
    await window.send(text)
    await expect(window.answers().last).to_contain_text(answer.split()[0])
    await expect(window.button("Stop")).to_be_hidden()


def code_button(window: Window, name: str) -> Locator:
    """A button of the last answer's code."""
    return window.answers().last.locator(".code-bar").get_by_role("button", name=name)
