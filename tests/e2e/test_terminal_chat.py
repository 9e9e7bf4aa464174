"""A conversation on a real terminal, with a real engine behind it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_model import FakeModel, Reply
from rejoinder_client import Client
from terminal import Terminal

ANSWER = "# Adding\n\nThe function `add` returns **the sum**:\n\n```python\nreturn a + b\n```\n\nSee calc.py:3.\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project, with the engine running."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "calc.py").write_text('def add(a, b):\n    """Add two numbers."""\n    return a + b\n')
    with Client(folders=[folder]):
        yield folder


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


def chatting(project: Path, model: FakeModel, *arguments: str) -> Terminal:
    command = [sys.executable, "-m", "rejoinder", "chat", "--model", "openai-compatible:any", "--base-url", model.url]
    return Terminal([*command, *arguments], folder=project)


def test_s2_03_cli_an_answer_is_drawn_as_markdown_while_it_comes(project: Path, model: FakeModel) -> None:
    model.script(Reply(text=ANSWER, hangs_after=5), Reply(text=ANSWER))
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("what does add do?\r")
        terminal.wait_for("Adding")
        terminal.type("\x03")
        terminal.wait_for("(stopped)")
        terminal.type("what does add return?\r")
        terminal.wait_for("  calc.py:3\n")
        assert "  return a + b" in terminal.lines
        assert "The function add returns the sum:" in terminal.lines
        assert "**" not in terminal.text
        # readable on any ground: nothing of the answer has one of its own
        assert all(cell.bg == "default" for row in terminal.cells for cell in row)
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
    assert model.requests[0].disconnected.is_set()


def test_what_is_typed_meanwhile_does_not_spoil_an_answer(project: Path, model: FakeModel) -> None:
    words = tuple(f" word{number}" for number in range(40))
    model.script(Reply(tokens=words, hangs_after=30))
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("go\r")
        terminal.wait_for("word29")
        terminal.type("meanwhile")
        terminal.type("\x03")
        terminal.wait_for("(stopped)")
        assert terminal.text.count("word0 word1 ") == terminal.text.count("word29") == 1
        assert "^C" not in terminal.text
        # no blanks to be copied along in what stays
        assert b"word14 " not in terminal.seen.rpartition(b"word0 ")[2]
        terminal.type("then\r")
        terminal.wait_for("one word at a time.")
    assert model.requests[-1].json["messages"][-1]["content"].endswith("then")


def test_a_second_terminal_joins_and_is_told_when_it_has_to_wait(project: Path, model: FakeModel) -> None:
    first, second = model.gate(), model.gate()
    model.script(Reply(text="one two", gate=first), Reply(text="three four", gate=second))
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("first question\r")
        first.release(2)
        terminal.wait_for("one")
        with chatting(project, model, "--session", "Sums") as other:
            other.wait_for("› first question\none")
            first.open()
            # what was being answered is no draft any more
            other.wait_for(lambda: "\nSums ›\n" in f"{other.text}\n")
            terminal.wait_for("tokens · ")
            terminal.type("second question\r")
            second.release(2)
            terminal.wait_for("three")
            other.type("mine\r")
            other.wait_for("hint: Wait for its end, or ask in another session;")
            other.wait_for(lambda: other.text.count("Sums › mine") == 2)
            other.type("\x15/resume nowhere\r")
            other.wait_for("hint: /sessions lists them.")
            second.open()
            terminal.wait_for(lambda: terminal.text.count(" tokens · ") == 2)
        third = model.gate()
        model.script(Reply(text="five six seven", gate=third, dies_after=2))
        terminal.type("third question\r")
        third.release(2)
        terminal.wait_for("five")
        with chatting(project, model, "--session", "Sums") as other:
            other.wait_for("› third question\nfive")
            third.open()
            other.wait_for("error: ")
            # what failed is the draft, here too
            other.wait_for("Sums › third question")


def test_s2_03_cli_slash_commands(project: Path, model: FakeModel) -> None:
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("hello\r")
        terminal.wait_for(" tokens · ")
        terminal.type("/rename Plus\r")
        terminal.wait_for("Plus ›")
        terminal.type("/status\r")
        terminal.wait_for("messages  2")
        terminal.type("/fork Minus\r")
        terminal.wait_for("Minus ›")
        terminal.type("/sessions\r")
        terminal.wait_for("●")
        terminal.type("/export out.json\r")
        terminal.wait_for("Written to out.json.")
        terminal.type("/clear\r")
        terminal.wait_for("Remove 2 messages")
        terminal.type("y")
        terminal.wait_for("Cleared.")
        terminal.type("/new Third\r")
        terminal.wait_for("Third ›")
        terminal.type("/resume Plus\r")
        terminal.wait_for("Plus · 2 messages")
        terminal.type("/help\r")
        terminal.wait_for("/quit")
        terminal.type("/quit\r")
        assert terminal.wait_for_end() == 0
    exported = json.loads((project / "out.json").read_text())
    assert [item["session"]["name"] for item in exported["sessions"]] == ["Minus"]
    with Client(folders=[project]) as client:
        assert {session.name: session.message_count for session in client.sessions.list()} == {
            "Plus": 2,
            "Minus": 0,
            "Third": 0,
        }
        assert client.open().info.name == "Plus"


def test_s2_03_cli_an_id_of_its_own_another_model_and_a_question_aside(project: Path, model: FakeModel) -> None:
    with chatting(project, model, "--session", "coding_task", "--metrics") as terminal:
        terminal.wait_for("coding_task ›")
        terminal.type("/new research\r")
        terminal.wait_for("research ›")
        terminal.type("/quick what is a kumquat?\r")
        terminal.wait_for("openai-compatible:any · ")
        terminal.type("/status\r")
        terminal.wait_for("messages  0")
        terminal.type("/model openai-compatible:other\r")
        terminal.wait_for("answers in this session from now on.")
        terminal.type("hello\r")
        terminal.wait_for("openai-compatible:other · ")
        terminal.type("/new coding_task\r")
        terminal.wait_for("hint: /resume coding_task goes on with it.")
        terminal.type("\x03")
        terminal.type("/resume codi\r")
        terminal.wait_for("coding_task · new")
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
    assert [request.json["model"] for request in model.requests] == ["any", "other"]
    assert "kumquat" not in str(model.requests[1].json)


def test_s2_03_cli_what_cannot_be_done_keeps_the_line(project: Path, model: FakeModel) -> None:
    model.script(Reply(status=401))
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("/nosuch\r")
        terminal.wait_for("hint: /help lists them.")
        terminal.wait_for(lambda: terminal.text.count("/nosuch") == 3)
        terminal.type("\x03")
        terminal.type("why?\r")
        terminal.wait_for("error: ")
        terminal.wait_for(lambda: terminal.text.count("› why?") == 2)


def test_s2_03_cli_a_question_of_several_lines_and_an_earlier_one(project: Path, model: FakeModel) -> None:
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("first\x1b\rsecond\r")
        terminal.wait_for(" tokens · ")
        terminal.type("\x1b[A")
        terminal.wait_for(lambda: terminal.text.count("second") == 2)
        terminal.type("\x04")
    assert model.requests[0].json["messages"][-1]["content"].endswith("first\nsecond")


def test_an_answer_cannot_steer_the_terminal(project: Path, model: FakeModel) -> None:
    model.script(Reply(text="before \x1b]0;owned\x07\x1b[2J after\n"))
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("go\r")
        terminal.wait_for("after")
        assert b"owned\x07" not in terminal.seen
        assert b"\x1b[2J after" not in terminal.seen


def test_s2_03_cli_commands_and_files_are_proposed(project: Path, model: FakeModel) -> None:
    with chatting(project, model, "--new", "Sums") as terminal:
        terminal.wait_for("Sums ›")
        terminal.type("/st")
        terminal.wait_for("/status")
        terminal.type("\x03")
        terminal.type("see @file:ca")
        terminal.wait_for("calc.py")
