"""`rejoinder config`."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

import orjson

from rejoinder_client.cli.arguments import add_common
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.output import print_json, say
from rejoinder_client.errors import NotFound

if TYPE_CHECKING:
    from rejoinder.protocol.projects import Setting


def declare(command: ArgumentParser) -> None:
    """The arguments of `config`."""
    command.description = (
        "Show the settings, and whether a value comes from a flag, the environment, an editor, config.toml or is the "
        "default. Change them in config.toml, whose place is told below the table."
    )
    command.add_argument("key", nargs="?", metavar="KEY", help="only this one, with what it means")
    command.add_argument("--changed", action="store_true", help="only those that differ from their default")
    add_common(command, config)


def config(options: Namespace) -> int:
    """Print settings, values and sources."""
    with connected(options) as client:
        settings = client.config()
        file = client.server.config_file
    if options.key is not None:
        settings = [each for each in settings if each.key == options.key]
        if not settings:
            raise NotFound(f"There is no setting {options.key!r}.", hint="`rejoinder config` lists them.")
    if options.changed:
        settings = [each for each in settings if each.source != "default"]
    if options.json:
        print_json({"settings": settings, "file": file})
        return 0
    from rejoinder_client.cli.tables import Column, print_rows, print_table

    if options.key is not None:
        for setting in settings:
            print_rows(_fields(setting))
        return 0
    if not settings:
        print("Every setting has its default.")
        return 0
    columns = (Column("Setting", style="bold"), Column("Value", elastic=True), Column("Source"))
    print_table(columns, [(each.key, _shown(each.value), _source(each.source)) for each in settings])
    say(f"\nChange them in {file}")
    return 0


def _fields(setting: "Setting") -> list[tuple[str, str]]:
    return [
        ("setting", setting.key),
        ("value", _shown(setting.value)),
        ("source", _source(setting.source)),
        ("default", _shown(setting.default)),
        ("meaning", setting.help),
    ]


def _source(layer: str) -> str:
    return "config.toml" if layer == "file" else layer


def _shown(value: Any) -> str:
    if value is None or value in ([], {}):
        return "–"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
