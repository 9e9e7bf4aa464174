"""What is done with a damaged file of an index: it is kept beside, for whoever wants to know, and made anew."""

import contextlib
from pathlib import Path

_ENDING = ".damaged"


def set_aside(path: Path) -> Path | None:
    """Move a database out of the way, over the one that was set aside before. None when that is refused: it is gone."""
    aside = path.with_name(path.name + _ENDING)
    try:
        path.replace(aside)
    except OSError:
        throw_away(path)
        return None
    throw_away(path)
    return aside


def throw_away(path: Path) -> None:
    """Remove a database with all that SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).unlink()
