"""aider: `.aider.chat.history.md` in a project's folder, one Markdown file to which every chat is appended.

A line `# aider chat started at TIME` begins a chat; lines with `####` are the user's, those with `>` the program's own
remarks, and everything else is the answer. Times are in the zone of the machine.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.reading import is_file, read_text, repository
from rejoinder.domain.conversation import Role
from rejoinder.domain.foreign import LONGEST_TEXT, ForeignSession, Skipped, made_id
from rejoinder.domain.foreign_building import Building

TITLE = "aider"
NAME = ".aider.chat.history.md"
_STARTED = "# aider chat started at "
_BEGIN = re.compile(r"^# aider chat started at (.*)$", re.MULTILINE)
_MODEL = re.compile(r"^> (?:Main )?[Mm]odel: (\S+)", re.MULTILINE)


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is such a file, or a folder with one."""
    if path.is_dir():
        return is_file(path / NAME)
    if path.name == NAME:
        return True
    try:
        return path.suffix == ".md" and _BEGIN.search(read_text(path, lenient=True)) is not None
    except ValueError:
        return False


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The chats of a file in which somebody said something."""
    file = path / NAME if path.is_dir() else path
    try:
        text = read_text(file, lenient=True).replace("\r\n", "\n")
    except ValueError as exc:
        yield Skipped(file.name, str(exc))
        return
    if "\ufffd" in text:
        yield Skipped(file.name, "bytes that are no UTF-8 were replaced")
    parts = _BEGIN.split(text)
    if parts[0].strip():
        yield Skipped(file.name, f"what stands before the first line `{_STARTED}…` belongs to no chat")
    seen: dict[str, int] = {}
    for started, body in zip(parts[1::2], parts[2::2], strict=True):
        # two that began in one second are told apart by their order
        seen[started] = seen.get(started, 0) + 1
        try:
            yield _session(file, started.strip(), seen[started], body)
        except ValueError as exc:
            yield Skipped(f"{file.name}, chat of {started.strip()[:40]}", str(exc))


def _session(file: Path, started: str, number: int, body: str) -> ForeignSession:
    place = f"{file.name}, chat of {started[:40]}"
    time = _time(started)
    model = _MODEL.search(body)
    built = Building(place)
    for role, content in _said(body):
        if len(content) > LONGEST_TEXT:
            built.skip("a message", f"it has more than {LONGEST_TEXT:,} characters")
            continue
        built.say(role, content, created_at=time, model=model[1] if model and role == "assistant" else None)
    if not any(each.role == "user" for each in built.messages):
        raise ValueError("nobody said anything")
    return ForeignSession(
        session_id=made_id("aider", str(file.resolve()), started, str(number)),
        folder=repository(file.resolve().parent) if file.name == NAME else None,
        created_at=time,
        model=model[1] if model else None,
        messages=tuple(built.messages),
        skipped=tuple(built.skipped),
    )


def _said(body: str) -> Iterator[tuple[Role, str]]:
    """Questions and answers. Remarks of the program end neither."""
    kept = [line for line in body.split("\n") if not (line.startswith("> ") or line == ">")]
    role: Role
    for is_question, lines in groupby(_marked(kept), lambda line: line[0]):
        role = "user" if is_question else "assistant"
        if content := "\n".join(text for _, text in lines).strip():
            yield role, content


def _marked(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Each line with whether it is of a question; an empty one between two lines of a question is, too."""
    empty = 0
    was_question = False
    for line in lines:
        if not line.strip():
            empty += 1
            continue
        is_question = line.startswith("#### ") or line.rstrip() == "####"
        yield from [(is_question and was_question, "")] * empty
        empty, was_question = 0, is_question
        yield is_question, line[5:].rstrip() if is_question else line


def _time(started: str) -> datetime | None:
    try:
        return datetime.fromisoformat(started).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
