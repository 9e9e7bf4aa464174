"""Folders of Markdown files, `NAME.md`: keys in YAML between lines of `---` at the top, text below.

Only plain files of a folder itself count, up to a number and a size; what a file links to is not followed out of it.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from rejoinder.declared import frozen
from rejoinder.domain.errors import RejoinderError, TooLarge
from rejoinder.services.named_files import ReadFiles

LARGEST = 256 * 1024
"""Bytes of a file that is read."""
_LONGEST_KEYS, _MOST_BRACKETS = 8_000, 200
"""Characters between the lines of `---`, and brackets among them: nested ones take the library ever longer."""
_MOST_FILES = 200

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""A pipe would be waited for, and a link may lead anywhere."""
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<keys>.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_Stamp = tuple[int, int, int]
T = TypeVar("T")


@frozen
class MarkdownText:
    """A file's keys and what stands below them."""

    keys: Mapping[str, Any]
    body: str


class MarkdownFiles(Generic[T]):
    """The port `NamedFiles`. A file is read again when its inode, its size or its time is another."""

    def __init__(
        self, own: Path, project: Path, read: Callable[[str, MarkdownText, bool], T], *, ending: str = ""
    ) -> None:
        """`own` is the user's folder, `project` the one inside of a project's folder.

        `read` makes something of a name and a text, of a user's own file or not. What it raises is a fault. `ending`
        may stand between the name and `.md`.
        """
        self._own = own
        self._project = project
        self._read = read
        self._ending = ending
        self._known: dict[Path, tuple[_Stamp, T | str]] = {}

    def own(self) -> ReadFiles[T]:
        """As the port says."""
        return self._all(_paths(self._own), own=True)

    def of(self, folder: Path) -> ReadFiles[T]:
        """As the port says. A folder that is a link out of the project counts as none."""
        return self._all(self._paths_in(folder), own=False)

    def names_in(self, folder: Path) -> Sequence[str]:
        """As the port says."""
        return [self._name(path) for path in self._paths_in(folder)]

    def _name(self, path: Path) -> str:
        return path.stem.removesuffix(self._ending)

    def _paths_in(self, folder: Path) -> list[Path]:
        return _paths(folder / self._project) if _is_inside(folder, self._project) else []

    def _all(self, paths: Sequence[Path], *, own: bool) -> ReadFiles[T]:
        good, faults = list[T](), dict[str, str]()
        for path in paths:
            found = self._one(path, own)
            if isinstance(found, str):
                faults[self._name(path)] = found
            else:
                good.append(found)
        return ReadFiles(good, faults)

    def _one(self, path: Path, own: bool) -> T | str:
        """What a file is, or why it is nothing."""
        try:
            # people link their own files to where they keep them all
            real = path.resolve(strict=True) if own else path
            status = real.stat(follow_symlinks=False)
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
            if path not in self._known or self._known[path][0] != stamp:
                self._known[path] = stamp, self._opened(path, real, own)
            return self._known[path][1]
        except (OSError, RuntimeError) as error:
            return f"{path.name} cannot be read: {getattr(error, 'strerror', None) or 'it links to itself'}."

    def _opened(self, path: Path, real: Path, own: bool) -> T | str:
        try:
            return self._read(self._name(path), _parsed(_text(real)), own)
        except UnicodeDecodeError:
            return f"{path.name} does not count: it is no UTF-8 text."
        except RejoinderError as error:
            return f"{path.name} does not count. {error.message} {error.hint}"


def _is_inside(project: Path, folder: Path) -> bool:
    """Whether a folder of a project's is not a link out of it."""
    try:
        return (project / folder).resolve().is_relative_to(project.resolve())
    except (OSError, RuntimeError):
        return False


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


def _parsed(text: str) -> MarkdownText:
    front = _FRONT.match(text)
    if front is None:
        return MarkdownText({}, text.removeprefix("\ufeff").strip())
    return MarkdownText(_keys(front["keys"]), text[front.end() :].strip())


def _keys(text: str) -> Mapping[str, Any]:
    # here and not above: most folders have no such files, and the engine's start is not to wait for it
    import yaml

    if len(text) > _LONGEST_KEYS:
        hint = "Write text below them."
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
