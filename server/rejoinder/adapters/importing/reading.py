"""Files of other programs read with limits: no larger than expected, never a pipe or a device."""

import json
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from rejoinder.domain.binary import encoding_of
from rejoinder.domain.foreign import moment

MOST_BYTES = 64_000_000
"""Of a file that is read as a whole."""
MOST_FILES = 20_000
"""In a folder of sessions."""
_GLANCE = 4096


def is_file(path: Path) -> bool:
    """Whether there is a regular file, which may be reached by a link."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def written_at(path: Path) -> datetime | None:
    """When a file was last changed."""
    try:
        return moment(path.stat().st_mtime)
    except OSError:
        return None


def glance(path: Path) -> bytes:
    """How a file begins; nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_GLANCE)
    except OSError:
        return b""


def read_bytes(path: Path) -> bytes:
    """A file's content; ValueError that says why there is none."""
    if not is_file(path):
        raise ValueError("it is no file")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as exc:
        raise ValueError(f"it cannot be read ({exc.strerror})") from None
    if len(data) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    return data


def read_text(path: Path, *, lenient: bool = False) -> str:
    """A file's text, in UTF-8, or in what its mark says. With `lenient`, bytes that fit nowhere become `�`."""
    data = read_bytes(path)
    try:
        return data.decode(encoding_of(data), "replace" if lenient else "strict")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None


def read_json(path: Path) -> Any:
    """A file's JSON value; ValueError that says what is wrong with it."""
    text = read_text(path)
    if not text.strip():
        raise ValueError("it is empty")
    return json_in(text)


def json_in(text: str) -> Any:
    """The JSON value of a text; ValueError that says what is wrong with it."""
    try:
        return orjson.loads(text)
    except ValueError as exc:
        try:
            # what other programs write is now and then what only this one takes
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(f"it is no JSON ({exc})"[:200]) from None


def files_in(folder: Path, pattern: str) -> Iterator[Path]:
    """The files of a folder that fit, by name; no links, which may lead anywhere."""
    try:
        found = sorted(path for path in folder.glob(pattern) if not path.is_symlink() and is_file(path))
    except OSError:
        return
    yield from found[:MOST_FILES]


def repository(folder: Path) -> str | None:
    """A folder in which something lies, if it is a project for sure, and no place to which files are copied."""
    return str(folder) if (folder / ".git").exists() else None
