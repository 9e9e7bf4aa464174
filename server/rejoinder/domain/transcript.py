"""A conversation as a Markdown file that people type into.

Each message stands below its heading, `# You`, `# Rejoinder` or `# Instructions`, as in Neovim's chat. The last heading
is `# You`, and what stands below it is not sent yet. A line of a text that reads like one of the headings has a
backslash put before it, and one that has such backslashes already gets one more: headings are the file's own, whatever
is said in a conversation, within code too.
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment, Message, ToolCall
from rejoinder.domain.edits import Change
from rejoinder.domain.names import shown_path
from rejoinder.domain.quoting import one_line
from rejoinder.domain.tool_messages import args_text
from rejoinder.domain.tools import WAITING

Speaker = Literal["user", "assistant", "system"]

_NAMES: dict[Speaker, str] = {"user": "You", "assistant": "Rejoinder", "system": "Instructions"}
_SPEAKERS: dict[str, Speaker] = {name: speaker for speaker, name in _NAMES.items()}
_HEADING = re.compile(r"# (?P<name>You|Rejoinder|Instructions)[ \t]*(?=[\r\n]|\Z)")
_LIKE_HEADING = re.compile(r"\\*# (?:You|Rejoinder|Instructions)[ \t]*\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_REST = re.compile(r"\A(?:\r\n|\r|\n){1,2}")


@frozen
class Section:
    """What stands below one heading. Lines count from 0; `end` is the line of the next heading, or the file's end."""

    speaker: Speaker
    line: int
    end: int
    below: str
    """Just as it stands in the file."""

    @property
    def text(self) -> str:
        """Without the empty lines around it, and as it was said: no backslash before what only reads like a heading."""
        lines = _LINE_END.split(self.below)
        return "\n".join(line[1:] if _LIKE_HEADING.match(line) else line for line in lines).strip("\n")


def transcript(messages: Iterable[Message], *, folder: str | None = None) -> str:
    """The file up to and with the last heading; what is not sent yet comes right behind it.

    `folder` is the URI that paths are shown within.
    """
    return said(messages, folder=folder) + heading("user")


def said(messages: Iterable[Message], *, folder: str | None = None) -> str:
    """The file without its last heading."""
    return "".join(section_of(message, folder) for message in messages)


def section_of(message: Message, folder: str | None = None) -> str:
    """A message with its heading, what was attached to it, and what it refers to."""
    speaker: Speaker = "system" if message.role == "system" else "user" if message.role == "user" else "assistant"
    lists = (
        ("Attached", [label_of(attachment, folder) for attachment in message.attachments]),
        ("Tools", [_label_of_call(call) for call in message.tool_calls]),
        ("Sources", [citation.label for citation in message.citations]),
    )
    parts = [escaped(message.content), *(_listed(title, labels) for title, labels in lists if labels)]
    body = "\n\n".join(part for part in parts if part)
    return heading(speaker) + (f"{body}\n\n" if body else "")


def heading(speaker: Speaker) -> str:
    """The heading and the empty line below it."""
    return f"# {_NAMES[speaker]}\n\n"


def escaped(text: str) -> str:
    """A text as it stands in the file: without empty lines around it, and no line of it a heading."""
    lines = _LINE_END.split(text)
    return "\n".join("\\" + line if _LIKE_HEADING.match(line) else line for line in lines).strip("\n")


def sections(text: str) -> list[Section]:
    """The sections of a file, whoever has changed it. What stands before the first heading belongs to none."""
    headings = [found for found in _HEADING.finditer(text) if found.start() == 0 or text[found.start() - 1] in "\r\n"]
    ends = _counted(text)
    found: list[Section] = []
    line = ends(0, headings[0].start()) if headings else 0
    for this, following in zip(headings, [*headings, None][1:], strict=True):
        until = following.start() if following is not None else len(text)
        end = line + ends(this.start(), until) + (following is None)
        found.append(Section(_SPEAKERS[this["name"]], line, end, text[this.end() : until]))
        line = end
    return found


def question(text: str) -> str | None:
    """What is not sent yet: the text below the last heading, if that is the user's; None if it is another's."""
    found = sections(text)
    return found[-1].text if found and found[-1].speaker == "user" else None


def unsent(text: str) -> str:
    """The end of a file below its last heading of the user, just as it stands there; nothing without one."""
    own = next((one for one in reversed(sections(text)) if one.speaker == "user"), None)
    # the rest of the heading's line, and an empty one
    return _REST.sub("", own.below, count=1) if own is not None else ""


def with_typed(own: str, typed: str) -> str:
    """What is not sent yet with more behind it."""
    kept = own.rstrip()
    return f"{kept}\n\n{typed}" if kept and typed else kept or typed


def label_of(attachment: Attachment, folder: str | None = None) -> str:
    """What an attachment is called: its path, and the lines of it."""
    path, place = shown_path(attachment.uri, folder), attachment.place
    if place is None:
        return path
    first, last = place.start_line + 1, place.end_line + (place.end_character > 0)
    return f"{path}:{first}-{last}" if last > first else f"{path}:{first}"


def difference(before: str, after: str) -> Change | None:
    """The one change that makes `after` of `before`, with what both begin and end with left alone."""
    if before == after:
        return None
    start = _same(before, after)
    if before[start - 1 : start] == "\r":
        start -= 1
    end = min(_same(before[start:][::-1], after[start:][::-1]), len(before) - start, len(after) - start)
    if before[len(before) - end :][:1] == "\n" and before[: len(before) - end][-1:] == "\r":
        end -= 1
    return Change(start, len(before) - end, after[start : len(after) - end])


def _label_of_call(call: ToolCall) -> str:
    """One that waits is shown exactly, because a user decides about it."""
    return f"{call.name}({args_text(call)}) waits for you" if call.status == WAITING else f"{call.name}: {call.status}"


def _counted(text: str) -> Callable[[int, int], int]:
    """What counts the line ends of a part, fast where all are of one kind."""
    if "\r" not in text:
        return lambda start, end: text.count("\n", start, end)
    return lambda start, end: sum(1 for _ in _LINE_END.finditer(text, start, end))


def _listed(title: str, labels: Iterable[str]) -> str:
    return "\n".join([f"{title}:", *(f"- {one_line(label)}" for label in dict.fromkeys(labels))])


def _same(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
