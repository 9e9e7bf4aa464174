"""Agents as Markdown files: `NAME.md`, keys in YAML between lines of `---` at the top, instructions below.

Only plain files of a folder itself count, up to a number and a size; what a file links to is not followed out of it.
"""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rejoinder.domain.agents import Agent, AgentSource, checked_name, is_name, read_agent
from rejoinder.domain.errors import RejoinderError, TooLarge
from rejoinder.services.agent_ports import ReadAgents

PROJECT_FOLDER = Path(".rejoinder") / "agents"
LARGEST = 256 * 1024
"""Bytes of a file that is read."""
_LONGEST_KEYS, _MOST_BRACKETS = 8_000, 200
"""Characters between the lines of `---`, and brackets among them: nested ones take the library ever longer."""
_MOST_FILES = 200

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""A pipe would be waited for, and a link may lead anywhere."""
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<keys>.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_Stamp = tuple[int, int, int]


class DiskAgentFiles:
    """The port `AgentFiles`. A file is read again when its inode, its size or its time is another."""

    def __init__(self, own: Path) -> None:
        """`own` is the folder of the user's agents."""
        self._own = own
        self._known: dict[Path, tuple[_Stamp, Agent | str]] = {}

    def own(self) -> ReadAgents:
        """As the port says."""
        return self._read(self._own, "user")

    def of(self, folder: Path) -> ReadAgents:
        """As the port says. A folder of agents that is a link out of the project counts as none."""
        return self._read(folder / PROJECT_FOLDER, "project") if _is_inside(folder) else ReadAgents()

    def names_in(self, folder: Path) -> Sequence[str]:
        """As the port says."""
        if not _is_inside(folder):
            return []
        return [path.stem for path in _paths(folder / PROJECT_FOLDER) if is_name(path.stem)]

    def _read(self, folder: Path, source: AgentSource) -> ReadAgents:
        found = {path.stem: self._one(path, source) for path in _paths(folder)}
        return ReadAgents(
            [one for one in found.values() if isinstance(one, Agent)],
            {name: one for name, one in found.items() if isinstance(one, str)},
        )

    def _one(self, path: Path, source: AgentSource) -> Agent | str:
        """The agent of a file, or why there is none."""
        try:
            # people link their own files to where they keep them all
            real = path.resolve(strict=True) if source == "user" else path
            status = real.stat(follow_symlinks=False)
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
            if path not in self._known or self._known[path][0] != stamp:
                self._known[path] = stamp, _opened(path.stem, real, source)
            return self._known[path][1]
        except (OSError, RuntimeError) as error:
            return f"{path.name} cannot be read: {getattr(error, 'strerror', None) or 'it links to itself'}."


def _opened(name: str, path: Path, source: AgentSource) -> Agent | str:
    try:
        return _parsed(checked_name(name), _text(path), source)
    except UnicodeDecodeError:
        return f"{name}.md does not count: it is no UTF-8 text."
    except RejoinderError as error:
        return f"{name}.md does not count. {error.message} {error.hint}"


def _text(path: Path) -> str:
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is no file")
        if status.st_size > LARGEST:
            raise TooLarge(
                f"It has {status.st_size} bytes, and {LARGEST} are read at most.", limit=LARGEST, hint="Shorten it."
            )
        return file.read(LARGEST).decode("utf-8")


def _parsed(name: str, text: str, source: AgentSource) -> Agent:
    front = _FRONT.match(text)
    keys = dict(_keys(front["keys"])) if front else {}
    called = keys.pop("name", name)
    if not isinstance(called, str) or called.casefold() != name.casefold():
        raise RejoinderError(f"Its `name` is {str(called)[:40]!r}.", hint="Name it as its file, or leave `name` out.")
    body = (text[front.end() :] if front else text).strip()
    if body and "instructions" in keys:
        hint = "Write them below the keys alone."
        raise RejoinderError("It has `instructions` twice: as a key and as its text.", hint=hint)
    return read_agent(called, {**keys, **({"instructions": body} if body else {})}, source)


def _keys(text: str) -> Mapping[str, Any]:
    # here and not above: most folders have no agents, and the engine's start is not to wait for it
    import yaml

    if len(text) > _LONGEST_KEYS:
        hint = "Write instructions below them."
        raise TooLarge(f"Its keys are longer than {_LONGEST_KEYS} characters.", limit=_LONGEST_KEYS, hint=hint)
    if text.count("[") + text.count("{") > _MOST_BRACKETS:
        raise RejoinderError("Its keys are no YAML table: there are too many brackets.", hint="Write `key: value`.")
    try:
        # whatever people write is text: no date, no number, no yes; and no object of Python
        value = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark is not None else ""
        raise RejoinderError(f"Its keys are no YAML{where}.", hint="Write each as `key: value`.") from None
    if value == "" or value is None:
        return {}
    if not isinstance(value, dict):
        raise RejoinderError("Its keys are no YAML table.", hint="Write each as `key: value`.")
    return {str(key): one for key, one in value.items() if one != ""}


def _paths(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".md")[:_MOST_FILES]
    except OSError:
        return []


def _is_inside(folder: Path) -> bool:
    try:
        return (folder / PROJECT_FOLDER).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False
