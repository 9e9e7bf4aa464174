"""The first time: nothing is configured, and perhaps nothing is installed."""

import re
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

import llama
from editors.vscode.opening import Opener
from fake_model import FakeModel


async def test_with_nothing_configured_the_project_itself_answers(opened: Opener) -> None:
    window = await opened()
    await window.open_chat()
    await expect(window.chat.locator("body")).to_contain_text("No model is set")
    await window.picture("first-run")

    await window.send("Where are connections given back?")

    answer = window.answers().last
    await expect(answer).to_contain_text("give_back")
    await expect(answer).to_contain_text("No model is set")
    await expect(window.button("Stop")).to_be_hidden()
    await window.picture("no-model-answer")
    await window.press(answer.locator(".citation", has_text="pool.py").first)
    await expect(window.page.locator(".tab.active[aria-label^='pool.py']")).to_be_visible()
    # the lines in question are selected
    await expect(window.page.locator(".statusbar")).to_contain_text("selected)")
    await expect(window.status).to_contain_text("No model")
    await expect(window.page.locator(".statusbar-item a[aria-label^='Index: ready, 2 files']")).to_be_visible()


async def test_a_model_on_this_machine_is_offered_and_used_after_a_yes(opened: Opener) -> None:
    with FakeModel(models=("small", "large")) as local:
        nowhere = {"lmstudio": "", "llamacpp": "", "vllm": ""}
        window = await opened(settings={"rejoinder.servers": {"ollama": local.url, **nowhere}})
        await window.open_chat()
        offer = "A model is at hand: small at"
        await window.notified(offer)
        await window.picture("model-offered")
        await window.send("Who answers?")
        await expect(window.answers().last).to_contain_text("No model is set")
        await expect(window.button("Stop")).to_be_hidden()
        assert local.requests == []

        await window.answer_notification(offer, "Choose…")
        await window.rows.filter(has_text="large at").wait_for()
        await window.picture("models")
        await window.press(window.rows.filter(has_text="large at"))
        await expect(window.status).to_contain_text("large")
        await window.send("And now?")
        await expect(window.answers().last).to_contain_text("one word at a time")
        assert local.requests[-1].json["model"] == "large"

        # asked for by hand: the status bar has it too, and another can be named
        await window.press(window.status)
        await window.press(window.rows.filter(has_text="Another model"))
        await expect(window.quick_input).to_have_value("ollama:large")
        await window.quick_input.fill("ollama:small")
        await window.quick_input.press("Enter")
        await expect(window.status).to_contain_text("small")


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


async def test_without_server_and_python_a_page_says_what_to_do(opened: Opener, bare_path: str, tmp_path: Path) -> None:
    window = await opened(path=bare_path)
    await window.open_chat(state="missing")
    await expect(window.app).to_contain_text("There is no Python on this machine either.")
    await expect(window.app).to_contain_text("Install Python 3.11 or newer")
    await expect(window.status).to_have_attribute("class", re.compile("warning"))
    await window.picture("no-python")

    await window.press(window.button("Copy the Install Command"))
    await expect(window.page.locator(".statusbar")).to_contain_text("Copied: pipx install rejoinder")
    await window.press(window.button("Open Settings"))
    await expect(window.page.locator(".settings-editor")).to_contain_text("Rejoinder")
    await window.page.keyboard.press("Escape")

    (tmp_path / "bin" / "rejoinder").symlink_to(server())
    await window.press(window.button("Try Again"))
    await expect(window.app).to_have_attribute("data-state", "ready")


async def test_a_wrong_path_in_the_settings_is_named(opened: Opener) -> None:
    window = await opened(settings={"rejoinder.path": "/nowhere/rejoinder"})
    await window.open_chat(state="missing")
    await expect(window.app).to_contain_text("/nowhere/rejoinder, which cannot be run: there is no such program")


async def test_uvx_is_used_after_a_yes_alone(opened: Opener, bare_path: str, tmp_path: Path) -> None:
    called = tmp_path / "uvx-called"
    uvx = tmp_path / "bin" / "uvx"
    uvx.write_text(
        f'#!/bin/sh\necho "$@" >>"{called}"\n[ "$1" = --version ] && exit 0\nshift\nexec "{server()}" "$@"\n'
    )
    uvx.chmod(0o755)
    window = await opened(path=bare_path)
    await window.open_chat(state="missing")
    assert called.read_text().split() == ["--version"]

    await window.press(window.button("Run It with uvx"))
    await expect(window.app).to_have_attribute("data-state", "ready")
    assert called.read_text().splitlines()[-1] == "rejoinder serve"


def server() -> Path:
    """The server of the environment that runs the tests."""
    return Path(sys.executable).parent / "rejoinder"
