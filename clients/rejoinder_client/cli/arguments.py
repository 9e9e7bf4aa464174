"""The commands, and the arguments that several of them take.

What a command takes stands in its own module, beside what it does; that module is imported when the command is named.
"""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from rejoinder_client.cli.parsers import CommandParser

Command = Callable[[Namespace], int]

COMMANDS = {
    "ask": ("ask:declare", "ask one question"),
    "chat": ("chat:declare", "hold a conversation"),
    "session": ("sessions:declare", "list, show, make, change and delete conversations"),
    "history": ("history:declare", "show, sum up, add to and clear what was said in one"),
    "search": ("search:declare", "find what was said, by words and by meaning"),
    "memory": ("memory:declare", "remember, find, correct and forget what every answer is to know"),
    "knowledge": ("knowledge:declare", "add, find and remove files, folders, pages and texts to answer from"),
    "context": ("memory:declare_context", "print what memory and knowledge say on a question"),
    "index": ("index:declare", "search the project, and see what of it is found"),
    "models": ("models:declare", "list the models that can answer, choose one, keep keys"),
    "agents": ("agents:declare", "list who else may answer, and what each is made of"),
    "tools": ("tools:declare", "list what models may call, and which ask first"),
    "usage": ("models:declare_usage", "show tokens, time and cost by day and model, and the budgets"),
    "export": ("transfer:declare_export", "write sessions to a file, as JSON or Markdown"),
    "import": ("importing:declare", "bring sessions in, of this program or of another"),
    "backup": ("upkeep:declare_backup", "write everything that is kept to one archive"),
    "restore": ("upkeep:declare_restore", "bring a backup in"),
    "cleanup": ("upkeep:declare_cleanup", "remove empty and old sessions, shorten long ones"),
    "state": ("state:declare", "show, set and remove values that programs keep with a session"),
    "store": ("store:declare", "show what a store holds, and copy everything to another"),
    "doctor": ("doctor:declare", "show what is there, and what to do next"),
    "config": ("settings:declare", "show the settings, and where each value comes from"),
    "project": ("projects:declare", "list projects, say where one is now, trust one"),
    "completion": ("completion:declare", "print what makes a shell complete commands and names"),
}
"""Where each command is declared, and what it does."""


def parser(given: Sequence[str]) -> CommandParser:
    """The parser for these arguments; it leaves in `command` the function that runs the command that they name."""
    root = CommandParser("rejoinder")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    for name, (home, summary) in COMMANDS.items():
        command = new_parser(commands, name, summary)
        if name == next(iter(given), None):
            module, _, declare = home.partition(":")
            getattr(import_module(f"rejoinder_client.cli.{module}"), declare)(command)
    return root


def new_parser(commands: Any, name: str, summary: str, **options: Any) -> ArgumentParser:
    """A command, or one of a command's actions."""
    description = summary[0].upper() + summary[1:] + "."
    made: ArgumentParser = commands.add_parser(name, help=summary, description=description, **options)
    made.set_defaults(parser=made)
    return made


def add_actions(command: ArgumentParser) -> Any:
    """The place for a command's actions."""
    return command.add_subparsers(title="actions", metavar="ACTION", required=True)


def add_action(actions: Any, name: str, summary: str, run: Command, *, json: bool = True) -> ArgumentParser:
    """One action of a command, with what every command takes."""
    action = new_parser(actions, name, summary)
    add_common(action, run, json=json)
    return action


def add_common(command: ArgumentParser, run: Command, *, json: bool = True) -> None:
    """What every command takes."""
    command.set_defaults(command=run)
    group = command.add_argument_group("where")
    group.add_argument("--project", metavar="FOLDER", help="the project (default: this folder)")
    group.add_argument("--data-dir", metavar="FOLDER", help="the folder of the sessions (`rejoinder doctor` names it)")
    if json:
        command.add_argument("--json", action="store_true", help="print one JSON document")


def add_yes(command: ArgumentParser) -> None:
    """Leave to do what is asked about first."""
    command.add_argument("--yes", "-y", action="store_true", help="do not ask first")


def add_user(command: Any) -> None:
    """Whose memory and state are meant."""
    command.add_argument("--user", metavar="NAME", help="whose memory, state and part of the conversation it is")


def add_ref(command: Any, *names: str, **options: Any) -> None:
    """A session, named by a reference."""
    from rejoinder_client.cli.completion import session_names

    options = {"metavar": "REF", "help": "ID, name or beginning of the ID of a session", **options}
    command.add_argument(*(names or ("ref",)), **options).completer = session_names


def add_agent(command: Any, *names: str) -> None:
    """An agent, named."""
    from rejoinder_client.cli.completion import agent_names

    command.add_argument(
        *names, metavar="NAME", help="an agent, as `rejoinder agents list` names it"
    ).completer = agent_names


def pair(text: str) -> tuple[str, str]:
    """The two sides of `KEY=VALUE`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    return key, value


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
