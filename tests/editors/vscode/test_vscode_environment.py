"""What of the editor reaches the server: the user's keys, and what the window shows."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import expect

from e2e.kit import Home, sent_texts
from editors.vscode.code_server import install_package, pack
from editors.vscode.opening import Opener
from fake_model import FakeModel

HERE = Path(__file__).parent
KEY = "not-a-known-shape-of-key-4711"


@pytest.fixture
def linter(extensions: Path, tmp_path: Path) -> Path:
    """The folder of extensions with one in it that finds problems."""
    package = tmp_path / "linter.vsix"
    pack(HERE / "linter_extension", package)
    folder = tmp_path / "with-linter" / "extensions"
    shutil.copytree(extensions, folder)
    install_package(package, folder)
    return folder


async def test_a_key_reaches_the_server_and_no_file(
    opened: Opener, model: FakeModel, home: Home, tmp_path: Path
) -> None:
    window = await opened(model=model, settings={"rejoinder.apiKeyEnv": "TEAM_API_KEY"})
    await window.open_chat()
    await window.command("Rejoinder: Set a Key")
    await window.press(window.rows.filter(has_text="TEAM_API_KEY"))
    # as a password, so it is not shown
    asked = window.page.locator(".quick-input-widget:visible input[type=password]")
    await asked.fill(KEY)
    await asked.press("Enter")
    await expect(asked).to_have_count(0)
    # the server is started again with it
    await expect(window.app).to_have_attribute("data-state", "ready")
    await window.send("Who am I?")
    await expect(window.answers().last).to_contain_text("one word at a time")
    await expect(window.button("Stop")).to_be_hidden()
    assert model.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    written = [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert written == []


async def test_problems_of_another_extension_reach_the_model(opened: Opener, model: FakeModel, linter: Path) -> None:
    window = await opened(model=model, extensions=linter)
    await window.open_chat()
    await window.open_file("pool.py")
    await expect(window.page.locator(".squiggly-warning")).to_have_count(1)
    await window.open_chat()
    await window.send("What about @problems ?")
    await expect(window.answers().last).to_contain_text("one word at a time")
    assert "The first line is too plain" in sent_texts(model.requests[-1])[-1]
    await expect(window.button("Stop")).to_be_hidden()

    # the light bulb of a problem has it mended
    await window.open_file("pool.py")
    await window.page.keyboard.press("Control+Home")
    await window.page.keyboard.press("Control+.")
    fix = window.page.locator(".action-widget .monaco-list-row", has_text="Fix with Rejoinder").first
    await fix.wait_for()
    await window.picture("quick-fix")
    await window.press(fix)
    await expect(window.answers()).to_have_count(2)
    await expect(window.answers().last).to_contain_text("one word at a time")
    assert "Database connections" in sent_texts(model.requests[-1])[-1]
