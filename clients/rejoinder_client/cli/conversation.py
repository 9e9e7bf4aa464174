"""A conversation on a terminal: questions with completion and history, answers as Markdown, slash commands."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from rejoinder.protocol.types import Message
from rejoinder_client.agents import name_of
from rejoinder_client.cli.answer_view import answer_console, markdown
from rejoinder_client.cli.commands import find_command
from rejoinder_client.cli.failures import UsageError, said, say_error
from rejoinder_client.cli.output import counted, one_line, printable
from rejoinder_client.cli.question import Question
from rejoinder_client.cli.rejoining import rejoin
from rejoinder_client.cli.silent_keys import keys
from rejoinder_client.cli.trace import metrics
from rejoinder_client.cli.turn import Turn
from rejoinder_client.client import Client, Session
from rejoinder_client.errors import ConnectionLost, RejoinderError, SessionNotFound

_NAME_WIDTH = 40
_PROMPT_WIDTH = 24
_RECALLED = 2
"""Messages that are shown again when a session is gone on with."""

_GOODBYES = ("exit", "quit")


class Conversation:
    """One conversation after another, until the user ends it."""

    def __init__(self, client: Client, session: Session, folder: Path | None, turn: Turn) -> None:
        self.client = client
        self.session = session
        self.folder = folder
        self.ended = False
        self.turn = turn
        """How questions are asked."""
        self._console = answer_console()
        self._question = Question(client, self._toolbar)
        self._models = ""

    def run(self) -> int:
        """Converse; answers the exit code."""
        # what is typed before a question can be typed is shown by that alone
        with keys(shown=False):
            self.switch(self.session, recall=True)
            while not self.ended:
                # also between two questions Ctrl+C ends nothing
                with contextlib.suppress(KeyboardInterrupt):
                    self._go_on()
        return 0

    def _go_on(self) -> None:
        """Ask for a line and carry it out."""
        try:
            line = self._question.ask(self._prompt())
        except EOFError:
            line = _GOODBYES[0]
        if line.strip().lower() in _GOODBYES:
            self.ended = True
        elif line.strip():
            self._take(line)

    def switch(self, session: Session, *, recall: bool = False) -> None:
        """Go on in a session; `recall` shows the end of what was said in it."""
        session.use()
        self.session = session
        self._question.use(session.session_id)
        messages = session.history(limit=50).messages
        self._question.remember([message.content for message in messages if message.role == "user"])
        name = one_line(session.info.name, _NAME_WIDTH)
        count = session.info.message_count
        self.remark(f"{name} · {counted(count, 'message')} · /help" if count else f"{name} · new · /help")
        if recall:
            self._recall(messages)
            if rejoin(self.client, session, self.turn):
                self._console.print()
        # only now: what is being answered is the draft until it is
        if not self._question.draft and (draft := session.refresh().draft):
            self._question.draft = draft

    def _recall(self, messages: Sequence[Message]) -> None:
        """Show the end of what was said."""
        for message in messages[-_RECALLED:]:
            if message.role == "user":
                self._console.print(Text(f"› {printable(message.content)}", style="dim"))
            elif message.role == "assistant":
                self._console.print(markdown(message.content), style="dim")

    def model_name(self) -> str:
        """Which model answers in this session."""
        return self.turn.how.get("model") or self.session.info.model or self._current_model()

    def agent_name(self) -> str:
        """Which agent answers; empty when none was chosen."""
        agent = self.turn.how.get("agent")
        return "" if agent is None else name_of(agent)

    def remark(self, text: str) -> None:
        """Say something beside the conversation."""
        self._console.print(Text(printable(text), style="dim"))

    def show_text(self, text: str) -> None:
        """Show a text as it is."""
        self._console.print(Text(printable(text)))

    def confirm(self, question: str) -> bool:
        """Ask for a yes."""
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            return self._question.confirm(question)
        return False

    def _take(self, line: str) -> None:
        """Carry out a line. What it says is kept as the next line's beginning when that fails."""
        try:
            if found := find_command(line):
                command, argument = found
                command.run(self, argument)
            elif self._question.is_unknown_command(line):
                raise UsageError(f"There is no command {line.split()[0]!r}.", hint="/help lists them.")
            else:
                self.answer(line)
        except KeyboardInterrupt:
            self.remark("(stopped)")
        except ConnectionLost:
            raise
        except SessionNotFound as error:
            say_error(error.message, "/sessions lists them.")
            self._question.draft = line
        except RejoinderError as error:
            say_error(*said(error))
            self._question.draft = line
        except UsageError as error:
            say_error(str(error), error.hint)
            self._question.draft = line

    def answer(self, line: str, *, keep: bool = True) -> None:
        """Have a question answered; without `keep` it leaves no trace."""
        self._console.print()
        end = self.turn.say(self.session, line, keep=keep)
        if end is not None and end.usage.output_tokens and not self.turn.metrics:
            self.remark(f"\n{metrics(self.agent_name(), end.usage)}")
        self._console.print()
        # The first turn gives a session its name.
        self.session.refresh()

    def _prompt(self) -> str:
        return f"{one_line(self.session.info.name, _PROMPT_WIDTH)} › "

    def _toolbar(self) -> str:
        place = self.folder.name if self.folder else "no project"
        who = f"{agent} · {self.model_name()}" if (agent := self.agent_name()) else self.model_name()
        return f" {who} · {place} · Enter sends, Alt+Enter begins a line, /help"

    def _current_model(self) -> str:
        if not self._models:
            self._models = self.client.models().current or "no model"
        return self._models
