"""Messages of a conversation, as they are shown when nobody waits for them."""

import sys
from collections.abc import Sequence

from rejoinder.protocol.types import Message
from rejoinder_client.cli.output import local_time, printable


def print_messages(messages: Sequence[Message]) -> None:
    """Print each with its role, source and time; answers as Markdown on a terminal."""
    for message in messages:
        notes = [message.role, message.source, local_time(message.created_at)]
        notes += ["cancelled"] if message.stop_reason == "cancelled" else []
        _print(f"\n[{', '.join(notes)}]", message)


def _print(heading: str, message: Message) -> None:
    if not sys.stdout.isatty():
        print(f"{heading}\n{message.content}")
        return
    # Here and not above: a pipe needs none of it.
    from rich.console import Console
    from rich.text import Text

    from rejoinder_client.cli.answer_view import markdown

    console = Console(highlight=False)
    console.print(Text(heading, style="dim"))
    console.print(markdown(message.content) if message.role == "assistant" else Text(printable(message.content)))
