"""What is remembered and what was added as knowledge: listed, traced, corrected, forgotten."""

from collections.abc import Callable
from pathlib import Path

import pytest

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from editors.web_page import web_page
from fake_model import FakeModel, Reply
from rejoinder.protocol.memory import MEMORY_DELETE, MEMORY_LIST, MemoryDeleteParams, MemoryListParams
from rejoinder_client import Client

Open = Callable[..., Neovim]
Picture = Callable[..., None]


@pytest.fixture
def memory(model: FakeModel, project: Path) -> Callable[[], list[tuple[str, str]]]:
    """Answers what another client of the same user finds remembered: texts, with what they came from."""

    def listed() -> list[tuple[str, str]]:
        with Client(folders=[project]) as other:
            entries = other.request(MEMORY_LIST, MemoryListParams()).entries
        return [
            (entry.text, (entry.source.message_id or entry.source.uri or "") if entry.source else "")
            for entry in entries
        ]

    return listed


def test_message_is_remembered_traced_corrected_and_forgotten(
    open_neovim: Open, model: FakeModel, memory: Callable[[], list[tuple[str, str]]], picture: Picture
) -> None:
    model.script(Reply(text="Releases are cut on Fridays."))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "When are releases cut?")
    editor.until_text("on Fridays.")
    idle(editor)
    editor.lua("vim.fn.search('on Fridays')")
    editor.command("Rejoinder remember")
    editor.until_screen("Remembered: Releases are cut on Fridays.")
    ((text, message),) = memory()
    assert text == "Releases are cut on Fridays." and message

    # in another conversation: it is listed with its origin, and leads there
    editor.command("Rejoinder new Plans")
    editor.until_screen(" Plans")
    choose(editor, "Rejoinder memory", 1)
    editor.until_screen("from “When are releases cut?”")
    picture(editor, "memory", asking=True)
    editor.request("nvim_input", "1<CR>")
    editor.until_screen("Open where it came from")
    picture(editor, "memory-entry", asking=True)
    editor.request("nvim_input", "1<CR>")
    editor.until_text("When are releases cut?")
    editor.until("return vim.fn.getline('.') == '# Rejoinder'")
    picture(editor, "memory-origin")

    entry(editor, 2)
    editor.until_screen(":w corrects")
    editor.press("A No, on Mondays.<Esc>")
    picture(editor, "memory-correct")
    editor.press(":write<CR>")
    editor.until_screen("Corrected.")
    assert [text for text, _ in memory()] == ["Releases are cut on Fridays. No, on Mondays."]
    editor.press("q")

    entry(editor, 3)
    editor.until_screen("(F)orget")
    editor.request("nvim_input", "f")
    editor.until_screen("Forgotten.")
    assert memory() == []
    editor.command("Rejoinder memory")
    editor.until_screen("Nothing is remembered yet")


def test_lines_and_texts_are_remembered_with_their_file(
    open_neovim: Open, model: FakeModel, memory: Callable[[], list[tuple[str, str]]]
) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    editor.press("4GV")
    editor.press(":Rejoinder remember<CR>")
    editor.until_screen("Remembered: class ConnectionPool:")
    ((text, uri),) = memory()
    assert text == "class ConnectionPool:" and uri.endswith("src/pool.py")
    editor.command("Rejoinder remember Tabs, never spaces")
    editor.until_screen("Remembered: Tabs, never spaces")
    assert memory()[0] == ("Tabs, never spaces", "")
    editor.request("nvim_input", ":Rejoinder remember<CR>")
    editor.until_screen("Remember:")
    editor.request("nvim_input", "Kim reviews<CR>")
    editor.until_screen("Remembered: Kim reviews")
    choose(editor, "Rejoinder memory", 3)
    editor.until_screen("from src/pool.py")
    editor.request("nvim_input", "q<CR>")


def test_what_is_forgotten_leaves_the_open_chat_too(open_neovim: Open, model: FakeModel, project: Path) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    ask(editor, "/remember The launch is on the ninth.")
    idle(editor)
    editor.until_text("the ninth")
    editor.press("GAHalf a thought<Esc>")
    with Client(folders=[project]) as other:
        (entry,) = other.request(MEMORY_LIST, MemoryListParams()).entries
        other.request(MEMORY_DELETE, MemoryDeleteParams(memory_id=entry.memory_id))
    editor.until_text("has been taken out of this conversation since")
    text = "\n".join(editor.lines())
    assert "the ninth" not in text
    assert "Half a thought" in text


def choose(editor: Neovim, command: str, count: int) -> None:
    """Open a list by its command and wait for all of it."""
    editor.request("nvim_input", f":{command}<CR>")
    editor.until_screen(f"{count}: ")
    editor.until_screen("Type number")


def entry(editor: Neovim, action: int) -> None:
    """Choose what becomes of the only entry."""
    choose(editor, "Rejoinder memory", 1)
    editor.request("nvim_input", "1<CR>")
    editor.until_screen("Open where it came from")
    editor.request("nvim_input", f"{action}<CR>")


def test_answer_names_what_was_remembered_and_leads_there(open_neovim: Open, picture: Picture) -> None:
    editor = open_neovim("src/pool.py")
    editor.command("Rejoinder remember Releases are cut on Fridays")
    editor.until_screen("Remembered:")
    open_chat(editor)
    ask(editor, "When are releases cut?")
    editor.until_text("- memory “Releases are cut on Fridays”")
    idle(editor)
    picture(editor, "memory-cited")
    editor.lua("vim.fn.search('^- memory')")
    editor.press("wgf")
    editor.until_screen(":w corrects")
    assert editor.lines() == ["Releases are cut on Fridays"]


def test_file_and_page_are_added_to_the_knowledge_and_removed(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    assert editor.lua("return vim.fn.getcompletion('Rejoinder knowledge REA', 'cmdline')") == ["README.md"]
    editor.command("Rejoinder knowledge README.md")
    editor.until_screen("Added README.md: 1 passage.")
    with web_page() as address:
        editor.request("nvim_input", f":Rejoinder knowledge {address}<CR>")
        editor.until_screen("(F)etch it anyway")
        editor.request("nvim_input", "f")
        editor.until_screen("Added Release notes: 1 passage.")
    editor.request("nvim_input", "<CR>")
    choose(editor, "Rejoinder knowledge", 2)
    row = next(line for line in editor.screen.text().splitlines() if "README.md" in line and ":" in line)
    editor.request("nvim_input", f"{row[0]}<CR>")
    editor.until_screen("2: Remove")
    editor.request("nvim_input", "2<CR>")
    editor.until_screen("(R)emove")
    editor.request("nvim_input", "r")
    editor.until_screen("README.md was removed.")


def test_adding_is_stopped(open_neovim: Open, model: FakeModel, project: Path) -> None:
    many = project / "many"
    many.mkdir()
    for number in range(400):
        (many / f"{number}.md").write_text(f"# Page {number}\n\n" + "Some words about it.\n" * 40)
    editor = open_neovim("src/pool.py", url=model.url)
    editor.command("Rejoinder knowledge many")
    editor.until_screen("Adding many")
    editor.command("Rejoinder stop")
    editor.until_screen("many was not added.")
