"""What one does in the chat all day: attach, look at the prompt, fold, take code blocks over, complete."""

import json
from collections.abc import Callable

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import Call, FakeModel, Reply

Open = Callable[..., Neovim]
Picture = Callable[..., None]

ANSWER = "Use this:\n\n```python\nlimit = 9\nprint(limit)\n```\n\nor\n\n```lua\nlocal limit = 9\n```\n\nas you like.\n"
REDRAW = "require('rejoinder.chat').of_buffer():redraw()"
INPUT = "return require('rejoinder.chat').of_buffer().page:input()"
TOOLS = "tools = { use = { 'default' } }"
IN_FILE = "vim.fn.win_execute(vim.fn.bufwinid('src/pool.py'), ...)"
CLOSED = "return vim.fn.foldclosed(vim.fn.search(..., 'nw'))"
COMPLETED = """
_G.items = nil
local client = vim.lsp.get_clients({ bufnr = 0, name = 'rejoinder-chat' })[1]
client:request('textDocument/completion', vim.lsp.util.make_position_params(0, 'utf-8'), function(_, result)
  _G.items = vim.tbl_map(function(item) return item.textEdit.newText end, result.items)
end, 0)
"""


def test_code_blocks_are_taken_over_and_attachments_and_effort_go_along(
    open_neovim: Open, model: FakeModel, picture: Picture
) -> None:
    model.script(Reply(text=ANSWER, tokens=(ANSWER,)))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command("4,5Rejoinder attach")
    editor.until("local chat = require('rejoinder.chat').of_buffer(); return chat and chat.session ~= nil")
    editor.command("Rejoinder attach src")
    editor.until_screen("src/pool.py:4-5")
    assert editor.lua("return vim.fn.getcompletion('Rejoinder effort ', 'cmdline')")[-1] == "default"
    editor.request("nvim_input", ":Rejoinder effort<CR>")
    editor.until_screen("5:   high")
    picture(editor, "effort", asking=True)
    editor.request("nvim_input", "5<CR>")
    editor.until_screen("high effort")
    editor.press("iHow many?<Esc>")
    editor.press("gP")
    editor.until_screen("Prompt ·")
    editor.until_text("How many?")
    picture(editor, "prompt")
    assert "class ConnectionPool:" in "\n".join(editor.lines()) and model.requests == []
    editor.press("q")
    editor.press("<CR>")
    editor.until_text("as you like.")
    idle(editor)
    sent = json.dumps(model.requests[-1].json)
    assert '"reasoning_effort": "high"' in sent and "src/pool.py" in sent and "class ConnectionPool:" in sent
    editor.until_screen("context ")
    editor.until_screen("tokens")

    # below the cursor of the file, in the place of its selection, in a buffer of its own
    editor.lua(IN_FILE, "normal! 2G")
    editor.lua("vim.fn.search('print', 'bw')")
    editor.press("gp")
    file = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('src/pool.py'), 0, 4, false)"
    assert editor.lua(file)[1:3] == ["limit = 9", "print(limit)"]
    editor.lua(IN_FILE, "silent undo")
    editor.lua(IN_FILE, "normal! 1GVj\x1b")
    editor.press("gs")
    assert editor.lua(file)[:2] == ["limit = 9", "print(limit)"]
    picture(editor, "block-replaced")
    editor.lua("vim.fn.search('local limit', 'w')")
    editor.press("gb")
    editor.until("return vim.bo.filetype == 'lua' and vim.bo.buftype == ''")
    assert editor.lines() == ["local limit = 9"]
    assert editor.lua("return vim.v.errmsg") == ""


def test_messages_and_tool_output_are_folds(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    gate = model.gate()
    read = Reply(text="", calls=(Call("read_file", json.dumps({"path": "src/pool.py"})),), gate=gate)
    model.script(read, Reply(text=ANSWER, tokens=(ANSWER,)))
    editor = open_neovim("src/pool.py", url=model.url, settings=TOOLS)
    open_chat(editor)
    ask(editor, "What is in it?")
    # Neovim makes no folds while one types
    editor.press("GA")
    gate.open()
    editor.until_text("as you like.")
    idle(editor)
    editor.lua(REDRAW)
    editor.press("<Esc>")
    # the output is there, below its call, and closed
    assert any("class ConnectionPool:" in line for line in editor.lines())
    assert editor.lua(CLOSED, "class ConnectionPool") == editor.lua("return vim.fn.search('▸ read_file', 'nw')")
    assert editor.lua(CLOSED, "What is in it") == -1
    editor.until_screen("lines")
    editor.lua("vim.fn.search('▸ read_file', 'bw')")
    editor.press("zo")
    editor.until_screen("class ConnectionPool:")
    picture(editor, "tool-output")
    editor.lua(REDRAW)
    assert editor.lua(CLOSED, "class ConnectionPool") == -1
    editor.press("GA")
    editor.lua(REDRAW)
    editor.lua(REDRAW)
    editor.press("<Esc>")
    assert editor.lua(CLOSED, "class ConnectionPool") == -1
    editor.press("ggzM")
    editor.until_screen("You  What is in it?")
    picture(editor, "folded")
    assert editor.lua("return vim.fn.foldlevel('$')") == 0
    editor.press("zR")
    # it is there again in a history, as typing ends, and after a redraw
    editor.command("bwipeout!")
    open_chat(editor)
    editor.until_text("as you like.")
    assert editor.lua(CLOSED, "class ConnectionPool") > 0
    # and after somebody deleted it
    before = editor.lines()
    editor.press("Gdgg")
    editor.until("return vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), ...)", before)
    assert editor.lua(CLOSED, "class ConnectionPool") > 0
    # no block of the output counts as one of the answer's, and the message can be remembered by its key
    editor.lua("vim.fn.search('print(limit)', 'bw')")
    editor.press("gy")
    assert editor.lua("return vim.fn.getreg('\"')") == "limit = 9\nprint(limit)\n"
    editor.press("gm")
    editor.until_screen("Remembered: ")


def test_completion_plug_ins_are_served_by_plain_lsp(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim("src/pool.py", url=model.url, lua="vim.g.rejoinder = { complete = false }", server=None)
    assert editor.lua("return require('rejoinder.config').get().complete") is False
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("iLook at @file:po")
    editor.press("<C-e>")
    editor.lua(COMPLETED)
    ((found,),) = editor.until("return _G.items and { _G.items }")
    assert "src/pool.py" in found
    # what stands above the last heading is no input
    editor.press("<Esc>gg")
    editor.lua(COMPLETED)
    assert editor.until("return _G.items and { _G.items }") == [[]]
