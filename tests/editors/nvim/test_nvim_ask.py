"""Questions about lines: a float beside them, and edits that are shown before they are taken."""

from collections.abc import Callable

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply

Open = Callable[..., Neovim]
Picture = Callable[..., None]

FIXED = (
    "The list was popped from the wrong end:\n\n```python\n    def take(self):\n"
    '        """The connection that waited longest."""\n        return self.idle.pop(0)\n```\n'
)
SELECTION = "11,17"


def test_question_about_a_selection_of_an_unsaved_buffer(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    gate = model.gate()
    model.script(Reply(tokens=("It **pops** ", "the last one,\n", "then asks it."), gate=gate))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.lua("vim.api.nvim_buf_set_lines(0, 13, 13, false, { '    # not on the disk yet' })")
    editor.press("14GVj")
    editor.press(":Rejoinder ask Is this safe?<CR>")
    editor.until_screen("Ask: Is this safe?")
    gate.release(3)
    editor.until_screen("the last one")
    picture(editor, "ask")
    gate.open()
    editor.until_screen("goes on in the chat")
    assert "not on the disk yet" in str(model.requests[0].json)
    assert "class ConnectionPool" not in str(model.requests[0].json)
    editor.press("gc")
    editor.until_text("then asks it.")
    assert "Is this safe?" in editor.lines()
    editor.until_screen("Attached")
    picture(editor, "ask-in-chat")


def test_accepted_edit_can_be_undone(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    model.script(Reply(tokens=(FIXED,)))
    editor = open_neovim("src/pool.py", url=model.url)
    before = editor.lines()
    editor.command(f"{SELECTION}Rejoinder fix")
    editor.until_screen("ga applies")
    picture(editor, "fix")
    editor.press("ga")
    editor.until_screen("ga take")
    picture(editor, "diff")
    assert editor.lines() == before
    editor.press("gA")
    editor.until_screen_without("ga take")
    assert "        return self.idle.pop(0)" in editor.lines()
    assert "            connection = self.idle.pop()" not in editor.lines()
    editor.press("u")
    assert editor.lines() == before


def test_rejected_edit_changes_nothing(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(tokens=(FIXED,)))
    editor = open_neovim("src/pool.py", url=model.url)
    before = editor.lines()
    editor.command(f"{SELECTION}Rejoinder fix")
    editor.until_screen("ga applies")
    editor.press("ga")
    editor.until_screen("ga take")
    editor.press("gX")
    editor.until_screen_without("ga take")
    assert editor.lines() == before
    assert editor.lua("return vim.bo.modified") is False


def test_block_of_the_chat_is_applied(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(tokens=(FIXED,)))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command(f"{SELECTION}Rejoinder chat")
    editor.until_screen("+ src/pool.py:11-17")
    ask(editor, "Take the oldest one.")
    editor.until_text("pop(0)")
    idle(editor)
    editor.lua("vim.fn.search('pop(0)')")
    editor.command("Rejoinder apply")
    editor.until_screen("ga take")
    editor.press("gA")
    editor.until(
        "return vim.iter(vim.api.nvim_list_bufs()):any(function(buf)"
        " return vim.api.nvim_buf_get_name(buf):match('pool.py$') and"
        " vim.list_contains(vim.api.nvim_buf_get_lines(buf, 0, -1, false), '        return self.idle.pop(0)') end)"
    )


def test_text_that_is_no_edit_says_so(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(text="No code here."))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command(f"{SELECTION}Rejoinder explain")
    editor.until_screen("goes on in the chat")
    editor.press("ga")
    editor.until_screen("There is no code block here.")


def test_ask_that_is_stopped_keeps_its_part(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(tokens=("A beginning", " and", " more"), hangs_after=2))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command("Rejoinder explain")
    editor.until_screen("A beginning and")
    editor.press("<C-c>")
    editor.until_screen("stopped ·")
    assert model.requests[0].disconnected.wait(20)


def test_failed_ask_says_what_to_do(open_neovim: Open, model: FakeModel) -> None:
    model.script(*[Reply(status=401)] * 4)
    editor = open_neovim("src/pool.py", url=model.url)
    buffers = editor.request("nvim_list_bufs")
    editor.command("Rejoinder ask Who may?")
    editor.until_screen("failed ·")
    editor.until_screen("apiKeyEnv")
    editor.press("q")
    assert editor.request("nvim_list_bufs") == buffers


def test_unnamed_buffer_can_be_asked_about(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim(url=model.url)
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'select * from nowhere' })")
    editor.command("1,1Rejoinder explain")
    editor.until_screen("goes on in the chat")
    assert "select * from nowhere" in str(model.requests[0].json)


def test_turn_of_an_ask_shows_in_an_open_chat(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(text="From the float."))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("<C-w>p")
    editor.command("Rejoinder ask Where does this show?")
    editor.until_screen("goes on in the chat")
    editor.press("q")
    editor.until_screen("From the float.")
