"""A conversation by reading lines and writing text: what the loops of both clients have in common."""

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

from rejoinder.protocol.types import Session as SessionInfo
from rejoinder.protocol.updates import End, Text
from rejoinder_client.errors import ConnectionLost, RejoinderError
from rejoinder_client.options import ChatOptions

if TYPE_CHECKING:
    from rejoinder_client.async_session import AsyncSession

Read = Callable[[str], str]
"""Shows a prompt and gives the next line, as `input` does. Raises EOFError at the end."""

Write = Callable[[str], None]
"""Shows a piece of text, without a line break of its own."""

_ENDS = ("exit", "quit", "/exit", "/quit")


def print_piece(text: str) -> None:
    """Write to standard output."""
    print(text, end="", flush=True)  # noqa: T201 - what the loop is for


def asked(read: Read, info: SessionInfo) -> str | None:
    """The next question that is not empty; None at the end."""
    try:
        while not (line := read(f"[{info.name}] You: ").strip()):
            pass
    except EOFError:
        return None
    return None if line.lower() in _ENDS else line


async def answered(session: "AsyncSession", question: str, options: ChatOptions) -> AsyncGenerator[str, None]:
    """The pieces of an answer, or what went wrong with it and what to do; the conversation can go on after both.

    Raises ConnectionLost.
    """
    try:
        async for update in session.stream(question, **options):
            if isinstance(update, Text):
                yield update.text
            elif isinstance(update, End) and update.stop_reason == "cancelled":
                yield " (stopped)"
        yield "\n"
    except ConnectionLost:
        raise
    except RejoinderError as error:
        yield f"Error: {error.message} {error.hint}\n"
