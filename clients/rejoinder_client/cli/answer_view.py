"""An answer on a terminal: Markdown that is drawn while it comes in."""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.live import Live
from rich.markdown import CodeBlock, Heading, Markdown
from rich.segment import Segment
from rich.spinner import Spinner
from rich.syntax import Syntax
from rich.theme import Theme

from rejoinder_client.cli.markdown_blocks import finished_length
from rejoinder_client.cli.output import printable
from rejoinder_client.cli.silent_keys import keys
from rejoinder_client.cli.unbroken import unbroken

CODE_THEME = "ansi_dark"
"""Colours of the terminal's own palette, so that they can be read on any background."""

# rich itself would write code within a line on black
_STYLES = Theme({"markdown.code": "bold cyan"})


def answer_console() -> Console:
    """Where answers are drawn."""
    return Console(highlight=False, theme=_STYLES)


def markdown(text: str) -> ConsoleRenderable:
    """Markdown as it is shown everywhere on the terminal."""
    return _Shown(printable(text))


class AnswerView:
    """Draws an answer; used in a `with` block.

    Whole blocks are printed for good, so that they scroll and can be selected like any output. Only the last block is
    drawn again with every delta, at most as many of its lines as the terminal shows.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rest = ""
        self._printed = False
        self._silence = contextlib.ExitStack()
        # Turns by itself, so nothing is printed while it is there: what another thread draws may come in between.
        self._waiting: Live | None = self._new_waiting()
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        try:
            with unbroken():
                self._silence.enter_context(keys(shown=False))
                if self._waiting is not None:
                    self._waiting.start()
        except BaseException:
            self._settle()
            self._silence.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with unbroken():
            self._settle()
            self._silence.close()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Put what is there for good, leave the terminal to the block, and wait again after it."""
        with unbroken():
            self._settle()
        yield
        with unbroken():
            self._waiting = self._new_waiting()
            self._waiting.start()

    def wait(self, message: str) -> None:
        """Show that something goes on, as long as there is no text."""
        if self._waiting is not None:
            self._waiting.update(_spinner(message))

    def add(self, text: str) -> None:
        """More of the answer."""
        with unbroken():
            self._add(text)

    def _add(self, text: str) -> None:
        self._stop_waiting()
        if not self._live.is_started:
            self._live.start()
        self._rest += text
        if length := finished_length(self._rest):
            finished, self._rest = self._rest[:length], self._rest[length:]
            self._print(finished)
        self._live.update(_Tail(self._rest), refresh=True)

    def _settle(self) -> None:
        self._stop_waiting()
        if self._live.is_started:
            self._live.update("", refresh=True)
            self._live.stop()
        self._print(self._rest)
        self._rest = ""

    def _new_waiting(self) -> Live:
        return Live(_spinner("…"), console=self._console, transient=True)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    def _print(self, text: str) -> None:
        if not text.strip():
            return
        if self._printed:
            self._console.print()
        self._console.print(markdown(text))
        self._printed = True


def _spinner(message: str) -> Spinner:
    return Spinner("dots", printable(message), style="dim")


class _Tail:
    """The last lines of a Markdown text that fit on the terminal."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(markdown(self._text), options.update(height=None), pad=False)
        for line in lines[-max(console.height - 2, 1) :]:
            yield from line
            yield Segment.line()


class _Heading(Heading):
    """A heading on the left, where the eye of a reader of answers is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _Code(CodeBlock):
    """Code without lines of nothing above and below, which no ground sets off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(str(self.text).rstrip(), self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 2))


class _Markdown(Markdown):
    elements = {**Markdown.elements, "heading_open": _Heading, "fence": _Code, "code_block": _Code}


class _Shown:
    """Markdown without the blanks that fill lines up, which would be copied along, and wrap in a narrower window."""

    def __init__(self, text: str) -> None:
        self._markdown = _Markdown(text, code_theme=CODE_THEME, inline_code_theme=CODE_THEME)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._markdown, options.update(height=None), pad=False):
            yield from _without_end(line)
            yield Segment.line()


def _without_end(line: list[Segment]) -> list[Segment]:
    """A line without the blanks at its end."""
    line = list(line)
    while line and not line[-1].text.strip():
        line.pop()
    if line:
        line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
    return line
