"""Markdown files with a heading for each message, as `session/export` writes them, and transcripts."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from rejoinder.adapters.importing.reading import is_file, read_text, written_at
from rejoinder.domain.foreign import ForeignSession, Skipped
from rejoinder.domain.foreign_formats import list_id
from rejoinder.domain.session_markdown import is_markdown, read_markdown


def fits(path: Path) -> bool:
    """Whether this is such a file."""
    try:
        return path.suffix == ".md" and is_file(path) and is_markdown(read_text(path))
    except ValueError:
        return False


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The sessions of a file, each by its place, its name and how it begins."""
    try:
        found = read_markdown(read_text(path), path.name)
    except ValueError as exc:
        yield Skipped(path.name, str(exc))
        return
    for session in found:
        session_id = list_id(session.messages, f"{path.resolve()}\0{session.name or ''}")
        yield attrs.evolve(session, session_id=session_id, updated_at=written_at(path))
