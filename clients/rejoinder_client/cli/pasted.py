"""Images that are dropped on a terminal or pasted into it, which come as their paths."""

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_SUFFIX = r"\.(?:png|jpe?g|webp|gif)"
_PATH = re.compile(
    rf"'(?P<single>[^'\n]{{1,4096}}?{_SUFFIX})'|\"(?P<double>[^\"\n]{{1,4096}}?{_SUFFIX})\""
    rf"|(?<!\S)(?P<bare>(?:\\.|[^\s'\"\\]){{1,4096}}?{_SUFFIX})(?!\S)",
    re.IGNORECASE,
)
_BEGINNINGS = ("/", "~", "./", "../", "file://")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_MOST = 20


def pasted_images(text: str) -> list[Path]:
    """The images that a text names by whole paths, quoted or escaped as terminals do it, and that are there."""
    found: list[Path] = []
    for match in _PATH.finditer(text):
        path = _path(match)
        if path is not None and path not in found and os.path.isfile(path):  # noqa: PTH113 - never an error
            found.append(path)
    return found[:_MOST]


def _path(match: re.Match[str]) -> Path | None:
    named = match["single"] or match["double"]
    if named is None:
        named = match["bare"] if _DRIVE.match(match["bare"]) else re.sub(r"\\(.)", r"\1", match["bare"])
    if named.lower().startswith("file://"):
        named = unquote(urlsplit(named).path)
    elif not (named.startswith(_BEGINNINGS) or _DRIVE.match(named)):
        return None
    try:
        return Path(named).expanduser()
    except RuntimeError:
        return None
