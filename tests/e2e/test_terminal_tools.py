"""Tools on the terminal: listed, shown while they are called, and asked about on a real one."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.command import Command, asking
from e2e.kit import Home, home_in
from fake_model import Call, FakeModel, Reply
from terminal import Terminal

SERVER = Path(__file__).resolve().parents[1] / "mcp_server.py"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose owner has named a server, and one that is not there."""
    with home_in(tmp_path_factory.mktemp("home")) as made:
        made.config.parent.mkdir(parents=True)
        made.config.write_text(
            f"[mcp.shop]\ncommand = {str(sys.executable)!r}\nargs = [{str(SERVER)!r}]\nread = ['process']\n"
            "[mcp.none]\ncommand = '/nowhere/to/be/found'\n"
        )
        yield made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    return folder


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def command(home: Home, project: Path) -> Command:
    return Command(home, project)


def calling(name: str, args: str = "{}") -> Reply:
    return Reply(text="", calls=(Call(name, args),))


def on_terminal(home: Home, project: Path, model: FakeModel, *arguments: str) -> Terminal:
    return Terminal(
        [sys.executable, "-m", "rejoinder", *arguments, *asking(model)], folder=project, environment=home.environment
    )


def test_all_tools_are_listed_with_what_they_ask(command: Command) -> None:
    listed = command("tools")
    assert "note: [mcp.none] cannot be used: there is no program '/nowhere/to/be/found'." in listed.err
    rows = {line.split()[0]: line.split()[1:4] for line in listed.out.splitlines()[1:]}
    assert rows["read_file"] == ["built-in", "no", "no"]
    assert rows["shop__add"] == ["shop", "yes", "no"]
    assert rows["shop__process"] == ["shop", "no", "no"]
    assert "a: integer" in command("tools", "shop__add").out
    tools = {tool["name"]: tool for tool in command.json("tools")["tools"]}
    assert (tools["shop__add"]["effect"], tools["shop__add"]["asks"]) == ("reach", True)
    assert "There is no tool 'nosuch'" in command("tools", "nosuch", code=3).err


def test_what_only_reads_is_called_and_shown(command: Command, model: FakeModel) -> None:
    model.script(calling("read_file", '{"path": "calc.py"}'), Reply(text="It adds."))
    ran = command("ask", "what does add do?", "--tool", "default", "--session", "reading", *asking(model))
    assert ran.out.strip() == "It adds."
    assert '→ read_file(path="calc.py")\n  ' in ran.err and "lines\n" in ran.err
    assert '→ read_file(path="calc.py")\n  ' in command("history", "show", "--session", "reading").out


def test_with_nobody_there_a_call_is_denied_unless_it_is_allowed(command: Command, model: FakeModel) -> None:
    add = calling("shop__add", '{"a": 2, "b": 3}')
    model.script(add, Reply(text="I may not."), add, Reply(text="Five."))
    ran = command("ask", "add", "--tool", "shop", *asking(model))
    assert "→ shop__add(a=2, b=3)\n  Nobody was there to be asked. --allow-tool shop__add allows it." in ran.err
    assert ran.out.strip() == "I may not."
    assert "Nobody was there to be asked." in str(model.requests[1].json["messages"][-1])
    ran = command("ask", "add", "--tool", "shop", "--allow-tool", "shop__*", *asking(model))
    assert "→ shop__add(a=2, b=3)\n  5\n" in ran.err and ran.out.strip() == "Five."


def test_the_exact_call_is_shown_and_asked_about(home: Home, project: Path, model: FakeModel) -> None:
    hostile = '{"name": "A\\u001b]0;owned\\u0007\\u202eB\\nC"}'
    model.script(
        calling("shop__add", '{"a": 2, "b": 3}'),
        calling("shop__variable", hostile),
        calling("shop__variable", '{"name": "HOME"}'),
        calling("shop__variable", '{"name": "PATH"}'),
        Reply(text="That is **all**."),
    )
    with on_terminal(home, project, model, "chat", "--new", "Asking", "--tool", "shop") as terminal:
        terminal.wait_for("Asking ›")
        terminal.type("go on\r")
        terminal.wait_for("shop__add\n  a: 2\n  b: 3\nAllow it? y once")
        terminal.type("y\r")
        terminal.wait_for("  5\n")
        terminal.wait_for("name:\n    | A\\u001b]0;owned\\u0007\\u202eB\n    | C\nAllow it?")
        terminal.type("n not this one\r")
        terminal.wait_for("denied: not this one")
        terminal.wait_for('name: "HOME"\nAllow it?')
        terminal.type("s\r")
        terminal.wait_for("That is all.")
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
        assert b"owned\x07" not in terminal.seen
        assert terminal.text.count("Allow it?") == 3
        # one sees what one answers
        assert "› n not this one\n" in terminal.text
    assert "not this one" in str(model.requests[2].json["messages"][-1])
    assert len(model.requests) == 5


def test_a_question_about_a_call_can_be_left_by_stopping_the_answer(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(calling("shop__add", '{"a": 2, "b": 3}'), Reply(text="Here again."))
    with on_terminal(home, project, model, "chat", "--new", "Stopped", "--tool", "shop") as terminal:
        terminal.wait_for("Stopped ›")
        terminal.type("go on\r")
        terminal.wait_for("Allow it?")
        terminal.type("\x03")
        terminal.wait_for("(stopped)")
        terminal.type("hello\r")
        terminal.wait_for("Here again.")
        terminal.type("/tools\r")
        terminal.wait_for("shop__add")
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0


def test_a_call_that_waits_is_asked_about_after_a_restart(home: Home, project: Path, model: FakeModel) -> None:
    model.script(calling("shop__add", '{"a": 2, "b": 3}'), Reply(text="Five."))
    with on_terminal(home, project, model, "chat", "--new", "Waiting", "--tool", "shop") as terminal:
        terminal.wait_for("Waiting ›")
        terminal.type("add them\r")
        terminal.wait_for("Allow it?")
    home.kill()
    with on_terminal(home, project, model, "chat", "--session", "Waiting") as terminal:
        terminal.wait_for("› add them")
        terminal.wait_for("shop__add\n  a: 2\n  b: 3\nAllow it?")
        terminal.type("y\r")
        terminal.wait_for("Five.")
        terminal.wait_for("Waiting ›")
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
    assert "5" in str(model.requests[1].json["messages"][-1])


async def test_a_yes_that_was_typed_too_early_is_none(home: Home, project: Path) -> None:
    with FakeModel() as model:
        gate = model.gate()
        model.script(Reply(text="", calls=(Call("shop__add", '{"a": 2, "b": 3}'),), gate=gate), Reply(text="Five."))
        with on_terminal(home, project, model, "ask", "add", "--tool", "shop") as terminal:
            await model.next_request()
            terminal.type("y\r")
            gate.open()
            await asyncio.to_thread(terminal.wait_for, "Allow it?")
            terminal.type("n too early\r")
            await asyncio.to_thread(terminal.wait_for, "denied: too early")
            assert await asyncio.to_thread(terminal.wait_for_end) == 0
