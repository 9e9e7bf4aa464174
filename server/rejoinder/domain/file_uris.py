"""File URIs and paths."""

import os
import re
import sys
from pathlib import Path
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
