"""The arguments of each command."""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from typing import Any

Command = Callable[[Namespace], int]


def parser() -> ArgumentParser:
    """The parser of all commands; each leaves in `command` the function that runs it."""
    root = ArgumentParser("rejoinder", allow_abbrev=False)
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    common = _common()
    _add_ask(commands, common)
    _add_chat(commands, common)
    _add_session(commands, common)
    _add_index(commands, common)
    doctor = commands.add_parser("doctor", parents=[common], help="show what is there, and what to do next")
    doctor.set_defaults(command=_later("doctor", "doctor"))
    return root


def _add_ask(commands: Any, common: ArgumentParser) -> None:
    ask = commands.add_parser(
        "ask",
        parents=[common],
        help="ask one question",
        description="Ask one question about the project. What is piped in goes along with it.",
    )
    ask.add_argument("text", nargs="+", metavar="TEXT", help="the question; `-` reads it from standard input")
    ask.add_argument("--session", metavar="REF", help="ID, name or beginning of the ID of a session")
    ask.add_argument(
        "--file",
        action="append",
        default=[],
        type=_file_argument,
        metavar="PATH[:FIRST-LAST]",
        help="a file to send along, or some of its lines",
    )
    ask.add_argument("--no-retrieve", action="store_true", help="look nothing up in the project")
    ask.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    ask.set_defaults(command=_later("ask", "ask"))


def _add_chat(commands: Any, common: ArgumentParser) -> None:
    chat = commands.add_parser("chat", parents=[common], help="hold a conversation")
    which = chat.add_mutually_exclusive_group()
    which.add_argument("--session", metavar="REF", help="ID, name or beginning of the ID; else the current session")
    which.add_argument("--new", metavar="NAME", help="begin a new session with this name")
    chat.set_defaults(command=_later("chat", "chat"))


def _add_session(commands: Any, common: ArgumentParser) -> None:
    session = commands.add_parser("session", help="list, show and delete sessions")
    actions = session.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[common], help="list the project's sessions, newest first")
    show = actions.add_parser("show", parents=[common], help="show a session's messages")
    delete = actions.add_parser("delete", parents=[common], help="move a session to the trash")
    for action in (show, delete):
        action.add_argument("ref", metavar="REF", help="ID, name or beginning of the ID")
    for action in (listing, show, delete):
        action.add_argument("--json", action="store_true", help="print JSON")
    delete.add_argument("--permanent", action="store_true", help="remove it for good")
    delete.add_argument("--yes", action="store_true", help="do not ask first")
    listing.set_defaults(command=_later("sessions", "list_sessions"))
    show.set_defaults(command=_later("sessions", "show"))
    delete.set_defaults(command=_later("sessions", "delete"))


def _add_index(commands: Any, common: ArgumentParser) -> None:
    index = commands.add_parser("index", help="look into the project's index, and search it")
    actions = index.add_subparsers(metavar="ACTION", required=True)
    status = actions.add_parser("status", parents=[common], help="show how far it is, and what could not be read")
    rebuild = actions.add_parser("rebuild", parents=[common], help="make it anew, or one file's part")
    rebuild.add_argument("path", nargs="?", metavar="PATH", help="a file; else all")
    explain = actions.add_parser("explain", parents=[common], help="say why a file is in it or not")
    explain.add_argument("path", metavar="PATH", help="a file of the project")
    search = actions.add_parser("search", parents=[common], help="find passages, past commits and messages")
    search.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    search.add_argument("--limit", type=int, default=10, metavar="COUNT", help="at most so many (default: 10)")
    search.add_argument(
        "--source",
        action="append",
        choices=("code", "commit", "message"),
        help="only these; may be repeated (default: all)",
    )
    search.add_argument("--parts", action="store_true", help="show which part of a score came from what")
    for name, action in (("status", status), ("rebuild", rebuild), ("explain", explain), ("search", search)):
        action.add_argument("--json", action="store_true", help="print JSON")
        action.set_defaults(command=_later("index", name))


def _common() -> ArgumentParser:
    common = ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--project", metavar="FOLDER", default=".", help="the project's folder (default: this one)")
    common.add_argument("--data-dir", metavar="FOLDER", help="folder of the sessions")
    common.add_argument("--model", metavar="NAME", help="the model that answers")
    common.add_argument("--base-url", metavar="URL", help="address of an OpenAI-compatible server")
    return common


def _file_argument(text: str) -> tuple[str, tuple[int, int] | None]:
    """A path, and the lines after its last colon, counted from 1."""
    path, colon, span = text.rpartition(":")
    first, dash, last = span.partition("-")
    if not colon or not first.isdigit() or (dash and not last.isdigit()):
        return text, None
    lines = int(first), int(last if dash else first)
    if not 1 <= lines[0] <= lines[1]:
        raise argparse.ArgumentTypeError(f"{span!r} is no span of lines")
    return path, lines


def _later(module: str, function: str) -> Command:
    """A command whose module is imported when it is run."""

    def run(options: Namespace) -> int:
        command: Command = getattr(import_module(f"rejoinder_client.cli.{module}"), function)
        return command(options)

    return run
