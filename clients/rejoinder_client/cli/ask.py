"""`rejoinder ask`."""

import contextlib
import sys
from argparse import Namespace
from pathlib import Path

from rejoinder.protocol.types import Attachment
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import print_json, print_stream
from rejoinder_client.options import AskOptions, attachment


def ask(options: Namespace) -> int:
    """Ask, and print the answer as it comes."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    text, piped = (piped, "") if options.text == ["-"] else (" ".join(options.text), piped)
    if not text.strip():
        raise UsageError("There is no question.", hint="Give it as an argument, or pipe it in with `-`.")
    folder = project_folder(options)
    attachments = [_file(path, lines, folder) for path, lines in options.file]
    if piped.strip():
        attachments.append(Attachment("untitled:stdin", text=piped))
    how: AskOptions = {"attachments": attachments} if attachments else {}
    if options.no_retrieve:
        how["retrieve"] = False
    with connected(options) as client:
        asked = client.open(options.session) if options.session else client
        if options.json:
            print_json(asked.ask(text, **how))
            return 0
        with contextlib.closing(asked.ask_stream(text, **how)) as updates:
            print_stream(updates, folder)
    return 0


def _file(name: str, lines: tuple[int, int] | None, project: Path) -> Attachment:
    """A file of the project by its address, so that an editor's unsaved text counts; any other by its text."""
    path = Path(name).expanduser().absolute()
    whole = attachment(path, lines=lines)
    if path.resolve().is_relative_to(project.resolve()):
        return whole
    try:
        content = path.read_text("utf-8", "replace").splitlines(keepends=True)
    except OSError as error:
        raise UsageError(f"{name!r} cannot be read: {error.strerror}.", hint="Look at the path.") from None
    first, last = lines or (1, len(content))
    return Attachment(whole.uri, whole.range, text="".join(content[first - 1 : last]))
