"""`rejoinder chat`: a question, an answer, a question."""

import contextlib
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import say_error
from rejoinder_client.cli.output import print_stream, say
from rejoinder_client.errors import ConnectionLost, RejoinderError

if TYPE_CHECKING:
    from rejoinder_client.client import Session

_GOODBYES = ("exit", "quit", "/exit", "/quit")


def chat(options: Namespace) -> int:
    """Converse until the input ends. Ctrl-C stops an answer, not the conversation."""
    folder = project_folder(options)
    with connected(options) as client:
        session = client.session(name=options.new) if options.new else client.open(options.session)
        if sys.stdin.isatty() and sys.stdout.isatty():
            # Here and not above: what a terminal needs takes longer to load than all the rest.
            from rejoinder_client.cli.conversation import Conversation

            return Conversation(client, session, folder).run()
        session.use()
        for line in iter(sys.stdin.readline, ""):
            if line.strip().lower() in _GOODBYES:
                break
            if line.strip():
                _answer(session, line.rstrip("\n"), folder)
    return 0


def _answer(session: "Session", line: str, folder: Path) -> None:
    try:
        with contextlib.closing(session.stream(line)) as updates:
            print_stream(updates, folder)
    except KeyboardInterrupt:
        say("\n(stopped)")
    except ConnectionLost:
        raise
    except RejoinderError as error:
        say_error(error.message, error.hint)
