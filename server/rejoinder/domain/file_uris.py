"""File URIs and paths."""

import os
import re
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from urllib.parse import unquote_to_bytes, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:")


def path_of(uri: str) -> Path | None:
    """The absolute path of a file URI, however it is percent-encoded; None for any other URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    name = os.fsdecode(unquote_to_bytes(parts.path))
    if parts.scheme != "file" or not name.startswith("/") or "\0" in name:
        return None
    if sys.platform == "win32":
        if parts.netloc:
            return Path(f"//{parts.netloc}{name}")
        return Path(name[1:]) if _DRIVE.match(name) else None
    return Path(name) if parts.netloc in ("", "localhost") else None


def same_file(uri: str) -> str:
    """A file's URI as everybody would write it, however it is percent-encoded; any other URI as it is."""
    path = path_of(uri)
    return uri if path is None else path.as_uri()


def absolute(path: str) -> PurePath | None:
    """A path as one of the platform that it is absolute on, which need not be this one; None when there is none."""
    kinds: tuple[type[PurePath], ...] = (PurePosixPath, PureWindowsPath)
    return next((kind(path) for kind in kinds if kind(path).is_absolute()), None)


def folder_uri(folder: str) -> str | None:
    """A folder's URI, of whichever platform its path is; None when that cannot be told."""
    path = absolute(folder)
    return None if path is None else path.as_uri()
