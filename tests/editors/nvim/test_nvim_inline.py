"""Changes that are shown within files: asked for at the cursor or about lines, and those of a whole answer."""

from collections.abc import Callable
from pathlib import Path

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply

Open = Callable[..., Neovim]
Picture = Callable[..., None]

CHANGED = (
    "```python\n    def take(self):\n"
    '        """The connection that waited longest and still answers."""\n        while self.idle:\n'
    "            connection = self.idle.pop(0)\n            if connection.ping():\n"
    "                return connection\n        return None\n```\n"
)
WRITTEN = "```python\n    def close(self):\n        self.idle.clear()\n\n```\n"
TWO_FILES = """Both of them:

```python
src/pool.py
<<<<<<< SEARCH
    def __init__(self, limit=8):
=======
    def __init__(self, limit=10):
>>>>>>> REPLACE
```

```markdown
README.md
<<<<<<< SEARCH
eight at most
=======
ten at most
>>>>>>> REPLACE
```
"""
WAITS = "return require('rejoinder.proposal').waits()"


def lines_of(editor: Neovim, name: str) -> list[str]:
    """The lines of the buffer of a file."""
    found: list[str] = editor.lua("return vim.api.nvim_buf_get_lines(vim.fn.bufnr(...), 0, -1, false)", name)
    return found


def test_a_change_is_shown_in_the_file_and_taken_in_parts(
    open_neovim: Open, model: FakeModel, picture: Picture
) -> None:
    model.script(Reply(text=CHANGED), Reply(text=CHANGED), Reply(text=WRITTEN), Reply(tokens=("no",), hangs_after=0))
    editor = open_neovim("src/pool.py", url=model.url)
    before = editor.lines()
    editor.press(":11,17Rejoinder change take the oldest<CR>")
    editor.until(WAITS)
    editor.until_screen("waited longest and still answers")
    editor.until_screen("1/2  ga take")
    picture(editor, "inline")
    assert editor.lines() == before and "take the oldest" in str(model.requests[0].json)
    editor.press("]c")
    editor.press("ga")
    assert "            connection = self.idle.pop(0)" in editor.lines()
    assert '        """A connection that still answers."""' in editor.lines()
    editor.press("gx")
    assert editor.lua(WAITS) is False and editor.lua("return vim.fn.maparg('ga', 'n')") == ""
    editor.press("u")
    assert editor.lines() == before

    editor.command("11,17Rejoinder change take the oldest")
    editor.until(WAITS)
    editor.press("gA")
    assert "            connection = self.idle.pop(0)" in editor.lines()
    editor.command("Rejoinder undo")
    assert editor.lines() == before

    # at the cursor
    editor.press("18G0")
    editor.command("Rejoinder change a method that closes all")
    editor.until(WAITS)
    editor.until_screen("self.idle.clear()")
    picture(editor, "inline-written")
    editor.command("Rejoinder accept all")
    assert "        self.idle.clear()" in editor.lines()

    editor.command("Rejoinder change never mind")
    editor.until_screen("writing…")
    editor.command("Rejoinder stop")
    editor.until_screen_without("writing…")
    assert editor.lua(WAITS) is False


def test_an_answer_changes_several_files_and_is_taken_back(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    model.script(Reply(text=TWO_FILES))
    editor = open_neovim("src/pool.py", url=model.url)
    before, about = editor.lines(), (project / "README.md").read_text().splitlines()
    open_chat(editor)
    ask(editor, "Ten, please.")
    editor.until_text("README.md")
    idle(editor)
    editor.command("Rejoinder applyall")
    editor.until(WAITS)
    editor.until_screen("Rejoinder: changes")
    editor.until_screen("def __init__(self, limit=10):")
    picture(editor, "apply-all")
    assert editor.lua("return #vim.fn.getqflist()") == 2
    editor.command("Rejoinder accept all")
    assert "    def __init__(self, limit=10):" in lines_of(editor, "pool.py")
    assert "The pool keeps database connections, ten at most." in lines_of(editor, "README.md")
    editor.command("Rejoinder undo")
    assert lines_of(editor, "pool.py") == before
    assert lines_of(editor, "README.md") == about
