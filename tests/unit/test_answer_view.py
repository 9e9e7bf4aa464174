"""An answer that is drawn, and Ctrl+C in the middle of it."""

import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
from rich.console import Console

from rejoinder_client.cli.answer_view import AnswerView
from rejoinder_client.cli.unbroken import unbroken
from terminal import Terminal

WORDS = [f" word{number}" for number in range(30)]

IN_THE_BACKGROUND = """
import os
from rejoinder_client.cli.silent_keys import keys
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    with keys(shown=False):
        os._exit(7)
_, status = os.waitpid(child, os.WUNTRACED)
print("ended with", os.WEXITSTATUS(status) if os.WIFEXITED(status) else "a stop")
"""


BETWEEN_TWO_QUESTIONS = """
import sys
from rejoinder_client.cli.conversation import Conversation
from rejoinder_client.cli.silent_keys import keys

class Halting(Conversation):
    def __init__(self):
        self.session, self.ended = None, False

    def switch(self, *_, **__):
        pass

    def _go_on(self):
        print("working", flush=True)
        sys.stdin.readline()
        with keys(shown=True):
            print("may it?", flush=True)
            sys.stdin.readline()
        print("working again", flush=True)
        sys.stdin.readline()
        self.ended = True

Halting().run()
print("over", flush=True)
sys.stdin.readline()
"""


class Screen(io.StringIO):
    """A terminal on which Ctrl+C is pressed as soon as a word is to be seen."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word: str | None = word
        self.screen = pyte.Screen(100, 40)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str, /) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        if self.word and self.word in text:
            self.word = None
            signal.raise_signal(signal.SIGINT)
        return len(text)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]


@pytest.fixture(autouse=True)
def keyboard() -> Iterator[None]:
    """Ctrl+C as a program has it that was started from a terminal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("word", ["word0", "word20", "word29"])
def test_an_answer_that_is_stopped_while_it_is_drawn_stays_once(word: str) -> None:
    terminal = Screen(word)
    console = Console(file=terminal, force_terminal=True, width=100, height=40)
    with pytest.raises(KeyboardInterrupt), AnswerView(console) as view:
        for text in WORDS:
            view.add(text)
    shown = " ".join(terminal.lines)
    assert shown.split() == [text.strip() for text in WORDS[: WORDS.index(f" {word}") + 1]]


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with unbroken():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_an_answer_in_the_background_leaves_the_terminal_alone(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", IN_THE_BACKGROUND], folder=tmp_path) as terminal:
        terminal.wait_for_end()
        assert "ended with 7" in terminal.text


def test_in_a_conversation_keys_are_shown_only_where_they_are_asked_for(tmp_path: Path) -> None:
    asked = [("working", "early"), ("may it?", "yes"), ("working again", "later"), ("over", "then")]
    with Terminal([sys.executable, "-c", BETWEEN_TWO_QUESTIONS], folder=tmp_path) as terminal:
        for output, keys in asked:
            terminal.wait_for(output)
            terminal.type(f"{keys}\r")
        terminal.wait_for_end()
        assert terminal.text.split() == ["working", "may", "it?", "yes", "working", "again", "over", "then"]
