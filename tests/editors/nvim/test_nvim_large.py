"""What is long and what is odd in the chat: an answer of 200 kB, lines without an end, text from right to left."""

from collections.abc import Callable

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel, Reply
from rejoinder.protocol.turns import CHAT, ChatParams
from rejoinder_client import Client, NewMessage

Open = Callable[..., Neovim]
Picture = Callable[..., None]

SECTION = "## Part {number}\n\nSome **words** about `part {number}`.\n\n```elixir\nIO.puts({number})\n```\n\n"
ODD = (
    "המאגר שומר שמונה חיבורים. ومن ثم ينتظر التاسع.\n\n"
    + f"| name | what it is for | {'wide ' * 40}|\n|---|---|---|\n| `limit` | eight | x |\n\n"
    + f"{'word' * 400}\n\n```nonsense-language\n{'x = 1; ' * 200}\n```\n\nThe end of it.\n"
)


def test_a_long_session_a_large_answer_and_odd_lines(
    open_neovim: Open, model: FakeModel, project: object, picture: Picture
) -> None:
    count = 200_000 // len(SECTION.format(number=1000)) + 1
    large = "".join(SECTION.format(number=1000 + number) for number in range(count))
    tokens = tuple(large[start : start + 400] for start in range(0, len(large), 400))
    model.script(Reply(tokens=tokens))
    with Client(folders=[str(project)]) as other:
        session = other.session()
        notes = [NewMessage("assistant" if number % 2 else "user", f"note {number}") for number in range(5000)]
        first = session.add(*notes, NewMessage("user", "And what is odd?"), NewMessage("assistant", ODD))[10]
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    # the latest page alone is in the buffer
    editor.until_text("… 4952 earlier messages")
    assert "note 4951" not in editor.lines() and "note 4999" in editor.lines()
    editor.until_screen("The end of it.")
    picture(editor, "odd-end")
    editor.lua("vim.fn.search('And what is odd', 'bw')")
    editor.press("zt")
    editor.until_screen("And what is odd?")
    picture(editor, "odd")
    editor.lua("vim.fn.search('^note 4999', 'bw')")
    editor.press("zcG")
    ask(editor, "Tell me all of it.")
    editor.until_text(f"IO.puts({1000 + count - 1})")
    idle(editor)
    editor.until_screen(f"IO.puts({1000 + count - 1})")
    assert "\n".join(editor.lines()).count(large.strip()) == 1
    # the buffer is bounded: what was there before went out of it, and is back as one scrolls up, in its place
    assert editor.lines()[0] == "… 5002 earlier messages" and "note 4999" not in editor.lines()
    editor.press("gg")
    editor.until_text("… 4952 earlier messages")
    assert editor.request("nvim_get_current_line") == "# You" and "Tell me all of it." in editor.lines()
    shown = [line for line in editor.lines() if line.startswith(("note", "And what", "Tell me"))]
    assert shown == [*(f"note {number}" for number in range(4952, 5000)), "And what is odd?", "Tell me all of it."]
    # and folded as it was
    closed = "return vim.fn.foldclosed(vim.fn.search(..., 'nw')) > 0"
    assert editor.lua(closed, "^note 4999") and not editor.lua(closed, "^note 4998")
    editor.press("gg")
    editor.until_text("… 4902 earlier messages")
    assert editor.lines().count("note 4952") == 1
    # somebody goes on from far above what is in the buffer
    with Client(folders=[str(project)]) as other:
        there = ChatParams(text="And from here?", session_id=session.session_id, parent_id=first, retrieve=False)
        other.request(CHAT, there)
    editor.until("return not vim.list_contains(vim.api.nvim_buf_get_lines(0, 0, -1, false), 'note 4999')")
    idle(editor)
    notes_shown = [line for line in editor.lines() if line.startswith(("note", "And"))]
    assert notes_shown == [*(f"note {number}" for number in range(10)), "And from here?"]
    assert editor.lua("return vim.v.errmsg") == ""
