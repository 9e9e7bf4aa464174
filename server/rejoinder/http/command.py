"""`rejoinder serve --http`: its arguments, and the keys that are made with it."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rejoinder import platform
from rejoinder.domain.errors import InvalidInput
from rejoinder.engine.network import Address, refused
from rejoinder.http.keys import KeyFile, KeyRing, checked_name, checked_project, named_keys

if TYPE_CHECKING:
    from rejoinder.http.limits import Limits
    from rejoinder.http.turns import Dial

KEY_FILE = "http-keys.json"


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments that count with `--http` alone."""
    group = parser.add_argument_group("with --http")
    group.add_argument("--new-key", metavar="NAME", help="make a key, print it this once, and end")
    group.add_argument("--user", metavar="NAME", help="whom the new key stands for (default: its own name)")
    group.add_argument(
        "--project", metavar="FOLDER", help="the project whose files the key may ask about (default: none)"
    )
    group.add_argument("--list-keys", action="store_true", help="print the keys' names, users and projects, and end")
    group.add_argument("--revoke-key", metavar="NAME", help="forget a key, and end")
    group.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="a name that the server is reached by"
    )
    group.add_argument("--rate", metavar="COUNT", type=_count, help="requests a minute for each key (default: 60)")
    group.add_argument("--turns", metavar="COUNT", type=_count, help="turns at once for each key (default: 4)")
    group.add_argument("--max-body", metavar="BYTES", type=_count, help="largest body (default: 1048576)")
    group.add_argument("--grace", metavar="SECONDS", type=_seconds, help="for running turns at the end (default: 20)")


def run(options: argparse.Namespace, configured: Mapping[str, Any], dial: "Dial") -> int:
    """Serve, or see to the keys. `configured` is what `config.toml` holds."""
    config = platform.config_file()
    file = KeyFile(config.with_name(KEY_FILE))
    if options.new_key is not None:
        return _make_key(options, file)
    if options.revoke_key is not None:
        file.remove(options.revoke_key)
        return 0
    ring = KeyRing(file, named_keys(configured.get("http", {}), os.environ, beside=config.parent))
    if options.list_keys:
        for key in ring.keys():  # noqa: SIM118 - it is no mapping
            sys.stdout.write(f"{key.name}\t{key.user_id}\t{key.project or '-'}\n")
        return 0
    if not ring.keys():
        raise InvalidInput(
            "There is no key, so nobody could ask.", hint="`rejoinder serve --http --new-key NAME` makes one."
        )
    return _serve(options, ring, dial)


def _make_key(options: argparse.Namespace, file: KeyFile) -> int:
    name = checked_name(options.new_key, "key")
    user = checked_name(options.user if options.user is not None else name, "user")
    project = checked_project(Path(options.project).expanduser()) if options.project is not None else None
    made = file.add(name, user_id=user, project=project)
    where = f"in {project}" if project else "in no project"
    sys.stderr.write(f"rejoinder: this key stands for {user}, {where}; it is not shown again\n")
    sys.stderr.flush()
    sys.stdout.write(f"{made}\n")
    return 0


def _serve(options: argparse.Namespace, ring: KeyRing, dial: "Dial") -> int:
    try:
        from rejoinder.http.server import serve
    except ImportError as error:
        hint = "Run `pip install 'rejoinder[http]'`."
        raise InvalidInput(f"The package {error.name!r} is not installed.", hint=hint) from error
    address = Address.parse(options.http, may_be_remote=options.allow_remote)
    if options.allow_remote:
        sys.stderr.write(
            "rejoinder: warning: keys and conversations are not encrypted here; put a proxy with TLS in front, "
            "and let nothing but it reach this port\n"
        )
    hosts = {address.host, *options.allow_host}
    try:
        asyncio.run(serve(address, dial, ring, hosts=hosts, limits=_limits(options)))
    except OSError as error:
        return refused(address, error)
    return 0


def _limits(options: argparse.Namespace) -> "Limits":
    from rejoinder.http.limits import Limits

    given = {
        "requests_a_minute": options.rate,
        "refusals_a_minute": options.rate,
        "turns_at_once": options.turns,
        "body_bytes": options.max_body,
        "grace_seconds": options.grace,
    }
    return Limits(**{name: value for name, value in given.items() if value is not None})


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds <= 3600.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 to 3600")
    return seconds
