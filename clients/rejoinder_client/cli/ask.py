"""`rejoinder ask`."""

import json
import sys
import uuid
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, cast

from rejoinder.protocol.types import Attachment
from rejoinder_client.cli import remote
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
    who = add_turn_arguments(command)
    who.add_argument("--agents", metavar="NAME,NAME", help="several agents, each with what those before it answered")
    command.add_argument(
        "--schema", metavar="FILE|JSON", help="a JSON schema; the answer is JSON that is valid by it, and nothing else"
    )
    remote.add_remote(command)
    add_common(command, ask)


def ask(options: Namespace) -> int:
    """Ask, and print the answer as it comes."""
    if options.agents:
        _refuse_beside_agents(options)
    text, piped = _question(options.text)
    if options.remote is not None:
        return remote.ask(options, text, piped)
    schema = None if options.schema is None else _schema(options.schema)
    folder = project_folder(options)
    how = cast(AskOptions, {**turn_options(options, folder), "turn_id": uuid.uuid4().hex})
    if piped.strip():
        how["attachments"] = [*how.get("attachments", ()), Attachment("untitled:stdin", text=piped)]
    if options.quick:
        how["ephemeral"] = True
    with connected(options) as client:
        if options.agents:
            from rejoinder_client.cli.sequence import ask_in_sequence

            return ask_in_sequence(client, options, text, how, folder)
        # Here and not above: the connection is made while this is imported.
        from rejoinder_client.cli.choosing import session_for
        from rejoinder_client.cli.turn import Turn
        from rejoinder_client.options import ask_params

        session = session_for(client, options.session, go_on=options.go_on, user_id=options.user)
        address = {} if session is None else {"session_id": session.session_id, "project_id": session.info.project_id}
        turn = Turn(client, folder, how, trace=options.trace, metrics=options.metrics, allowed=options.allow_tool)
        how = cast(AskOptions, turn.how)
        updates = (session or client).ask_stream(text, schema=schema, **how)
        turn.show(ask_params(text, how, schema=schema, **address), updates, json=options.json)
    return 0


def _refuse_beside_agents(options: Namespace) -> None:
    """UsageError for what makes no sense when several agents answer."""
    for name in ("agent", "quick", "schema", "remote"):
        if getattr(options, name):
            hint = "Name them with --agents alone; each reads what those before it said in the session."
            raise UsageError(f"--agents and --{name} exclude one another.", hint=hint)


def _schema(text: str) -> dict[str, Any]:
    """A JSON schema, given as such or as a file. Raises UsageError."""
    try:
        value = json.loads(text if text.lstrip().startswith("{") else Path(text).expanduser().read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{text!r} cannot be read: {error.strerror}.", hint="Give a file, or the schema.") from None
    except ValueError as error:
        raise UsageError(f"The schema is no JSON: {error}.", hint="Give a JSON schema, or a file with one.") from None
    if not isinstance(value, dict):
        raise UsageError("The schema is no JSON object.", hint="Give a JSON schema, or a file with one.")
    return value


def _question(words: list[str]) -> tuple[str, str]:
    """The question, and what is piped in beside it. Raises UsageError when there is none."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    text, piped = (piped, "") if words in ([], ["-"]) else (" ".join(words), piped)
    if not text.strip():
        raise UsageError("There is no question.", hint="Give it as an argument, or pipe it in.")
    return text, piped
