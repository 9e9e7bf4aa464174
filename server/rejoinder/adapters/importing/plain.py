"""Lists of messages in JSON or TOON, and folders of them: the forms that belong to no one program."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from rejoinder.adapters.importing.reading import files_in, is_file, json_in, read_json, read_text, written_at
from rejoinder.domain.foreign import ForeignSession, Skipped
from rejoinder.domain.foreign_formats import list_id, read_sessions

TITLE = "lists of messages"
_ENDINGS = ("*.toon", "*.json")


def value_in(text: str, toon: Callable[[str], Any]) -> Any:
    """The value of a text in JSON or TOON; ValueError when it is neither."""
    try:
        return json_in(text)
    except ValueError:
        if text.lstrip()[:1] in ("{", "[", '"', ""):
            raise
    try:
        return toon(text)
    except ValueError as exc:
        raise ValueError(f"it is no JSON, and {exc}"[:200]) from None


def read(path: Path, toon: Callable[[str], Any]) -> Iterator[ForeignSession | Skipped]:
    """The sessions of a file, or of each file of a folder."""
    files = list(_files(path)) if path.is_dir() else [path]
    if not files:
        yield Skipped(path.name, "it holds nothing that is known")
    for file in files:
        try:
            found = read_sessions(value_in(read_text(file), toon), file.name)
        except ValueError as exc:
            yield Skipped(file.name, str(exc))
            continue
        for session in found:
            dated = attrs.evolve(session, updated_at=session.updated_at or written_at(file))
            yield dated if session.session_id else _placed(dated, file)


def _files(folder: Path) -> Iterator[Path]:
    for pattern in _ENDINGS:
        yield from files_in(folder, pattern)


def _placed(session: ForeignSession, file: Path) -> ForeignSession:
    """A list that has no ID, with one from where it lies."""
    session_id = list_id(session.messages, str(file.resolve()))
    return attrs.evolve(session, session_id=session_id, name=session.name or file.stem)


def fits_folder(path: Path) -> bool:
    """Whether a folder has a list of sessions, and each session's messages in a folder of its own."""
    return is_file(path / "sessions.json") and not any(_files_beside(path))


def _files_beside(path: Path) -> Iterator[Path]:
    return (file for file in files_in(path, "*.json") if file.name != "sessions.json")


def read_folder(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The sessions of such a folder. What its list has lost is found by its messages."""
    messages: dict[str, Any] = {}
    registry: Any = {"sessions": []}
    try:
        registry = read_json(path / "sessions.json")
    except ValueError as exc:
        yield Skipped("sessions.json", str(exc))
    for file in files_in(path, "*/messages.json"):
        if file.parent.is_symlink():
            continue
        try:
            messages[file.parent.name] = read_json(file)
        except ValueError as exc:
            yield Skipped(f"{file.parent.name}/{file.name}", str(exc))
    if isinstance(registry, Mapping) and not isinstance(registry.get("sessions", []), list):
        # some versions keep the sessions by ID
        listed = registry["sessions"]
        registry = {"sessions": list(listed.values()) if isinstance(listed, Mapping) else listed}
    try:
        yield from read_sessions({"sessions": registry, "messages": messages})
    except ValueError as exc:
        yield Skipped("sessions.json", str(exc))
