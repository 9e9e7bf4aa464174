"""`rejoinder chat`: a question, an answer, a question."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from rejoinder_client.cli import remote
from rejoinder_client.cli.arguments import add_common, add_ref
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import said, say_error
from rejoinder_client.cli.output import say
from rejoinder_client.cli.turn_arguments import add_turn_arguments, turn_options
from rejoinder_client.errors import ConnectionLost, RejoinderError

if TYPE_CHECKING:
    from rejoinder_client.cli.turn import Turn
    from rejoinder_client.client import Client, Session

_GOODBYES = ("exit", "quit", "/exit", "/quit")


def declare(command: ArgumentParser) -> None:
    """The arguments of `chat`."""
    command.description = (
        "Hold a conversation, in the current session unless another one is named. On a terminal /help lists the "
        "commands; piped in, each line is a question. `exit` ends it, Ctrl+C stops an answer."
    )
    which = command.add_mutually_exclusive_group()
    add_ref(which, "--session", "-s", help="ID, name or beginning of the ID of a session; with a new ID one is made")
    which.add_argument("--new", metavar="NAME", help="begin a new session with this name")
    which.add_argument("--quick", "-q", metavar="TEXT", help="one question and its answer that leave no trace")
    add_turn_arguments(command)
    remote.add_remote(command)
    add_common(command, chat, json=False)


def chat(options: Namespace) -> int:
    """Converse until the input ends. Ctrl-C stops an answer, not the conversation."""
    if options.remote is not None:
        return remote.chat(options)
    folder = project_folder(options)
    how = turn_options(options, folder)
    with connected(options) as client:
        from rejoinder_client.cli.turn import Turn

        turn = Turn(client, folder, how, trace=options.trace, metrics=options.metrics, allowed=options.allow_tool)
        if options.quick:
            turn.ask_aside(options.quick)
            return 0
        session = _session(client, options)
        if sys.stdin.isatty() and sys.stdout.isatty():
            # Here and not above: what a terminal needs takes longer to load than all the rest.
            from rejoinder_client.cli.conversation import Conversation

            return Conversation(client, session, folder, turn).run()
        session.use()
        for line in iter(sys.stdin.readline, ""):
            if line.strip().lower() in _GOODBYES:
                break
            if line.strip():
                _answer(turn, session, line.rstrip("\n"))
    return 0


def _session(client: "Client", options: Namespace) -> "Session":
    from rejoinder_client.cli.choosing import session_for

    if options.new:
        return client.session(name=options.new, user_id=options.user)
    return session_for(client, options.session, user_id=options.user) or client.open(user_id=options.user)


def _answer(turn: "Turn", session: "Session", line: str) -> None:
    try:
        turn.say(session, line)
    except KeyboardInterrupt:
        say("\n(stopped)")
    except ConnectionLost:
        raise
    except RejoinderError as error:
        say_error(*said(error))
