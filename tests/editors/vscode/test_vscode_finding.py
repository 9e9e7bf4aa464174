"""Where the server is looked for, in a workspace that is trusted and in one that is not."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from editors.vscode.code_server import install_package, pack
from editors.vscode.opening import Opener
from fake_model import FakeModel
from rejoinder.engine.claim import read_holder

HERE = Path(__file__).parent


@pytest.fixture
def python_extension(extensions: Path, tmp_path: Path) -> Path:
    """The folder of extensions with a stand-in for the Python extension in it."""
    package = tmp_path / "python.vsix"
    pack(HERE / "python_extension", package)
    folder = tmp_path / "with-python" / "extensions"
    shutil.copytree(extensions, folder)
    install_package(package, folder)
    return folder


async def test_the_environment_of_the_python_extension_serves(
    opened: Opener, bare_path: str, python_extension: Path
) -> None:
    interpreter = {"python.defaultInterpreterPath": sys.executable}
    window = await opened(path=bare_path, extensions=python_extension, settings=interpreter)
    await window.open_chat()
    await expect(window.chat.locator("body")).to_contain_text("No model is set")


async def test_no_setting_of_an_untrusted_workspace_counts(
    opened: Opener, model: FakeModel, project: Path, tmp_path: Path
) -> None:
    called = tmp_path / "called"
    program = project / "rejoinder"
    program.write_text(f'#!/bin/sh\ntouch "{called}"\n')
    program.chmod(0o755)
    (project / ".vscode").mkdir()
    bad = {"rejoinder.path": str(program), "rejoinder.model": "openai-compatible:fake", "rejoinder.baseUrl": model.url}
    (project / ".vscode" / "settings.json").write_text(json.dumps(bad))

    trust = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    window = await opened(settings=trust)
    await window.open_chat()
    await window.picture("not-trusted")
    await expect(window.page.locator(".statusbar")).to_contain_text("Restricted Mode")
    await expect(window.status).to_contain_text("No model")
    await window.send("Is anybody there?")
    await expect(window.answers().last).to_contain_text("No model is set")
    assert not called.exists()
    assert model.requests == []


async def test_the_folder_of_the_sessions_may_be_another(opened: Opener, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    window = await opened(settings={"rejoinder.dataDir": str(elsewhere)})
    await window.open_chat()
    assert read_holder(elsewhere) is not None
