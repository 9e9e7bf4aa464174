"""What `ask` and `chat` take for a turn, and what becomes of it."""

import argparse
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from rejoinder.protocol.types import Attachment
from rejoinder_client.cli.arguments import add_agent, add_user
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.options import TurnOptions, attachment, image
from rejoinder_client.places import absolute

_LONGEST_NAME = 255
_HEAD = 8192
"""Bytes that tell a text from what is none."""


def add_turn_arguments(command: ArgumentParser) -> Any:
    """What goes along with a question, who answers it, and what is shown beside the answer; the group of the second."""
    sent = command.add_argument_group("what goes along")
    sent.add_argument(
        "--file",
        action="append",
        default=[],
        type=file_argument,
        metavar="PATH[:FIRST-LAST]",
        help="a file, or some of its lines; may be repeated",
    )
    sent.add_argument(
        "--image", action="append", default=[], metavar="PATH", help="a PNG, JPEG, WebP or GIF, for the first question"
    )
    sent.add_argument("--context", action="append", default=[], metavar="TEXT|FILE", help="more to know, for each turn")
    sent.add_argument("--system", metavar="TEXT", help="what the model is told first, in place of the session's own")
    add_user(sent)
    sent.add_argument("--no-retrieve", action="store_true", help="look nothing up in the project")
    _add_tools(command)
    answered = command.add_argument_group("who answers")
    add_agent(answered, "--agent", "-a")
    answered.add_argument("--model", metavar="NAME", help="the model")
    answered.add_argument("--base-url", metavar="URL", help="address of an OpenAI-compatible server")
    answered.add_argument("--temperature", type=float, metavar="NUMBER", help="sampling temperature")
    answered.add_argument("--max-tokens", type=int, metavar="COUNT", help="most tokens of an answer")
    answered.add_argument("--effort", choices=("minimal", "low", "medium", "high"), help="how long the model thinks")
    shown = command.add_argument_group("what is shown beside the answer")
    shown.add_argument("--trace", action="store_true", help="what was looked up, and the prompt as it was sent")
    shown.add_argument("--metrics", action="store_true", help="model, tokens, time and cost")
    return answered


def turn_options(options: Namespace, project: Path | None) -> TurnOptions:
    """The options of a turn. Raises UsageError for a file that cannot be read, and what `image` raises."""
    how: TurnOptions = {}
    attachments = [_file(path, lines, project) for path, lines in options.file]
    attachments += [_context(text, number) for number, text in enumerate(options.context, 1)]
    if attachments:
        how["attachments"] = attachments
    if options.image:
        how["images"] = [image(path) for path in options.image]
    if options.tool or options.no_tools:
        how["tools"] = list(options.tool)
    if options.no_retrieve:
        how["retrieve"] = False
    if options.user is not None:
        how["user_id"] = options.user
    if options.agent is not None:
        how["agent"] = options.agent
    if options.system is not None:
        how["system"] = options.system
    if options.model is not None:
        # Also where a session has a model of its own.
        how["model"] = options.model
    if options.temperature is not None:
        how["temperature"] = options.temperature
    if options.max_tokens is not None:
        how["max_tokens"] = options.max_tokens
    if options.effort is not None:
        how["effort"] = options.effort
    return how


def file_argument(text: str) -> tuple[str, tuple[int, int] | None]:
    """A path, and the lines after its last colon, counted from 1."""
    path, colon, span = text.rpartition(":")
    first, dash, last = span.partition("-")
    if not colon or not first.isdigit() or (dash and not last.isdigit()):
        return text, None
    lines = int(first), int(last if dash else first)
    if not 1 <= lines[0] <= lines[1]:
        raise argparse.ArgumentTypeError(f"{span!r} is no span of lines")
    return path, lines


def _add_tools(command: ArgumentParser) -> None:
    tools = command.add_argument_group("what the model may call")
    which = tools.add_mutually_exclusive_group()
    which.add_argument(
        "--tool",
        action="append",
        default=[],
        metavar="NAME",
        help="a tool, a server's tools, or `default`, and no others; may be repeated; `rejoinder tools` lists them",
    )
    which.add_argument("--no-tools", action="store_true", help="none")
    tools.add_argument(
        "--allow-tool",
        action="append",
        default=[],
        metavar="NAME",
        help="do not ask before this one is called; `*` stands for any characters; may be repeated",
    )


def _file(name: str, lines: tuple[int, int] | None, project: Path | None) -> Attachment:
    """A file of the project by its address, so that an editor's unsaved text counts; any other by its text."""
    path = absolute(name)
    whole = attachment(path, lines=lines)
    if project is not None and path.resolve().is_relative_to(project.resolve()):
        return whole
    content = _read(path, name).splitlines(keepends=True)
    first, last = lines or (1, len(content))
    return Attachment(whole.uri, whole.range, text="".join(content[first - 1 : last]))


def _context(text: str, number: int) -> Attachment:
    """The text of a file where there is one of that name, else the text itself."""
    path = Path(text).expanduser() if len(text) <= _LONGEST_NAME and "\n" not in text else None
    if path is not None and os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file never an error
        return Attachment(path.absolute().as_uri(), text=_read(path, text))
    return Attachment(f"untitled:context-{number}", text=text)


def _read(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name!r} cannot be read: {error.strerror}.", hint="Look at the path.") from None
    if b"\0" in data[:_HEAD]:
        hint = "--image sends a picture; `rejoinder knowledge add` takes documents."
        raise UsageError(f"{name!r} holds no text.", hint=hint)
    return data.decode("utf-8", "replace")
