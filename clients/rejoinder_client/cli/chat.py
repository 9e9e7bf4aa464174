"""`rejoinder chat`: a line, an answer, a line."""

import contextlib
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import say_error
from rejoinder_client.cli.output import one_line, print_stream, say
from rejoinder_client.errors import ConnectionLost, RejoinderError

if TYPE_CHECKING:
    from rejoinder_client.client import Session

_GOODBYES = ("exit", "quit", "/exit", "/quit")
_NAME_WIDTH = 30


def chat(options: Namespace) -> int:
    """Converse until the input ends. Ctrl-C stops an answer, not the conversation."""
    folder = project_folder(options)
    if sys.stdin.isatty():
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401 - gives `input` its line editing
    with connected(options) as client:
        session = client.session(name=options.new) if options.new else client.open(options.session)
        session.use()
        while (line := _read_line(session)) is not None:
            if line.strip():
                _answer(session, line, folder)
    return 0


def _read_line(session: "Session") -> str | None:
    """The next line; None when there are no more."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
    else:
        try:
            line = input(f"[{one_line(session.info.name, _NAME_WIDTH)}] > ") + "\n"
        except EOFError:
            print()
            return None
        except KeyboardInterrupt:
            say("\n(exit or Ctrl-D ends the conversation)")
            return ""
    return None if not line or line.strip().lower() in _GOODBYES else line.rstrip("\n")


def _answer(session: "Session", line: str, folder: Path) -> None:
    try:
        with contextlib.closing(session.stream(line)) as updates:
            print_stream(updates, folder)
        # The first turn gives a session its name.
        session.refresh()
    except KeyboardInterrupt:
        say("\n(stopped)")
    except ConnectionLost:
        raise
    except RejoinderError as error:
        say_error(error.message, error.hint)
