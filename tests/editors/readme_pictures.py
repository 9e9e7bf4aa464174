"""Takes all pictures of the pages anew, with the real editors and in a terminal.

`PYTHONPATH=tests python -m editors.readme_pictures FOLDER`
"""

import asyncio
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from e2e.kit import Home, home_in
from editors.nvim.conftest import ask, idle, lua_list, open_chat
from editors.nvim.picture import draw
from editors.nvim.process import Neovim
from editors.plain import plain_pictures as plain
from editors.plain.picture import draw as draw_terminal
from editors.vscode.code_server import install_extension
from editors.vscode.opening import open_window, settings_for
from editors.vscode.pool_project import POOL, small_project
from editors.vscode.window import Window
from fake_model import FakeModel, Reply
from terminal import Terminal

MODEL = "qwen3-coder"
CHANGE = """It can: while others give connections back, `idle` never runs out of dead ones, see `pool.py:13`.

So give up after as many tries as there were connections:

```python
pool.py
<<<<<<< SEARCH
        while self.idle:
=======
        for _ in range(len(self.idle)):
>>>>>>> REPLACE
```
"""
ANSWER = """`borrow` pops one connection after the other until one answers, see `pool.py:13-16`:

- one that is dead is dropped;
- when none is left, `connect` opens another.

To keep the oldest ones busy instead, take them from the front:

```python
connection = self.idle.pop(0)
```
"""
PLAIN: dict[str, Any] = {
    "editor.scrollbar.vertical": "hidden",
    "editor.scrollbar.horizontal": "hidden",
    "editor.fontSize": 13,
    "diffEditor.renderOverviewRuler": False,
    "window.commandCenter": False,
    "window.title": "${rootName}",
}


async def main(folder: Path) -> None:
    """Write all pictures."""
    plain.main(folder)
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        root = Path(place)
        home, model = stack.enter_context(home_in(root / "user")), stack.enter_context(FakeModel())
        project = small_project(root / "pool")
        # no line is longer than half of a window
        (project / "pool.py").write_text(POOL.replace(", and opens new ones when none is left", ""))
        # the first turn of an engine loads what the later ones have
        model.script(Reply(), Reply(text=ANSWER))
        await asyncio.to_thread(neovim, folder / "nvim-chat.png", home, project, model)
        model.script(Reply(text=ANSWER))
        await asyncio.to_thread(terminal, folder / "terminal.png", home, project, model)
        model.script(Reply(), Reply(text=CHANGE))
        await vscode(folder / "vscode-change.png", root, home, project, model)


def neovim(picture: Path, home: Home, project: Path, model: FakeModel) -> None:
    """A chat beside a file, on a light ground."""
    settings = f"model = 'openai-compatible:{MODEL}', baseUrl = '{model.url}', retrieve = false"
    init = (
        "vim.o.background, vim.o.fillchars = 'light', 'eob: '\n"
        f"vim.g.rejoinder = {{ cmd = {lua_list([sys.executable, '-m', 'rejoinder', 'serve'])} }}\n"
        f"vim.lsp.config('rejoinder', {{ settings = {{ rejoinder = {{ {settings} }} }} }})"
    )
    with closing(Neovim(project, home.environment, "pool.py", init=init, size=(118, 28))) as editor:
        open_chat(editor)
        ask(editor, "Hello?")
        editor.until_text("one word at a time")
        idle(editor)
        editor.command("Rejoinder new")
        editor.until_screen_without("Hello?")
        ask(editor, "How does borrow choose?")
        editor.until_text("self.idle.pop(0)")
        idle(editor)
        editor.press("GiWhat if the server closes all of them<Esc>")
        editor.redraw()
        draw(editor.screen, picture)


def terminal(picture: Path, home: Home, project: Path, model: FakeModel) -> None:
    """A chat in a terminal."""
    program = [sys.executable, "-m", "rejoinder", "chat", "--no-retrieve", "--new", "The pool"]
    command = [*program, "--model", f"openai-compatible:{MODEL}", "--base-url", model.url]
    environment = {**home.environment, "COLORTERM": "truecolor"}
    with Terminal(command, folder=project, environment=environment, columns=100, lines=24) as chat:
        chat.wait_for("The pool ›")
        chat.type("How does borrow choose?\r")
        chat.wait_for(" tokens · ")
        chat.wait_for(lambda: chat.lines[chat.cursor[0]].startswith("The pool ›"))
        chat.type("What if the server closes all of them")
        chat.wait_for("closes all of them")
        draw_terminal(chat, picture)


async def vscode(picture: Path, root: Path, home: Home, project: Path, model: FakeModel) -> None:
    """A change that an answer proposes, beside the file."""
    extensions = root / "extensions"
    await asyncio.to_thread(install_extension, extensions)
    chosen = settings_for(model.url) | {"rejoinder.model": f"openai-compatible:{MODEL}"}
    opening = open_window(project, home=home, data=root / "code", extensions=extensions, settings=PLAIN | chosen)
    async with opening as window:
        await window.open_chat()
        await widen(window, 420)
        await window.open_file("pool.py")
        await window.send("Hello?")
        await expect(window.answers().last).to_contain_text("one word at a time")
        await expect(window.button("Stop")).to_be_hidden()
        await window.new_session()
        await window.send("Can borrow run forever?")
        await expect(window.answers().last).to_contain_text("REPLACE")
        await expect(window.button("Stop")).to_be_hidden()
        code = window.answers().last.locator(".code").first
        await code.hover()
        await code.get_by_role("button", name="Apply").click()
        await expect(window.page.locator(".monaco-diff-editor .line-insert").first).to_be_visible()
        await window.page.mouse.move(900, 700)
        await window.input.click()
        await window.page.screenshot(path=picture, animations="disabled")


async def widen(window: Window, width: int) -> None:
    """Draw the side bar's edge."""
    box = await window.page.locator(".part.sidebar").bounding_box()
    assert box is not None
    edge, middle = box["x"] + box["width"], box["y"] + box["height"] / 2
    await window.page.mouse.move(edge, middle)
    await window.page.mouse.down()
    await window.page.mouse.move(box["x"] + width, middle, steps=8)
    await window.page.mouse.up()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
