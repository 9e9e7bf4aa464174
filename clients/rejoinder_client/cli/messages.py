"""Messages of a conversation, as they are shown when nobody waits for them."""

import sys
from collections.abc import Sequence

from rejoinder.protocol.types import Message
from rejoinder_client.cli.output import local_time, one_line, printable
from rejoinder_client.cli.tool_view import shown_calls

_URI_WIDTH = 120


def print_messages(messages: Sequence[Message]) -> None:
    """Print each with its role, source and time; answers as Markdown on a terminal."""
    for message in messages:
        notes = [message.role, message.source, local_time(message.created_at)]
        notes += [message.agent] if message.agent else []
        notes += ["cancelled"] if message.stop_reason == "cancelled" else []
        notes += [f"with {one_line(each.uri, _URI_WIDTH)}" for each in message.attachments or () if each.hash]
        _print(f"\n[{', '.join(notes)}]", message)


def _print(heading: str, message: Message) -> None:
    calls = shown_calls(message.tool_calls or ())
    if not sys.stdout.isatty():
        print("\n".join([heading, *calls, message.content]))
        return
    # Here and not above: a pipe needs none of it.
    from rich.text import Text

    from rejoinder_client.cli.answer_view import answer_console, markdown

    console = answer_console()
    console.print(Text("\n".join([heading, *calls]), style="dim"))
    console.print(markdown(message.content) if message.role == "assistant" else Text(printable(message.content)))
