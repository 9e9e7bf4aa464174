"""`--remote`: `ask` and `chat` with a session that is reached over HTTP."""

import contextlib
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rejoinder_client.cli.failures import UsageError, say_error
from rejoinder_client.errors import RejoinderError

if TYPE_CHECKING:
    from rejoinder_client.remote import RemoteSession

KEY_VARIABLE = "REJOINDER_REMOTE_KEY"
_GOODBYES = ("exit", "quit", "/exit", "/quit")
_ELSEWHERE = (
    *("go_on", "new", "quick", "file", "image", "context", "system", "no_retrieve", "agent", "agents", "schema"),
    *("model", "base_url", "temperature", "max_tokens", "effort", "trace", "metrics", "project", "data_dir"),
)
"""What is for sessions of this machine alone."""


def add_remote(command: ArgumentParser) -> None:
    """Where a remote session is."""
    group = command.add_argument_group("a remote session")
    group.add_argument("--remote", metavar="URL", help="ask a server of remote sessions, at HOST:PORT or a URL")
    group.add_argument(
        "--remote-key-env", metavar="NAME", help=f"the variable that holds its key (default: {KEY_VARIABLE})"
    )
    group.add_argument("--remote-timeout", metavar="SECONDS", type=float, help="seconds without a byte (60)")


def ask(options: Namespace, text: str, piped: str) -> int:
    """Ask, and print the answer as it comes."""
    # here and not above, as below: whoever asks at home does not wait for it
    from rejoinder_client.cli.output import print_json, print_stream

    with _session(options) as session:
        question = f"{text}\n\n{piped}" if piped.strip() else text
        if options.json:
            answer = session.run(question)
            print_json({"response": answer.text, "session_id": answer.session_id, "metadata": answer.metadata})
        else:
            with contextlib.closing(session.stream(question)) as updates:
                print_stream(updates, None)
    return 0


def chat(options: Namespace) -> int:
    """Converse until the input ends. Ctrl-C stops an answer, not the conversation."""
    from rejoinder_client.cli.output import print_stream, say

    with _session(options) as session:
        session.check_connection()
        say(f"({session.session_id} at {session.url}; `exit` ends it)")
        for line in _lines():
            try:
                with contextlib.closing(session.stream(line)) as updates:
                    print_stream(updates, None)
            except KeyboardInterrupt:
                say("\n(stopped)")
            except RejoinderError as error:
                say_error(error.message, error.hint)
    return 0


def _session(options: Namespace) -> "RemoteSession":
    given = [name for name in _ELSEWHERE if getattr(options, name, None)]
    if given:
        flag = {"go_on": "--continue"}.get(given[0], f"--{given[0].replace('_', '-')}")
        raise UsageError(f"{flag} does not go with --remote.", hint="What answers there is the server's choice.")
    from rejoinder_client.remote import RemoteSession

    return RemoteSession(
        options.remote,
        api_key_env=options.remote_key_env or KEY_VARIABLE,
        session_id=options.session,
        user_id=options.user,
        timeout=options.remote_timeout or 60.0,
    )


def _lines() -> Iterator[str]:
    """The questions."""
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    while True:
        try:
            line = input("› ") if on_terminal else sys.stdin.readline()
        except (EOFError, KeyboardInterrupt):
            return
        if (not line and not on_terminal) or line.strip().lower() in _GOODBYES:
            return
        if line.strip():
            yield line.rstrip("\n")
