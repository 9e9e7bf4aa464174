"""How places are called before people and models."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit


def shown_path(uri: str, folder: str | None = None) -> str:
    """A file's path within a folder; with none, the end of its path; what is no file's URI as it is."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = PurePosixPath(unquote(parts.path))
    if folder is not None:
        base = PurePosixPath(unquote(urlsplit(folder).path))
        if path.is_relative_to(base):
            return str(path.relative_to(base))
    return str(PurePosixPath(*path.parts[1:][-3:]))
