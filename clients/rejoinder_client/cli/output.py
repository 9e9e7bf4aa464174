"""What the terminal prints."""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import orjson

from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.types import Citation, Range
from rejoinder.protocol.updates import End, Status, Text, Update

if TYPE_CHECKING:
    from rejoinder_client.cli.tool_calls import ToolCalls

_COUNT = re.compile(r"\d[\d,]*")
_JOINERS = "\u200c\u200d"
"""They make one sign of several, in emoji as in Persian."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_json(value: Any) -> None:
    """Print a value of the protocol as it is on the wire, indented."""
    print(orjson.dumps(unstructure(value), option=orjson.OPT_INDENT_2).decode())


def say(text: str) -> None:
    """Tell the user something that is not the command's result, after what was printed of that."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def print_stream(updates: Iterable[Update], folder: Path | None, calls: "ToolCalls | None" = None) -> End | None:
    """Print an answer as it comes, then the places that it refers to; as Markdown on a terminal, else as it is.

    `calls` shows the calls of tools on the way, and decides on them.
    Answers the turn's end. Raises what the turn ended with.
    """
    if sys.stdout.isatty():
        # Here and not above: a pipe needs none of it, and it takes longer to load than a short command to run.
        from rejoinder_client.cli.answers import show_stream

        end = show_stream(updates, calls)
    else:
        end = _write_stream(updates if calls is None else calls.watch(updates))
    if end is not None:
        _print_citations(end.citations, folder)
        if end.stop_reason not in ("end_turn", "cancelled") and end.error is None:
            say(f"The answer stopped early: {end.stop_reason}.")
    return end


def _write_stream(updates: Iterable[Update]) -> End | None:
    at_line_start = True
    end = None
    told = set()
    try:
        for update in updates:
            match update:
                case Text(text) if text:
                    print(text, end="", flush=True)
                    at_line_start = text.endswith("\n")
                case Status(message) if (kind := _COUNT.sub("", message)) not in told:
                    # how far something is, is told once
                    told.add(kind)
                    say(message)
                case End():
                    end = update
    finally:
        if not at_line_start:
            print()
    return end


def _print_citations(citations: Sequence[Citation], folder: Path | None) -> None:
    places = dict.fromkeys(place_of(citation, folder) for citation in citations)
    if places:
        print("\nSources:")
        for place in places:
            print(f"  {place}")


def place_of(citation: Citation, folder: Path | None) -> str:
    """`path:line`, the path from the project's folder on where it lies within."""
    return shown_place(citation.uri, citation.range, folder) if citation.uri.startswith("file:") else citation.label


def shown_place(uri: str, place: Range, folder: Path | None) -> str:
    """`path:line` of a file, the path from the project's folder on where it lies within; any other URI as it is."""
    shown = shown_file(uri, folder)
    return shown if shown == uri else f"{shown}:{place.start.line + 1}"


def shown_file(uri: str, folder: Path | None) -> str:
    """The path of a file, from the project's folder on where it lies within; any other URI as it is."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = Path(unquote(parts.path))
    inside = folder is not None and path != folder and path.is_relative_to(folder)
    return str(path.relative_to(folder)) if inside and folder is not None else str(path)


def printable(text: str) -> str:
    """The text without what would steer the terminal: an answer may hold anything that its sources do."""
    return _CONTROL.sub("�", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int) -> str:
    """A text without line breaks and control characters, cut to `limit` characters."""
    plain = "".join(character if character.isprintable() or character in _JOINERS else " " for character in text)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def local_time(moment: str) -> str:
    """An RFC 3339 time as the clock on the wall shows it, to the minute."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def shown_size(count: int) -> str:
    """Bytes as people read them."""
    for unit, size in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def counted(count: int, what: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
