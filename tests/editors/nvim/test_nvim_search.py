"""Search over all that was said."""

from collections.abc import Callable
from pathlib import Path

from editors.nvim.conftest import open_chat
from editors.nvim.process import Neovim
from fake_model import FakeModel
from rejoinder.protocol.retrieval import SEARCH, SearchParams
from rejoinder_client import Client, NewMessage

Open = Callable[..., Neovim]
Picture = Callable[..., None]


def test_what_was_said_is_found_and_gone_to(
    open_neovim: Open, model: FakeModel, project: Path, tmp_path: Path, picture: Picture
) -> None:
    other_project = tmp_path / "elsewhere"
    other_project.mkdir()
    with Client(folders=[project]) as other:
        others = other.session("plans")
        others.add(NewMessage("user", "How large is the pool?"), NewMessage("assistant", "Eight connections at most."))
        others.add(*(NewMessage("user", f"Filler number {number}.") for number in range(70)))
    with Client(folders=[other_project]) as other:
        other.session("foreign").add(NewMessage("user", "Eight connections there too, in another place."))
    with Client(folders=[project]) as other:
        # what was said is read before Neovim is there, and this client keeps the engine
        asked = SearchParams(query="connections", sources=["message"], mode="both", wait_seconds=5)
        while not (found := other.request(SEARCH, asked)).complete:
            pass
        assert found.hits
        editor = open_neovim("src/pool.py", url=model.url)
        open_chat(editor)

        search(editor, "search eight connections")
        editor.until_screen("Eight connections at most.")
        picture(editor, "search", asking=True)
        assert "another place" not in editor.screen.text()
        editor.request("nvim_input", "1<CR>")
        editor.until_text("Eight connections at most.")
        editor.until("return vim.fn.getline(vim.fn.line('.') + 2) == 'Eight connections at most.'")

        # the quickfix list leads there too
        editor.command("wincmd p")
        editor.command("cfirst")
        editor.until("return vim.fn.getline(vim.fn.line('.') + 2) == 'Eight connections at most.'")
        assert editor.lua("return vim.fn.getqflist({ title = 1 }).title") == "Rejoinder: eight connections"

        search(editor, 'searchall "in another place"')
        editor.until_screen("there too, in another place.")
        editor.request("nvim_input", "1<CR>")
        editor.until("return vim.api.nvim_win_get_config(0).relative ~= ''")
        editor.until_text("Eight connections there too, in another place.")
        editor.press("q")

        editor.command("Rejoinder search connections role:user")
        editor.until_screen("Nothing was said about")
        editor.command("Rejoinder search -eight zebra")
        editor.until_screen("Nothing was said about")


def search(editor: Neovim, command: str) -> None:
    """Begin a search; the list of what was found waits for an answer."""
    editor.request("nvim_input", f":Rejoinder {command}<CR>")
