"""What a source means: a file, a folder, a page or a text, and whether it may be read."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted
from rejoinder.domain.knowledge import KnowledgeKind

LONGEST_PATH = 1000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//)")
_FILE_NAME = re.compile(r"\S*[/\\]\S*\Z|\S*\.\w{1,5}\Z")


@frozen(kw_only=True)
class Source:
    """What is to be read. `name` is what it is known by: a path in the project or an absolute one, a URL, or a text."""

    kind: KnowledgeKind
    name: str
    path: Path | None = None


def find_source(
    source: str, *, kind: KnowledgeKind | None, titled: bool, folder: Path | None, allow_outside: bool
) -> Source:
    """What a client means by a source. Blocks: it looks at the disk. `folder` is that of the project.

    Raises InvalidInput, NotFound, and NotTrusted for a path outside of the project that is not allowed.
    """
    if not source.strip():
        raise InvalidInput("source: it is empty.", hint="Name a file, a folder or a URL, or send a text.", key="source")
    if kind == "text":
        return Source(kind="text", name=source)
    scheme = _SCHEME.match(source.strip())
    if kind == "url" or (kind is None and scheme is not None and scheme[1].lower() != "file"):
        return Source(kind="url", name=source.strip())
    path = _path(source, folder)
    if kind is None and (path is None or not _exists(path)) and _is_text(source, titled=titled):
        return Source(kind="text", name=source)
    if path is None or not _exists(path):
        hint = "Check the path. A page begins with https://, and a text needs a title or the kind `text`."
        raise NotFound("file", source[:200], hint=hint)
    return _of_path(path, kind, folder, allow_outside=allow_outside)


def path_of(name: str, folder: Path | None) -> Path | None:
    """The path of a source by its name; None for one within a project whose folder is not known."""
    path = Path(name)
    return path if path.is_absolute() else None if folder is None else folder / path


def project_of(name: str, path: Path) -> Path | None:
    """The folder of the project that a source's path lies in, by the source's name; None for one outside."""
    inner = Path(name)
    if inner.is_absolute():
        return None
    return path.parents[len(inner.parts) - 1] if inner.parts else path


def _of_path(path: Path, kind: KnowledgeKind | None, folder: Path | None, *, allow_outside: bool) -> Source:
    resolved = path.resolve()
    inside = folder is not None and resolved.is_relative_to(folder.resolve())
    if not (inside or allow_outside):
        raise NotTrusted(
            f"{path.name} lies outside of the project's folder",
            hint="Copy it into the project, or say `allowOutside`: it was the user who named it.",
        )
    found: KnowledgeKind = "folder" if resolved.is_dir() else "file"
    if kind not in (None, found):
        raise InvalidInput(
            f"source: {path.name!r} is a {found}.", hint=f"Leave `kind` out, or say {found}.", key="kind"
        )
    if inside and folder is not None:
        return Source(kind=found, name=resolved.relative_to(folder.resolve()).as_posix(), path=resolved)
    return Source(kind=found, name=str(resolved), path=resolved)


def _path(source: str, folder: Path | None) -> Path | None:
    """The path that a source names, if it can be one at all."""
    if len(source) > LONGEST_PATH or "\0" in source or "\n" in source:
        return None
    if source.strip().lower().startswith("file:"):
        try:
            parts = urlsplit(source.strip())
        except ValueError:
            return None
        named = unquote(parts.path) if parts.netloc in ("", "localhost") else ""
        # a drive's letter stands after a slash in a URI
        path = Path(named[1:] if re.match(r"/[A-Za-z]:", named) else named)
        return path if path.is_absolute() else None
    return path_of(source, folder)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, RuntimeError, ValueError):  # a name that is too long, links in a circle
        return False


def _is_text(source: str, *, titled: bool) -> bool:
    """Whether what is no path may be meant as a text: not when it looks like a file that is not there."""
    if titled or "\n" in source or len(source) > LONGEST_PATH:
        return True
    return len(source.split()) > 1 and not _FILE_NAME.search(source.strip())
