"""The chat in a real Neovim: first run, stream, following, stopping, undo, failure."""

from collections.abc import Callable

import pytest

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from editors.nvim.screen import Look
from fake_model import FakeModel, Reply

Open = Callable[..., Neovim]
Picture = Callable[..., None]

ANSWER = (
    "A pool with **one list** is enough:\n\n```python\nclass Pool:\n    def __init__(self, limit=8):\n"
    "        self.idle = []\n        self.limit = limit\n```\n\nSee `src/pool.py:4` for the longer one.\n"
)


LEAST_CONTRAST = 3.0


def contrast(look: Look) -> float:
    """The ratio of luminances of text and ground as WCAG 2.2 has it, 1 to 21."""

    def luminance(colour: int) -> float:
        parts = [(colour >> shift & 255) / 255 for shift in (16, 8, 0)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(look.foreground), luminance(look.background)))
    return (light + 0.05) / (dark + 0.05)


def test_first_run_with_nothing_configured(open_neovim: Open, picture: Picture) -> None:
    editor = open_neovim("src/pool.py")
    editor.command("Rejoinder chat")
    editor.until_screen("No model is set")
    picture(editor, "first-run")
    ask(editor, "How many connections does the pool keep?")
    editor.until_text("Sources:")
    assert any(line.startswith("- src/pool.py:") for line in editor.lines())
    idle(editor)
    picture(editor, "first-answer")


def test_answer_streams_in_and_the_window_follows(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    gate = model.gate()
    model.script(Reply(tokens=(ANSWER, *(f"- line {number}\n" for number in range(60))), gate=gate))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How would a short pool look?")
    gate.release(8)
    editor.until_screen("line 5")
    editor.until_screen("Answering")
    picture(editor, "stream")
    gate.open()
    editor.until_screen("line 59")
    idle(editor)
    assert editor.lines()[-4:] == ["", "# You", "", ""]
    assert "\n".join(editor.lines()).count(ANSWER.strip()) == 1


def test_finished_answer(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    model.script(Reply(text=ANSWER, tokens=(ANSWER,)))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How would a short pool look?")
    idle(editor)
    editor.until_screen("fake ·")
    picture(editor, "answer")


def test_window_that_was_scrolled_away_stays(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(tokens=tuple(f"- line {number}\n" for number in range(120)), gate=gate))
    editor = open_neovim(url=model.url)
    open_chat(editor)
    ask(editor, "Count.")
    gate.release(61)
    editor.until_screen("line 59")
    editor.press("gg")
    top = editor.lua("return vim.fn.line('w0')")
    gate.open()
    idle(editor)
    assert editor.lua("return { vim.fn.line('w0'), vim.fn.line('.') }") == [top, 1]
    assert editor.lines()[-5].endswith("line 119")


def test_stop_keeps_the_part_that_came(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    model.script(Reply(tokens=("A first half ", "and", " a second"), hangs_after=2))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "Tell me all.")
    editor.until_text("A first half and")
    editor.press("<C-c>")
    editor.until_screen("stopped")
    idle(editor)
    picture(editor, "stopped")
    assert "A first half and" in editor.lines()
    assert model.requests[0].disconnected.wait(20)


def test_undo_takes_back_only_what_was_typed(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    model.script(Reply(tokens=("one\n", "two\n", "three\n", "four"), gate=gate))
    editor = open_neovim(url=model.url)
    open_chat(editor)
    ask(editor, "Count.")
    gate.release(2)
    editor.until_text("one")
    editor.press("Gimy next question")
    gate.open()
    editor.until_text("four")
    idle(editor)
    editor.press(" and more<Esc>")
    assert editor.lines()[-1] == "my next question and more"
    before = editor.lines()[:-1]
    editor.press("A!<Esc>")
    editor.press("u")
    assert editor.lines()[-1] == "my next question and more"
    editor.press("u" * 10)
    assert editor.lines()[: len(before)] == before
    editor.press("<C-r>" * 10)
    assert editor.lines()[: len(before)] == before
    assert editor.lua("return vim.v.errmsg") == ""


def test_drawn_lines_come_back_when_they_are_deleted(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim(url=model.url)
    open_chat(editor)
    ask(editor, "Say something.")
    idle(editor)
    editor.press("Ga draft<Esc>")
    before = editor.lines()
    editor.command("%delete")
    editor.until("return vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), ...)", before)


def test_typing_begins_below_the_last_heading(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim(url=model.url)
    open_chat(editor)
    ask(editor, "Say something.")
    idle(editor)
    editor.press("gg")
    editor.press("iand now this<Esc>")
    assert editor.lines()[-1] == "and now this"
    editor.press("ggdd")
    assert editor.lines()[0] == "# You"


def test_failed_turn_gives_the_text_back(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    model.script(*[Reply(status=401)] * 4)
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "Who may read this?")
    editor.until_screen("✗")
    idle(editor)
    assert editor.lines() == ["# You", "", "Who may read this?"]
    picture(editor, "failed")
    editor.press("<CR>")
    idle(editor)
    model.script(Reply(text="Everybody."))


def test_what_fails_for_a_chat_that_is_gone_is_no_error_here(open_neovim: Open, model: FakeModel) -> None:
    gate = model.gate()
    model.script(*[Reply(status=401, gate=gate)] * 4)
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.lua("require('rejoinder.chat').of_buffer():sync()")
    editor.command("bwipeout!")
    open_chat(editor)
    ask(editor, "Who may read this?")
    editor.until("return require('rejoinder.chat').of_buffer().running ~= nil")
    editor.command("bwipeout!")
    gate.open()
    editor.until("return next(vim.lsp.get_clients({ name = 'rejoinder' })[1].requests) == nil")
    open_chat(editor)
    editor.until("return require('rejoinder.chat').of_buffer().page:input() == 'Who may read this?'")
    assert "Error" not in editor.lua("return vim.fn.execute('messages')")


def test_keys_of_turns_blocks_and_places(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(tokens=(ANSWER,)))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "How would a short pool look?")
    editor.until_text("longer one")
    idle(editor)
    editor.press("gg]]")
    assert editor.lua("return vim.fn.getline('.')") == "# Rejoinder"
    editor.press("]]")
    assert editor.lua("return vim.fn.line('.') == vim.fn.line('$')")
    editor.press("[[[[")
    assert editor.lua("return vim.fn.getline('.')") == "# You"
    editor.lua("vim.fn.search('self.idle')")
    editor.press("gy")
    assert editor.lua("return vim.fn.getreg('\"')").startswith("class Pool:\n    def __init__")
    editor.lua("vim.fn.search('src/pool.py:4')")
    editor.press("<CR>")
    editor.until("return vim.api.nvim_buf_get_name(0):match('pool.py$')")
    assert editor.lua("return vim.fn.line('.')") == 4


def test_chat_in_a_narrow_window_and_on_a_light_ground(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    model.script(Reply(tokens=(ANSWER,)), Reply(tokens=("| a | b |\n|---|---|\n| 1 | 2 |\n\n" + "long words " * 30,)))
    light = open_neovim("src/pool.py", url=model.url, lua="vim.o.background = 'light'")
    open_chat(light)
    ask(light, "How would a short pool look?")
    light.until_text("longer one")
    idle(light)
    picture(light, "light")
    light.resize(60, 28)
    ask(light, "And how with a table?")
    light.until_text("| 1 | 2 |")
    idle(light)
    picture(light, "narrow")
    assert light.lua("return vim.api.nvim_win_get_width(0)") >= 40


@pytest.mark.parametrize("scheme", ["blue", "koehler", "quiet", "morning"])
def test_chat_is_readable_in_loud_and_in_plain_colour_schemes(
    open_neovim: Open, model: FakeModel, picture: Picture, scheme: str
) -> None:
    model.script(Reply(tokens=(ANSWER,)), Reply(status=401))
    editor = open_neovim("src/pool.py", url=model.url, lua=f"vim.cmd.colorscheme('{scheme}')")
    open_chat(editor)
    ask(editor, "How would a short pool look?")
    editor.until_text("longer one")
    idle(editor)
    ask(editor, "And who may use it?")
    editor.until_screen("✗")
    editor.settle()
    editor.redraw()
    picture(editor, f"scheme-{scheme}")
    left = editor.lua("return vim.api.nvim_win_get_position(0)[2]")
    faint = {
        text: round(contrast(editor.screen.look(number)), 1)
        for row in editor.screen.shown[: editor.screen.rows - 2]
        if "src/pool.py" not in "".join(text for text, _ in row[left:])  # the scheme's own colour of code in a sentence
        for text, number in row[left:]
        if text.strip() not in ("", "~", "✗") and contrast(editor.screen.look(number)) < LEAST_CONTRAST
    }
    assert faint == {}


def test_help_of_keys(open_neovim: Open, picture: Picture) -> None:
    editor = open_neovim("src/pool.py")
    open_chat(editor)
    editor.press("g?")
    editor.until_screen("Keys of the chat")
    picture(editor, "keys")
    editor.press("q")
    editor.until_screen_without("Keys of the chat")


@pytest.mark.real_model
def test_real_model_streams(open_neovim: Open, llama: str, picture: Picture) -> None:
    from llama import SENTENCE

    editor = open_neovim("src/pool.py", url=llama)
    open_chat(editor)
    ask(editor, "Who wrote this?")
    editor.until_text(SENTENCE)
    idle(editor)
    picture(editor, "llama")
