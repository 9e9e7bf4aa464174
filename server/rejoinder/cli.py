"""The command `rejoinder`: serves here, leaves all else to the terminal client."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rejoinder import __version__, network_cli, standard_streams
from rejoinder.domain.errors import RejoinderError

if TYPE_CHECKING:
    import socket

    from rejoinder.engine.framing import WireError
    from rejoinder.engine.greeting import Greeting
    from rejoinder.engine.locate import Start
    from rejoinder_client.cli.models import Keyring
    from rejoinder_client.cli.store import Stores

_USAGE = """\
usage: rejoinder COMMAND [OPTIONS]

Chat and ask about your project, in the terminal and in any editor.

examples:
{examples}
{commands}

options:
  --help      this text; `rejoinder COMMAND --help` for one command
  --version   the version

exit codes: 0 done, 1 it failed or the answer was no, 2 wrong usage,
            3 not found or ambiguous, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; answers the process's exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    command = arguments[0] if arguments else ""
    standard_streams.open_missing()
    try:
        if "_ARGCOMPLETE" in os.environ:
            return _complete()
        if command == "serve":
            return _serve(arguments[1:])
        if command == "engine":
            return _engine(arguments[1:])
        return standard_streams.written(partial(_printed, command, arguments))
    except RejoinderError as error:
        sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _printed(command: str, arguments: Sequence[str]) -> int:
    """Run a command that prints something and ends."""
    if command in ("", "-h", "--help", "help"):
        sys.stdout.write(_usage())
        return 0 if command else 2
    if command in ("-V", "--version"):
        sys.stdout.write(f"rejoinder {__version__}\n")
        return 0
    from rejoinder_client.quick import print_listing

    if print_listing(arguments, _dial):
        return 0

    from rejoinder_client import cli

    return cli.main(arguments, dial=_dial, keyring=_keyring, stores=_stores)


def engine_command(
    *, data_dir: Path, cache_dir: str | None = None, idle_seconds: float | None = None, store: str | None = None
) -> list[str]:
    """The command that starts a folder's engine with its listening socket as standard input.

    `-P` keeps whatever folder the process stands in out of its imports.
    """
    command = [sys.executable, "-P", "-m", "rejoinder", "engine", "--data-dir", str(data_dir)]
    if cache_dir is not None:
        command += ["--cache-dir", str(Path(cache_dir).expanduser().resolve())]
    if idle_seconds is not None:
        command += ["--idle-seconds", str(idle_seconds)]
    if store is not None:
        command += ["--store", store]
    return command


def serve_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """What `serve` takes; the arguments for HTTP are among it when they are wanted."""
    about = "Speak the Language Server Protocol on standard input and output, or over a network."
    parser = _parser("serve", about, arguments)
    parser.add_argument("--standalone", action="store_true", help="engine and server in this one process")
    network_cli.declare(parser, arguments)
    parser.add_argument("--model", metavar="NAME", help="the model that answers")
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error")
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], type=_setting, help="any setting; VALUE may be JSON"
    )
    return parser


def _serve(arguments: Sequence[str]) -> int:
    parser = serve_parser(arguments)
    options = parser.parse_args(arguments)
    flags: dict[str, Any] = dict(options.set)
    flags |= {"model": options.model} if options.model is not None else {}
    flags |= {"log.level": options.log_level} if options.log_level is not None else {}
    flags |= {"store": options.store} if options.store is not None else {}

    from rejoinder.engine.folders import cache_folder, data_folder

    data_dir = data_folder(options.data_dir)
    if options.standalone:
        if options.tcp or options.websocket or options.http:
            parser.error("--standalone serves standard input and output alone")
        with _no_garbage():
            from rejoinder import bootstrap

        return bootstrap.run_standalone(data_dir=data_dir, cache_dir=cache_folder(options.cache_dir), flags=flags)

    from rejoinder.engine import pipe
    from rejoinder.engine.locate import connect

    greeting, start = _introduction(data_dir, flags, cache_dir=options.cache_dir, idle_seconds=options.idle_seconds)
    if options.tcp or options.websocket or options.http:
        return network_cli.serve(options, partial(connect, data_dir, greeting=greeting, start=start))
    return pipe.serve(data_dir, greeting=greeting, start=start, to_wire=_to_wire)


def _to_wire(error: Exception) -> "WireError":
    # only where there is no engine: it takes longer to load than all else of a pipe
    from rejoinder.lsp.errors import to_wire_error

    return to_wire_error(error)


def _complete() -> int:
    """Answer a shell that asks what may come next."""
    from rejoinder_client.cli.completion import answer_shell

    # Tab waits for nothing: no engine is started for it.
    answer_shell(partial(_dial, may_start=False))
    return 0


def _keyring() -> "Keyring":
    from rejoinder.adapters import keyring_keys

    return keyring_keys


def _stores() -> "Stores":
    from rejoinder import stores_at_rest

    return stores_at_rest.StoresAtRest()


def _usage() -> str:
    from rejoinder_client.cli.arguments import COMMANDS
    from rejoinder_client.cli.examples import FIRST, GROUPS

    summaries = {name: summary for name, (_, summary) in COMMANDS.items()}
    summaries["serve"] = "speak the Language Server Protocol, for editors"
    lines = [
        line
        for title, names in GROUPS.items()
        for line in ("", f"{title}:", *(f"  {name:<12}{summaries[name]}" for name in names))
    ]
    return _USAGE.format(examples="\n".join(f"  rejoinder {each}" for each in FIRST), commands="\n".join(lines))


def _dial(folder: str | None, flags: Mapping[str, Any], *, may_start: bool = True) -> "tuple[socket.socket, bytes]":
    """Connect the terminal to the engine as the pipe would, without a process in between."""
    from rejoinder.engine.folders import data_folder
    from rejoinder.engine.locate import connect

    data_dir = data_folder(folder)
    greeting, start = _introduction(data_dir, flags, cache_dir=None, idle_seconds=None)
    connection = connect(data_dir, greeting=greeting, start=start if may_start else None)
    return connection.socket, connection.early


def _introduction(
    data_dir: Path, flags: Mapping[str, Any], *, cache_dir: str | None, idle_seconds: float | None
) -> "tuple[Greeting, Start]":
    """What a client says to an engine first, and how one is started."""
    from rejoinder import platform
    from rejoinder.engine.folders import key_variables
    from rejoinder.engine.greeting import Greeting
    from rejoinder.engine.locate import Start

    # settings, and the keys that they may name: the engine's own variables are those of whoever started it
    keys = {flags.get("apiKeyEnv"), os.environ.get("REJOINDER_API_KEY_ENV"), *key_variables()}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("REJOINDER_") or name.endswith("_API_KEY") or name in keys
    }
    command = engine_command(
        data_dir=data_dir, cache_dir=cache_dir, idle_seconds=idle_seconds, store=flags.get("store")
    )
    greeting = Greeting(__version__, str(data_dir), flags=flags, environment=environment)
    return greeting, Start(command, log=platform.log_dir() / "engine.log")


def _engine(arguments: Sequence[str]) -> int:
    parser = _parser(
        "engine", "Be the engine of a data folder; `rejoinder serve` starts it when it is needed.", arguments
    )
    options = parser.parse_args(arguments)

    from rejoinder import platform
    from rejoinder.engine.folders import cache_folder, data_folder

    try:
        listener = platform.inherited_listener()
    except OSError:
        parser.error("standard input is not a listening socket; `rejoinder serve` starts the engine with one")

    with _no_garbage():
        from rejoinder import bootstrap

    return bootstrap.run_engine(
        data_dir=data_folder(options.data_dir),
        cache_dir=cache_folder(options.cache_dir),
        idle_seconds=options.idle_seconds,
        store=options.store,
        listener=listener,
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Import without looking for garbage: modules are none, now or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as the other commands do; nothing of theirs is imported, because editors wait for `serve`."""

    def error(self, message: str) -> NoReturn:
        """End with what is wrong, and one thing to do."""
        sys.stderr.write(f"error: {message}.\nhint: `{self.prog} --help` shows what it takes.\n")
        sys.exit(2)


def _parser(command: str, description: str, arguments: Sequence[str]) -> argparse.ArgumentParser:
    kind: type[argparse.ArgumentParser] = _Parser
    if {"-h", "--help"} & set(arguments):
        # who reads help gets that of the other commands, and waits for it
        from rejoinder_client.cli.parsers import CommandParser

        kind = CommandParser
    parser = kind(f"rejoinder {command}", description=description, allow_abbrev=False)
    parser.add_argument("--data-dir", metavar="FOLDER", help="folder of the sessions")
    parser.add_argument("--cache-dir", metavar="FOLDER", help="folder of the indexes")
    parser.add_argument(
        "--idle-seconds", metavar="SECONDS", type=float, help="how long the engine stays after its last client"
    )
    parser.add_argument("--store", metavar="NAME", help="what keeps the conversations, unless an engine runs already")
    return parser


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
