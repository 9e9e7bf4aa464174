"""`rejoinder export`."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Literal

from rejoinder_client.cli.arguments import add_common, add_ref
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import printable, say


def declare_export(command: ArgumentParser) -> None:
    """The arguments of `export`."""
    command.description = "Write sessions out: JSON, which loses nothing, or Markdown to be read."
    add_ref(command, "refs", nargs="*", help="ID, name or beginning of the ID; without one all of the project")
    command.add_argument("--output", "-o", metavar="FILE", help="a new file (default: standard output)")
    command.add_argument(
        "--format", choices=("json", "markdown"), help="the form (default: Markdown for a FILE.md, else JSON)"
    )
    add_common(command, export, json=False)


def export(options: Namespace) -> int:
    """Write sessions to standard output or to a new file."""
    is_markdown = Path(options.output or "").suffix.lower() in (".md", ".markdown")
    form: Literal["json", "markdown"] = options.format or ("markdown" if is_markdown else "json")
    with connected(options) as client:
        ids = [client.open(ref).session_id for ref in options.refs]
        content = client.sessions.export(*ids, format=form)
    if options.output is None:
        shown = printable(content) if sys.stdout.isatty() else content
        sys.stdout.write(shown if shown.endswith("\n") else f"{shown}\n")
    else:
        write_new(Path(options.output).expanduser(), content)
        say(f"Written to {options.output}.")
    return 0


def write_new(path: Path, content: str) -> None:
    """Write a file that is not there yet. Raises UsageError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{str(path)!r} is there already.", hint="Choose another name.") from None
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}.", hint="Choose another place.") from None
