"""The line in which one writes to a conversation on a terminal."""

import re
from collections.abc import Callable, Iterable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import CompleteStyle, confirm
from prompt_toolkit.styles import Style

from rejoinder.protocol.turns import COMPLETE, CompleteParams
from rejoinder_client.cli.commands import slash_commands
from rejoinder_client.client import Client
from rejoinder_client.errors import RejoinderError

_COMMAND = re.compile(r"/[a-z]+\Z")
_PROPOSED = re.compile(r"(?:^|\s)[/@#]\S*\Z|^/agent .*\Z")
"""A last word that the server may know how to go on with."""

_STYLE = Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack", "prompt": "bold"})


class Question:
    """Reads questions. `draft` is what the next one begins with."""

    def __init__(self, client: Client, toolbar: Callable[[], str]) -> None:
        self.draft = ""
        self._proposals = _Proposals(client)
        self._session: PromptSession[str] = PromptSession(
            completer=ThreadedCompleter(self._proposals),
            complete_style=CompleteStyle.MULTI_COLUMN,
            auto_suggest=AutoSuggestFromHistory(),
            bottom_toolbar=toolbar,
            enable_open_in_editor=True,
            enable_suspend=True,
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation=lambda width, number, wrapped: " " * width,
            style=_STYLE,
        )

    def ask(self, prompt: str) -> str:
        """A question of one line or several. Raises EOFError on Ctrl-D, KeyboardInterrupt on Ctrl-C."""
        draft, self.draft = self.draft, ""
        return self._session.prompt([("class:prompt", prompt)], default=draft)

    def confirm(self, question: str) -> bool:
        """Ask for a yes."""
        return confirm(question)

    def use(self, session_id: str) -> None:
        """Propose what may be named in this session."""
        self._proposals.session_id = session_id

    def remember(self, questions: Sequence[str]) -> None:
        """Take what was asked before for what Up and Ctrl-R find; it stays in memory."""
        # The buffer loads a history once: another one needs the buffer to be told.
        self._session.history = self._session.default_buffer.history = InMemoryHistory(questions)
        self._session.default_buffer.reset()

    def is_unknown_command(self, line: str) -> bool:
        """Whether a line begins like a command, and neither the terminal nor the server has such a one."""
        first = line.split(maxsplit=1)[0]
        return bool(_COMMAND.match(first)) and first not in {
            item.text.strip() for item in self._proposals.for_text(first)
        }


class _Proposals(Completer):
    """The terminal's own commands, and what the server knows: its commands, files, sessions."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.session_id: str | None = None

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        return self.for_text(before) if _PROPOSED.search(before) else ()

    def for_text(self, text: str) -> list[Completion]:
        """What may stand at the text's end."""
        own = [
            Completion(f"/{command.name}", -len(text), display=command.usage, display_meta=command.help)
            for command in slash_commands()
            if f"/{command.name}".startswith(text)
        ]
        try:
            params = CompleteParams(text=text, offset=len(text), session_id=self.session_id)
            result = self._client.request(COMPLETE, params)
        except RejoinderError:
            # Without proposals one can still write.
            return own
        start = (len(text) if result.start is None else result.start) - len(text)
        known = {completion.text for completion in own}
        return own + [
            Completion(item.insert_text, start, display=item.label, display_meta=item.detail)
            for item in result.items
            if item.insert_text.strip() not in known
        ]


def _keys() -> KeyBindings:
    """Enter sends, Alt+Enter begins a line; Enter takes a proposal that is chosen.

    What is typed while an answer comes in arrives with line feeds in the place of returns, hence Ctrl+J.
    """
    keys = KeyBindings()

    @keys.add("enter")
    @keys.add("c-j")
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.apply_completion(buffer.complete_state.current_completion)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("escape", "c-j")
    def begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
