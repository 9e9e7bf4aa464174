"""`rejoinder ask`."""

import sys
import uuid
from argparse import ArgumentParser, Namespace
from typing import cast

from rejoinder.protocol.types import Attachment
from rejoinder_client.cli.arguments import add_common, add_ref
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.turn_arguments import add_turn_arguments, turn_options
from rejoinder_client.options import AskOptions


def declare(command: ArgumentParser) -> None:
    """The arguments of `ask`."""
    command.description = (
        "Ask one question about the project; it is answered from all of its conversations and stored in the current "
        "one. What is piped in goes along with it: `git diff | rejoinder ask /review`. `/commit` and `/review` take "
        "the changes by themselves when nothing is named; /explain, /fix, /test and /document take --file."
    )
    command.add_argument("text", nargs="*", metavar="TEXT", help="the question; without one it is read from a pipe")
    which = command.add_mutually_exclusive_group()
    add_ref(which, "--session", "-s", help="ID, name or beginning of the ID of a session; with a new ID one is made")
    which.add_argument("--continue", "-c", dest="go_on", action="store_true", help="go on with the current session")
    which.add_argument("--quick", "-q", action="store_true", help="leave no trace in any session")
    add_turn_arguments(command)
    add_common(command, ask)


def ask(options: Namespace) -> int:
    """Ask, and print the answer as it comes."""
    text, piped = _question(options.text)
    folder = project_folder(options)
    how = cast(AskOptions, {**turn_options(options, folder), "turn_id": uuid.uuid4().hex})
    if piped.strip():
        how["attachments"] = [*how.get("attachments", ()), Attachment("untitled:stdin", text=piped)]
    if options.quick:
        how["ephemeral"] = True
    with connected(options) as client:
        # Here and not above: the connection is made while this is imported.
        from rejoinder_client.cli.choosing import session_for
        from rejoinder_client.cli.turn import Turn
        from rejoinder_client.options import ask_params

        session = session_for(client, options.session, go_on=options.go_on, user_id=options.user)
        address = {} if session is None else {"session_id": session.session_id, "project_id": session.info.project_id}
        turn = Turn(client, folder, how, trace=options.trace, metrics=options.metrics)
        updates = (session or client).ask_stream(text, **how)
        turn.show(ask_params(text, how, **address), updates, json=options.json)
    return 0


def _question(words: list[str]) -> tuple[str, str]:
    """The question, and what is piped in beside it. Raises UsageError when there is none."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    text, piped = (piped, "") if words in ([], ["-"]) else (" ".join(words), piped)
    if not text.strip():
        raise UsageError("There is no question.", hint="Give it as an argument, or pipe it in.")
    return text, piped
