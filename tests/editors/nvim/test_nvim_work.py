"""Conversations looked after, the index, files found, and commit messages: one Neovim for all of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply
from rejoinder_client import Client

Open = Callable[..., Neovim]
Picture = Callable[..., None]

SELECTING = """
vim.ui.select = function(items, options, use)
  local lines = vim.tbl_map(options.format_item or tostring, items)
  local preview = options.preview_item and options.preview_item(items[1]).buf
  _G.picking = { lines = lines, prompt = options.prompt, items = items, use = use, preview = preview }
end
function _G.picked(text)
  for at, line in ipairs(picking.lines) do
    if line:find(text, 1, true) then
      local use, item = picking.use, picking.items[at]
      _G.picking = nil
      use(item, at)
      return true
    end
  end
  return picking.lines
end
"""
"""What a picker plug-in does with `vim.ui.select`, with the previews that Neovim's own interface offers for it."""

TELESCOPE = """
local function module(name, fields)
  package.loaded['telescope.' .. name] = fields
end
local act
module('actions', { close = function() end, select_default = { replace = function(_, given) act = given end } })
module('actions.state', { get_selected_entry = function() return _G.entry end })
module('config', { values = { generic_sorter = function() end } })
module('finders', { new_table = function(given)
  return vim.tbl_map(given.entry_maker, given.results)
end })
module('previewers', { new_buffer_previewer = function(given) return given end })
module('pickers', { new = function(_, picker)
  return { find = function()
    picker.attach_mappings(1)
    local buf = vim.api.nvim_create_buf(false, true)
    _G.entry = picker.finder[1]
    picker.previewer.define_preview({ state = { bufnr = buf } }, _G.entry)
    _G.telescope = { title = picker.prompt_title, line = _G.entry.display, buf = buf }
    function _G.take() act() end
  end }
end })
loadstring('vim.ui.select = function() error("without a preview") end', '@telescope/_extensions/ui-select.lua')()
"""
"""The parts of Telescope that are used, with its `vim.ui.select` in force."""

NAME = "vim.tbl_get(require('rejoinder.chat').current(), 'session', 'name')"


def completed(editor: Neovim, line: str) -> list[str]:
    found: list[str] = editor.lua("return vim.fn.getcompletion(..., 'cmdline')", line)
    return found


def choose(editor: Neovim, text: str) -> None:
    """Wait for a picker, and choose the line that holds a text."""
    editor.until("return _G.picking ~= nil")
    assert editor.lua("return picked(...)", text) is True


def test_conversations_are_looked_after(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture, tmp_path: Path
) -> None:
    model.script(Reply(text="Eight of them."))
    editor = open_neovim("src/pool.py", url=model.url, lua=SELECTING)
    open_chat(editor)
    ask(editor, "How many?")
    idle(editor)
    assert completed(editor, "Rejoinder session ar") == ["archive"]
    assert completed(editor, "Rejoinder index e") == ["explain"]

    editor.command("Rejoinder session pin")
    editor.until_screen("is pinned.")
    exported = tmp_path / "kept.md"
    editor.command(f"Rejoinder session export {exported}")
    editor.until_screen("Written to")
    assert "Eight of them." in exported.read_text()
    editor.command("Rejoinder session fork Another way")
    editor.until(f"return {NAME} == 'Another way'")

    editor.command("Rejoinder sessions")
    editor.until("return _G.picking ~= nil")
    assert any("pinned" in line for line in editor.lua("return picking.lines"))
    preview = "return table.concat(vim.api.nvim_buf_get_lines(picking.preview, 0, -1, false), '\\n')"
    editor.until(f"return ({preview[7:]}):find('Eight of them.', 1, true)")
    assert "# You" in editor.lua(preview)
    choose(editor, "pinned")
    editor.until("return vim.tbl_get(require('rejoinder.chat').current(), 'session', 'pinned')")

    editor.command("wincmd p")
    editor.command("Rejoinder session")
    choose(editor, "Another way")
    editor.until("return _G.picking ~= nil and picking.prompt:find('Another way') ~= nil")
    choose(editor, "archive")
    editor.until_screen("is archived.")
    with Client(folders=[project]) as other:
        assert [one.name for one in other.sessions.list(archived=True)] == ["Another way"]
        editor.command("Rejoinder session unarchive")
        choose(editor, "Another way")
        editor.until_screen("is in the list again.")
        editor.command("Rejoinder session delete")
        choose(editor, "Another way")
        editor.until_screen("was deleted.")
        assert "Another way" not in [one.name for one in other.sessions.list()]
        editor.command("Rejoinder restore")
        editor.until(f"return {NAME} == 'Another way'")
        assert "Another way" in [one.name for one in other.sessions.list()]


def test_index_files_prompts_and_commit_messages(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    (project / ".gitignore").write_text("secret.txt\n")
    (project / "secret.txt").write_text("nothing to find\n")
    model.script(Reply(text="```\nLet the pool hold ten\n\nThe server allows as many.\n```"))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command("Rejoinder find connections that were used before")
    editor.until("return vim.bo.buftype == 'quickfix'")
    found = editor.lua("return vim.tbl_map(function(one) return vim.fn.bufname(one.bufnr) end, vim.fn.getqflist())")
    assert any(name.endswith("pool.py") for name in found)
    picture(editor, "find")
    editor.press("<CR>")
    editor.command("Rejoinder index explain secret.txt")
    editor.until_screen("secret.txt is not found:")
    editor.command("Rejoinder index explain src/pool.py")
    editor.until_screen("is found (")
    editor.command("Rejoinder index pause")
    editor.until_screen("The index is paused")
    editor.command("Rejoinder index")
    editor.until_text("state      paused")
    picture(editor, "index")
    editor.press("q")
    editor.command("Rejoinder index resume")
    editor.until_screen("The index goes on.")
    editor.command("Rejoinder index rebuild")
    editor.until_screen("All files are read anew.")

    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "First"], check=True)
    (project / "README.md").write_text("# Shop\n\nTen at most.\n")
    message = project / ".git" / "COMMIT_EDITMSG"
    message.write_text("\n# Please enter the commit message.\n")
    editor.command(f"edit {message}")
    editor.command("Rejoinder commit")
    editor.until_text("Let the pool hold ten")
    assert editor.lines() == [
        *("Let the pool hold ten", "", "The server allows as many.", ""),
        "# Please enter the commit message.",
    ]
    assert "Ten at most." in str(model.requests[-1].json)


def test_telescope_has_a_preview_too(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(text="Eight of them."))
    editor = open_neovim("src/pool.py", url=model.url, lua=TELESCOPE)
    open_chat(editor)
    ask(editor, "How many?")
    idle(editor)
    editor.command("Rejoinder sessions")
    shown = editor.until("return _G.telescope")
    assert shown["title"] == "Conversations" and "2 messages" in shown["line"]
    editor.until(
        "return vim.list_contains(vim.api.nvim_buf_get_lines(..., 0, -1, false), 'Eight of them.')", shown["buf"]
    )
    editor.command("bwipeout!")
    editor.lua("take()")
    editor.until_text("Eight of them.")
