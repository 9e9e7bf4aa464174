"""How places are called before people and models."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

COMMIT = "git-commit:"
"""What the URI of a past commit begins with; its ID follows."""

_COMMIT_DIGITS = 12
_PAGE = re.compile(r"page=(\d+)\Z")
_WITHOUT_LINES = (".pdf", ".html", ".htm", ".xhtml", ".docx", ".pptx", ".xlsx")


def commit_name(uri: str) -> str:
    """The beginning of a commit's ID, as people write it."""
    return uri.removeprefix(COMMIT)[:_COMMIT_DIGITS]


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


def document_name(uri: str, scope: str | None, folder: str | None = None) -> str | None:
    """What a part of a document is called that was added as knowledge; None for one that people know by its lines.

    That is a page of a PDF, a heading of a page, a slide, or the title of a text that lies in no file.
    """
    parts = urlsplit(uri)
    if parts.scheme == "rejoinder":
        return scope or "a text that was added"
    if parts.scheme == "file" and not parts.path.lower().endswith(_WITHOUT_LINES):
        return None
    name = shown_path(uri, folder)
    return f"{name}, {scope}" if scope else name


def page_of(uri: str) -> int | None:
    """The page of a PDF that a URI leads to."""
    found = _PAGE.search(urlsplit(uri).fragment)
    return int(found[1]) if found else None
