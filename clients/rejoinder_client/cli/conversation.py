"""A conversation on a terminal: questions with completion and history, answers as Markdown, slash commands."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.cli.answer_view import markdown, printable
from rejoinder_client.cli.commands import find_command
from rejoinder_client.cli.failures import UsageError, say_error
from rejoinder_client.cli.output import local_time, one_line, print_stream
from rejoinder_client.cli.question import Question
from rejoinder_client.client import Client, Session
from rejoinder_client.errors import ConnectionLost, RejoinderError

_NAME_WIDTH = 40
_PROMPT_WIDTH = 24
_RECALLED = 2
"""Messages that are shown again when a session is gone on with."""

_GOODBYES = ("exit", "quit")


class Conversation:
    """One conversation after another, until the user ends it."""

    def __init__(self, client: Client, session: Session, folder: Path) -> None:
        self.client = client
        self.session = session
        self.folder = folder
        self.ended = False
        self._console = Console(highlight=False)
        self._question = Question(client, self._toolbar)
        self._models = ""

    def run(self) -> int:
        """Converse; answers the exit code."""
        self.switch(self.session, recall=True)
        while not self.ended:
            try:
                line = self._question.ask(self._prompt())
            except EOFError:
                return 0
            except KeyboardInterrupt:
                continue
            if line.strip().lower() in _GOODBYES:
                return 0
            if line.strip():
                self._take(line)
        return 0

    def switch(self, session: Session, *, recall: bool = False) -> None:
        """Go on in a session; `recall` shows the end of what was said in it."""
        session.use()
        self.session = session
        messages = session.history(limit=50).messages
        self._question.remember([message.content for message in messages if message.role == "user"])
        if not self._question.draft and session.info.draft:
            self._question.draft = session.info.draft
        name = one_line(session.info.name, _NAME_WIDTH)
        count = session.info.message_count
        self.remark(f"{name} · {count} messages · /help" if count else f"{name} · new · /help")
        if not recall:
            return
        for message in messages[-_RECALLED:]:
            if message.role == "user":
                self._console.print(Text(f"› {printable(message.content)}", style="dim"))
            elif message.role == "assistant":
                self._console.print(markdown(message.content), style="dim")

    def model_name(self) -> str:
        """Which model answers in this session."""
        return self.session.info.model or self._current_model()

    def remark(self, text: str) -> None:
        """Say something beside the conversation."""
        self._console.print(Text(printable(text), style="dim"))

    def show_text(self, text: str) -> None:
        """Show a text as it is."""
        self._console.print(Text(printable(text)))

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show names and what belongs to them."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(escape(printable(name)), escape(printable(value)))
        self._console.print(table)

    def show_sessions(self, sessions: Sequence[SessionInfo]) -> None:
        """Show sessions, this one marked."""
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
        for title, right in (("", False), ("ID", False), ("Name", False), ("Messages", True), ("Updated", False)):
            table.add_column(title, justify="right" if right else "left", no_wrap=title != "Name", overflow="fold")
        for info in sessions:
            mark = "●" if info.session_id == self.session.session_id else ""
            count, updated = str(info.message_count), local_time(info.updated_at)
            table.add_row(mark, escape(info.session_id[:8]), escape(printable(info.name)), count, updated)
        self._console.print(table)

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
                self._answer(line)
        except KeyboardInterrupt:
            self.remark("(stopped)")
        except ConnectionLost:
            raise
        except RejoinderError as error:
            say_error(error.message, error.hint)
            self._question.draft = line
        except UsageError as error:
            say_error(str(error), error.hint)
            self._question.draft = line

    def _answer(self, line: str) -> None:
        self._console.print()
        with contextlib.closing(self.session.stream(line)) as updates:
            end = print_stream(updates, self.folder)
        if end is not None and end.usage.output_tokens:
            seconds = f"{end.usage.seconds:.1f} s"
            self.remark(f"{end.usage.input_tokens} + {end.usage.output_tokens} tokens · {seconds}")
        self._console.print()
        # The first turn gives a session its name.
        self.session.refresh()

    def _prompt(self) -> str:
        return f"{one_line(self.session.info.name, _PROMPT_WIDTH)} › "

    def _toolbar(self) -> str:
        return f" {self.model_name()} · {self.folder.name} · Enter sends, Alt+Enter begins a line, /help"

    def _current_model(self) -> str:
        if not self._models:
            self._models = self.client.models().current or "no model"
        return self._models
