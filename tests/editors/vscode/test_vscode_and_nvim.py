"""One session in both real editors, and in the terminal."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import expect

from e2e.kit import Home
from editors.nvim.conftest import ask, idle, lua_list, open_chat
from editors.nvim.process import MISSING, Neovim, program
from editors.vscode.opening import Opener
from editors.vscode.window import PICTURES
from fake_model import FakeModel, Reply

Start = Callable[[], Neovim]


@pytest.fixture
def neovim(home: Home, project: Path, model: FakeModel) -> Start:
    """Starts Neovim in the same project, of the same user."""
    if not program().exists():
        pytest.skip(MISSING)
    settings = f"model = 'openai-compatible:fake', baseUrl = '{model.url}', retrieve = false"
    init = (
        f"vim.g.rejoinder = {{ cmd = {lua_list([sys.executable, '-m', 'rejoinder', 'serve'])} }}\n"
        f"vim.lsp.config('rejoinder', {{ settings = {{ rejoinder = {{ {settings} }} }} }})"
    )
    return lambda: Neovim(project, home.environment, "pool.py", init=init, size=(110, 34))


async def test_one_session_in_both_editors_and_in_the_terminal(
    opened: Opener, neovim: Start, model: FakeModel, home: Home, project: Path
) -> None:
    model.script(Reply(text="Four, and no more."))
    window = await opened(model=model)
    await window.open_chat()
    await window.send("How many connections are kept?")
    await expect(window.answers().last).to_contain_text("Four, and no more.")
    await expect(window.button("Stop")).to_be_hidden()

    with closing(await asyncio.to_thread(neovim)) as editor:
        await asyncio.to_thread(open_chat, editor)
        assert "Four, and no more." in editor.lines()

        # sent in Neovim, streams in VS Code
        gate = model.gate()
        model.script(Reply(tokens=("Because ", "the server ", "allows ", "five."), gate=gate))
        await asyncio.to_thread(ask, editor, "Why so few?")
        gate.release(3)
        await expect(window.questions().last).to_contain_text("Why so few?")
        await expect(window.answers().last).to_contain_text("Because the server")
        await asyncio.to_thread(editor.until_text, "Because the server")
        await expect(window.answers().last).not_to_contain_text("five.")
        await window.picture("with-nvim")
        picture(editor, "with-vscode")
        gate.open()
        await expect(window.answers().last).to_contain_text("allows five.")
        await asyncio.to_thread(idle, editor)

        # sent in VS Code, streams in Neovim
        gate = model.gate()
        model.script(Reply(tokens=("By ", "ping, ", "each ", "time."), gate=gate))
        await expect(window.button("Stop")).to_be_hidden()
        await window.send("How are they checked?")
        gate.release(3)
        await asyncio.to_thread(editor.until_text, "How are they checked?")
        await asyncio.to_thread(editor.until_text, "By ping,")
        assert "time." not in "\n".join(editor.lines())
        gate.open()
        await asyncio.to_thread(editor.until_text, "each time.")
        await asyncio.to_thread(idle, editor)

    shown = await terminal("session", "show", "How many connections are kept?", home=home, folder=project)
    wanted = ["Four, and no more.", "Why so few?", "allows five.", "How are they checked?", "each time."]
    assert sorted(wanted, key=shown.find) == wanted and all(text in shown for text in wanted)


async def terminal(*arguments: str, home: Home, folder: Path) -> str:
    """What the terminal's command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rejoinder", *arguments),
        cwd=folder,
        env=home.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return printed.decode()


def picture(editor: Neovim, name: str) -> None:
    """Keep Neovim's screen, if pictures are wanted."""
    if PICTURES:
        from editors.nvim.picture import draw

        editor.redraw()
        draw(editor.screen, Path(PICTURES) / f"nvim-{name}.png")
