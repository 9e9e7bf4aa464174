"""Answers and history on a terminal."""

from collections.abc import Iterable
from contextlib import ExitStack

from rich.console import Console
from rich.text import Text as StyledText

from rejoinder.protocol.updates import Approval, End, Status, Text, Thought, ToolCallStarted, ToolUpdate, Update
from rejoinder_client.cli.answer_view import AnswerView, answer_console
from rejoinder_client.cli.output import printable
from rejoinder_client.cli.tool_calls import ToolCalls, is_about_tools

_THOUGHT_SHOWN = 60


def show_stream(
    updates: Iterable[Update], calls: ToolCalls | None = None, console: Console | None = None
) -> End | None:
    """Draw an answer while it comes in; answers the turn's end. Raises what the turn ended with."""
    console = console or answer_console()
    end = None
    with ExitStack() as stack:
        view = stack.enter_context(AnswerView(console))
        for update in updates:
            match update:
                case Text(text) if text:
                    view.add(text)
                case Status(message):
                    view.wait(message)
                case Thought(text):
                    view.wait("thinking… " + " ".join(text.split())[-_THOUGHT_SHOWN:])
                case ToolCallStarted() | Approval() | ToolUpdate() if calls and is_about_tools(update):
                    with view.paused():
                        calls.take(update)
                case End():
                    end = update
    return end


def dimmed(text: str) -> StyledText:
    """A remark beside the conversation."""
    return StyledText(printable(text), style="dim")
