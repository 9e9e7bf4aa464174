"""Tool calls with their approvals, agents, and pictures that go along."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from editors.nvim.conftest import ask, idle, open_chat
from editors.nvim.process import Neovim
from fake_model import Call, FakeModel, Reply
from rejoinder.protocol.agents import AGENTS_PUT, AgentInfo, AgentsPutParams
from rejoinder.protocol.memory import MEMORY_LIST, MemoryListParams
from rejoinder.protocol.tools import TOOL_RESPOND, ToolRespondParams
from rejoinder_client import Client

Open = Callable[..., Neovim]
Picture = Callable[..., None]

TOOLS = "tools = { use = { 'default', 'remember' } }"
SESSION = "return require('rejoinder.chat').of_buffer().session.sessionId"
CALLS = "return require('rejoinder.chat').of_buffer().running.calls"
TURN = "return require('rejoinder.chat').of_buffer().running.turnId"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def remembering(text: str) -> Reply:
    """A reply that calls a tool which asks first."""
    return Reply(text="", calls=(Call("remember", json.dumps({"text": text}), f"call-{text}"),))


@pytest.fixture
def remembered(model: FakeModel, project: Path) -> Callable[[], list[str]]:
    """Answers what another client of the same user finds remembered."""

    def listed() -> list[str]:
        with Client(folders=[project]) as other:
            return [entry.text for entry in other.request(MEMORY_LIST, MemoryListParams()).entries]

    return listed


def test_a_call_is_shown_allowed_denied_and_decided_elsewhere(
    open_neovim: Open, model: FakeModel, project: Path, remembered: Callable[[], list[str]], picture: Picture
) -> None:
    read = Reply(text="", calls=(Call("read_file", json.dumps({"path": "src/pool.py"})),))
    model.script(read, remembering("Eight at most"), Reply(text="It is kept."))
    editor = open_neovim("src/pool.py", url=model.url, settings=TOOLS)
    open_chat(editor)
    ask(editor, "Remember how many there are.")
    editor.until_screen("Allow the call of remember?")
    editor.until_screen("text: Eight at most")
    editor.until_screen("waiting for you")
    picture(editor, "approval")
    assert remembered() == []
    decide(editor, "<CR>", 1)
    editor.until_text("It is kept.")
    idle(editor)
    editor.until_screen("▸ remember Eight at most done")
    editor.until_screen_without("Allow the call")
    picture(editor, "tool-calls")
    assert remembered() == ["Eight at most"]
    editor.lua("vim.fn.search('▸ read_file')")
    editor.press("gf")
    editor.until_screen("class ConnectionPool")
    picture(editor, "tool-call")
    editor.press("q")

    # denied, from another buffer, with a reason
    model.script(remembering("Nine"), Reply(text="Not kept."))
    editor.press("G")
    ask(editor, "And nine?")
    editor.until_screen("text: Nine")
    editor.command("wincmd p")
    decide(editor, ":Rejoinder decide<CR>", 4)
    editor.until_screen("Reason:")
    editor.request("nvim_input", "It is eight<CR>")
    editor.command("wincmd p")
    editor.until_text("Not kept.")
    idle(editor)
    assert "It is eight" in json.dumps(model.requests[-1].json["messages"][-1])

    # by another client
    model.script(remembering("Ten"), Reply(text="Somebody allowed it."))
    ask(editor, "And ten?")
    editor.until_screen("text: Ten")
    with Client(folders=[project]) as other:
        session, turn, (call,) = editor.lua(SESSION), editor.lua(TURN), editor.lua(CALLS)
        answer = ToolRespondParams(turn_id=turn, call_id=call["callId"], decision="allow", session_id=session)
        other.request(TOOL_RESPOND, answer)
    editor.until_text("Somebody allowed it.")
    editor.until_screen_without("Allow the call")
    assert sorted(remembered()) == ["Eight at most", "Ten"]


def test_a_turn_that_fails_after_a_call_stays_as_it_is_stored(
    open_neovim: Open, model: FakeModel, remembered: Callable[[], list[str]]
) -> None:
    model.script(remembering("Eight at most"), *[Reply(status=401)] * 4)
    editor = open_neovim("src/pool.py", url=model.url, settings=TOOLS)
    open_chat(editor)
    ask(editor, "Remember how many there are.")
    editor.until_screen("Allow the call of remember?")
    decide(editor, "<CR>", 1)
    editor.until_screen("✗")
    idle(editor)
    assert remembered() == ["Eight at most"]
    # what is stored is asked for once the turn has failed
    editor.until("return require('rejoinder.chat').of_buffer().page:input() == ''")
    shown = editor.lines()
    assert shown.count("Remember how many there are.") == 1 and "▸ remember Eight at most" in shown


def test_a_call_is_offered_again_after_a_restart(open_neovim: Open, model: FakeModel) -> None:
    model.script(remembering("Eight"), Reply(text="It is kept."))
    editor = open_neovim("src/pool.py", url=model.url, settings=TOOLS)
    open_chat(editor)
    ask(editor, "Remember how many there are.")
    editor.until_screen("text: Eight")
    before = editor.lua("return require('rejoinder.chat').of_buffer().client.id")
    editor.command("Rejoinder restart")
    editor.until(
        "local chat = require('rejoinder.chat').of_buffer()\n"
        "return chat.client.id ~= ... and require('rejoinder.approvals').first(chat) ~= nil",
        before,
    )
    editor.until_screen("text: Eight")
    decide(editor, "gd", 1)
    editor.until_text("It is kept.")
    idle(editor)
    assert editor.lines().count("# You") == 2


def test_an_agent_answers_once_it_is_chosen(
    open_neovim: Open, model: FakeModel, project: Path, picture: Picture
) -> None:
    editor = open_neovim("src/pool.py", url=model.url)
    open_chat(editor)
    editor.command("Rejoinder agent")
    editor.until_screen("No agent is set up yet")
    with Client(folders=[project]) as other:
        agent = AgentInfo(name="critic", role="finds what is wrong", instructions="Be strict.")
        other.request(AGENTS_PUT, AgentsPutParams(session_id=editor.lua(SESSION), agent=agent))
    editor.request("nvim_input", ":Rejoinder agent<CR>")
    editor.until_screen("critic  finds what is wrong")
    picture(editor, "agents", asking=True)
    editor.request("nvim_input", "2<CR>")
    editor.until_screen("critic (fake)")
    ask(editor, "Is it good?")
    editor.until_text("one word at a time")
    idle(editor)
    assert "Be strict." in json.dumps(model.requests[-1].json["messages"])


def test_a_picture_goes_along_and_is_opened_from_the_history(
    open_neovim: Open, model: FakeModel, tmp_path: Path, picture: Picture
) -> None:
    (tmp_path / "a diagram.png").write_bytes(PIXEL)
    editor = open_neovim("src/pool.py", url=model.url, model="openai-compatible:fake-vision")
    editor.lua("vim.ui.open = function(path) vim.g.opened = path end")
    open_chat(editor)
    editor.press(f":Rejoinder attach {tmp_path}/none.png<CR>")
    editor.until_screen("is no file")
    editor.command(f"Rejoinder attach {tmp_path}/a diagram.png")
    editor.until_screen("+ ")
    ask(editor, "What is this?")
    editor.until_text("one word at a time")
    idle(editor)
    sent = json.dumps(model.requests[-1].json["messages"])
    assert base64.b64encode(PIXEL).decode() in sent
    picture(editor, "picture")
    # the file is gone, and the history has it
    (tmp_path / "a diagram.png").unlink()
    editor.command("bwipeout!")
    open_chat(editor)
    editor.until_text("one word at a time")
    editor.lua("vim.fn.search('a diagram.png')")
    editor.press("gf")
    opened = editor.until("return vim.g.opened")
    assert Path(opened).read_bytes() == PIXEL and opened.endswith(".png")


def decide(editor: Neovim, keys: str, number: int) -> None:
    """Choose what is said to the call that waits."""
    # not `press`: the list waits for an answer
    editor.request("nvim_input", keys)
    editor.until_screen("Allow for the session")
    editor.request("nvim_input", f"{number}<CR>")
