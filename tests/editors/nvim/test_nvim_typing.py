"""Typing while an answer comes in."""

from collections.abc import Callable

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply

Open = Callable[..., Neovim]

FIRST = "A pool with **one list** is enough:\n\n```python\nidle = []\n```\n\nThat is all of it.\n\n"

# counts what comes in within a moment after a key, and what of it is drawn as it comes
WATCH = """
_G.came, _G.soon, _G.drawn_soon = 0, 0, 0
local key, drawn = 0, false
vim.on_key(function(_, typed)
  key = typed ~= '' and vim.uv.hrtime() or key
end)
local page, turns = require('rejoinder.chat.page'), require('rejoinder.turns')
local append, update = page.append, turns.update
page.append = function(...)
  drawn = true
  return append(...)
end
turns.update = function(id, params)
  local is_soon = vim.uv.hrtime() - key < 5e7
  drawn = false
  update(id, params)
  if params.update.type == 'text' then
    came = came + 1
    soon, drawn_soon = soon + (is_soon and 1 or 0), drawn_soon + (is_soon and drawn and 1 or 0)
  end
end
"""
CONCEALED = """
local spaces = vim.api.nvim_get_namespaces()
return #vim.api.nvim_buf_get_extmarks(0, spaces['nvim.treesitter.highlighter'], 0, -1, {})
"""

# what treesitter takes each line for that is drawn as "You"
HEADINGS = """
local root, found = vim.treesitter.get_parser(0, 'markdown'):parse()[1]:root(), {}
for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
  if line == '# You' then
    table.insert(found, root:named_descendant_for_range(row - 1, 2, row - 1, 3):parent():type())
  end
end
return found
"""


def test_no_key_waits_for_the_answer_that_comes_in(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    words = [f"word{number} " for number in range(1000)]
    model.script(Reply(tokens=(FIRST, *words), gate=gate))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How would a short pool look?")
    gate.release(2)
    editor.until_screen("That is all of it.")
    editor.lua(WATCH)
    editor.press("GA")
    typed = 0

    def type_until(condition: str, *arguments: object) -> None:
        nonlocal typed
        while not editor.lua(condition, *arguments):
            editor.request("nvim_input", "x")
            typed += 1

    # what comes in is held while keys go on
    for sent in range(1, 900):
        gate.release()
        type_until("return came >= ...", sent)
        if editor.lua("return soon") >= 5:
            break
    assert editor.lua("return drawn_soon") == 0
    # and is there although they go on
    in_buffer = "return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false)):find(..., 1, true) ~= nil"
    type_until(in_buffer, f"word{sent - 1} ")
    # no line is concealed: with such lines a key draws the whole window anew
    assert editor.lua(CONCEALED) == 0
    # nor is anything of it lost
    gate.release()
    type_until("return came > ...", sent)
    gate.open()
    editor.press("<Esc>")
    idle(editor)
    assert editor.lines()[-1] == "x" * typed
    assert "\n".join(editor.lines()).count("".join(words).strip()) == 1


def test_what_stands_below_a_block_that_is_open_is_no_code(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(tokens=("Take\n\n", "```python\nidle = []\n", "size = 8\n", "```\n\nall.\n"), gate=gate))
    model.script(Reply(text="Take\n\n~~~~lua\nlocal idle = {}", finish="length"))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How?")
    gate.release(3)
    editor.until_text("idle = []")
    editor.press("GAmine<Esc>")
    assert editor.lines()[-5:] == ["", "```", "# You", "", "mine"]
    assert editor.lua(HEADINGS) == ["atx_heading"] * 2
    gate.open()
    idle(editor)
    assert editor.lines()[-7:] == ["```", "", "all.", "", "# You", "", "mine"]

    # one that is cut off is closed as well, also when it is drawn anew
    editor.press("Gdd")
    ask(editor, "And in Lua?")
    idle(editor)
    drawn = editor.lines()
    assert drawn[-5:] == ["local idle = {}", "~~~~", "# You", "", ""]
    assert editor.lua(HEADINGS) == ["atx_heading"] * 3
    editor.command("bwipeout!")
    open_chat(editor)
    assert editor.lines() == drawn
