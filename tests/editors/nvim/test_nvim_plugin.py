"""The plug-in around the chat: command, maps, health, help, completion, and what the server is told of the editor."""

from collections.abc import Callable
from pathlib import Path

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import PLUGIN, Neovim
from fake_model import FakeModel, Reply
from rejoinder.protocol.sessions import SESSION_CREATE, SessionCreateParams
from rejoinder_client import Client

Open = Callable[..., Neovim]
Picture = Callable[..., None]

ODD_NAME = (
    "vim.diagnostic.set(vim.api.nvim_create_namespace('test'), 0, { { lnum = 3, col = 0, message = 'odd name' } })"
)


def test_nothing_is_loaded_before_it_is_used(open_neovim: Open) -> None:
    editor = open_neovim("src/pool.py")
    loaded = (
        "return vim.tbl_filter(function(name) return vim.startswith(name, 'rejoinder') end,"
        " vim.tbl_keys(package.loaded))"
    )
    assert editor.lua(loaded) == ["rejoinder.plugin"]


def test_enabled_server_starts_with_the_first_file(open_neovim: Open) -> None:
    editor = open_neovim("src/pool.py", lua="vim.lsp.enable('rejoinder')")
    editor.until("local found = vim.lsp.get_clients({ bufnr = 0 })[1]; return found and found.initialized")
    assert editor.lua("return vim.lsp.get_clients({ bufnr = 0 })[1].name") == "rejoinder"


def test_command_completes_and_names_what_it_does_not_know(open_neovim: Open) -> None:
    editor = open_neovim()
    assert editor.lua("return vim.fn.getcompletion('Rejoinder ex', 'cmdline')") == ["explain"]
    assert set(editor.lua("return vim.fn.getcompletion('Rejoinder ', 'cmdline')")) >= {
        "ask",
        "chat",
        "fix",
        "sessions",
        "stop",
    }
    editor.press(":Rejoinder nonsense<CR>")
    editor.until_screen("Rejoinder nonsense is not known")


def test_maps_are_offered_and_none_is_set(open_neovim: Open) -> None:
    editor = open_neovim()
    names = editor.lua("return vim.tbl_map(function(map) return map.lhs end, vim.api.nvim_get_keymap('n'))")
    plugs = {name for name in names if "rejoinder" in name}
    assert "<Plug>(rejoinder-chat)" in plugs
    assert all(name.startswith("<Plug>") for name in plugs)


def test_health_of_a_running_server(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.command("checkhealth rejoinder")
    editor.until_text("Connected for")
    report = "\n".join(editor.lines())
    assert "ERROR" not in report and "WARNING" not in report
    picture(editor, "health")


def test_wrong_options_are_named(open_neovim: Open) -> None:
    editor = open_neovim(lua="vim.g.rejoinder = { colour = 'red' }")
    editor.command("checkhealth rejoinder")
    editor.until_text("vim.g.rejoinder.colour is not an option.")


def test_help_has_every_subcommand_option_and_key(open_neovim: Open) -> None:
    text = (PLUGIN / "doc" / "rejoinder.txt").read_text()
    editor = open_neovim()
    for name in editor.lua("return vim.fn.getcompletion('Rejoinder ', 'cmdline')"):
        assert f"*:Rejoinder-{name}*" in text
    for key in editor.lua("return vim.tbl_keys(require('rejoinder.config').get().keys)"):
        assert f"`{key}`" in text
    for name in ("cmd", "position", "size", "complete", "keys"):
        assert f"`{name}`" in text
    assert all(len(line) <= 78 for line in text.splitlines())
    editor.lua("vim.cmd.helptags(...)", str(PLUGIN / "doc"))
    editor.command("help rejoinder")
    (PLUGIN / "doc" / "tags").unlink()
    assert editor.lua("return vim.bo.filetype") == "help"


def test_mentions_are_completed(open_neovim: Open, model: FakeModel, picture: Picture) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("i/ex")
    editor.until("return vim.fn.pumvisible() == 1")
    editor.until_screen("explain")
    picture(editor, "complete")
    editor.press("<C-n><C-y>")
    editor.until("return vim.startswith(require('rejoinder.chat').of_buffer().page:input(), '/explain')")


def test_model_on_this_machine_is_offered_and_used_after_a_yes(open_neovim: Open, picture: Picture) -> None:
    with FakeModel(models=("small", "large")) as local:
        servers = f"ollama = '{local.url}', lmstudio = '', llamacpp = '', vllm = ''"
        settings = f"{{ settings = {{ rejoinder = {{ servers = {{ {servers} }} }} }} }}"
        editor = open_neovim("src/pool.py", lua=f"vim.lsp.config('rejoinder', {settings})")
        open_chat(editor)
        editor.until_screen("At hand: small at")
        picture(editor, "model-offered")
        assert local.requests == []
        editor.request("nvim_input", ":Rejoinder model<CR>")
        editor.until_screen("2:   large at")
        editor.until_screen("Type number")
        picture(editor, "models", asking=True)
        editor.request("nvim_input", "2<CR>")
        editor.until_screen("ollama:large answers from now on.")
        ask(editor, "Who answers?")
        editor.until_text("one word at a time")
        assert local.requests[-1].json["model"] == "large"
        editor.command("Rejoinder model ollama:small")
        editor.until("return require('rejoinder').status():find('small', 1, true) ~= nil")


def test_setting_is_stronger_than_a_choice(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.until("return require('rejoinder').status():find('fake', 1, true) ~= nil")
    editor.command("Rejoinder model extractive")
    editor.until_screen("A setting names openai-compatible:fake")


def test_omnifunc_asks_for_files(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("iLook at @file:po")
    editor.until("return vim.fn.pumvisible() == 1")
    editor.until_screen("src/pool.py")
    editor.press("<C-e>")
    editor.press("<C-x><C-o>")
    editor.until("return vim.fn.pumvisible() == 1")


def test_other_conversations_are_completed_by_their_names(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    with Client(folders=[project]) as other:
        other.request(SESSION_CREATE, SessionCreateParams(name="Release plans"))
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.press("iAs in #rel")
    editor.until("return vim.fn.pumvisible() == 1")
    editor.until_screen("Release plans")
    picture(editor, "complete-session")
    editor.press("<C-n><C-y>")
    editor.until("return require('rejoinder.chat').of_buffer().page:input():find('#session:', 1, true) ~= nil")


def test_server_is_told_what_the_editor_sees(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    answer = editor.lua(
        "vim.cmd.wincmd('p')\n"
        f"{ODD_NAME}\n"
        "vim.cmd('normal! 4GV\\27')\n"
        "return require('rejoinder.context').answer({}, vim.lsp.get_clients({ name = 'rejoinder' })[1].id)"
    )
    (diagnostic,) = answer["diagnostics"]
    assert diagnostic["message"] == "odd name"
    assert answer["visible"] == answer["recent"] == [answer["selection"]["uri"]]
    assert answer["selection"]["range"]["start"] == {"line": 3, "character": 0}


def test_diagnostics_reach_the_model(open_neovim: Open, model: FakeModel) -> None:
    model.script(Reply(text="It is odd."))
    editor = open_neovim("src/pool.py", url=model.url)
    editor.lua(ODD_NAME)
    open_chat(editor)
    editor.press("iWhat about @problems ?<Esc>")
    editor.press("<CR>")
    editor.until_text("It is odd.")
    idle(editor)
    assert "odd name" in str(model.requests[0].json)


def test_events_tell_of_turns(open_neovim: Open, model: FakeModel) -> None:
    editor = open_neovim(url=model.url)
    editor.lua(
        "_G.seen = {}\n"
        "vim.api.nvim_create_autocmd('User', { pattern = 'Rejoinder*', callback = function(event)\n"
        "  table.insert(_G.seen, event.match)\n"
        "end })"
    )
    open_chat(editor)
    editor.press("iHello<Esc>")
    editor.press("<CR>")
    editor.until("return vim.list_contains(_G.seen, 'RejoinderTurnFinished')")
    assert "RejoinderTurnStarted" in editor.lua("return _G.seen")
    assert "fake" in editor.lua("return require('rejoinder').status()")
