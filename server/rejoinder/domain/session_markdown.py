"""Sessions as a Markdown file for people to read, and what can be read back of one.

A session begins with `# NAME`, each of its messages with `## User`, `## Assistant`, `## System` or `## Tool`. A line of
a message that reads like one of these four, and a last line that reads like a name, has a backslash put before it; one
that has such backslashes already gets one more. Names, roles and texts come back: the form without loss is JSON.
"""

import re
from collections.abc import Iterable, Iterator

from rejoinder.domain.conversation import Message
from rejoinder.domain.foreign import ForeignSession, role_of, text_of
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.names import shown_path
from rejoinder.domain.quoting import one_line
from rejoinder.domain.tool_markdown import answer_markdown
from rejoinder.domain.transcript import sections

_SPEAKER = r"## (User|Assistant|System|Tool)(?: \(.*\))?[ \t]*$"
_HEADING = re.compile("^" + _SPEAKER, re.MULTILINE)
_LIKE_HEADING = re.compile(r"^(?=\\*" + _SPEAKER + ")", re.MULTILINE)
_ESCAPED_HEADING = re.compile(r"^\\(?=\\*" + _SPEAKER + ")", re.MULTILINE)
_LIKE_NAME = re.compile(r"^(?=\\*# .*\Z)", re.MULTILINE)
_ESCAPED_NAME = re.compile(r"^\\(?=\\*# .*\Z)", re.MULTILINE)


def session_markdown(name: str, messages: Iterable[Message]) -> str:
    """A session for people to read; without a line end behind it."""
    turns = [f"## {_speaker(message)}\n\n{_escaped(_shown(message))}" for message in messages]
    return "\n\n".join([f"# {one_line(name)}", *turns])


def is_markdown(text: str) -> bool:
    """Whether a text is such a file, or a transcript."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"', ""):  # JSON
        return False
    return _is_transcript(text) or _HEADING.search(_with_plain_ends(text)) is not None


def read_markdown(text: str, place: str = "the file") -> list[ForeignSession]:
    """The sessions in which something is said, of such a file or a transcript.

    Raises ValueError when the text is neither, or nothing is said in it.
    """
    text = _with_plain_ends(text)
    found = [_of_transcript(text, place)] if _is_transcript(text) else list(_sessions(text, place))
    if not any(session.messages for session in found):
        raise ValueError("it has no heading like `## User` with a text below it")
    return [session for session in found if session.messages]


def _sessions(text: str, place: str) -> Iterator[ForeignSession]:
    before, *said = _HEADING.split(text)
    rest, name = _without_names(before)
    built = Building(place)
    if rest.strip():
        built.skip("its beginning", "it stands before the first message")
    for role, below in zip(said[::2], said[1::2], strict=True):
        content, following = _without_names(below)
        _say(built, role, _ESCAPED_NAME.sub("", _ESCAPED_HEADING.sub("", content.lstrip("\n"))))
        if following is not None:
            yield _session(built, name)
            name, built = following, Building(place)
    yield _session(built, name)


def _of_transcript(text: str, place: str) -> ForeignSession:
    built = Building(place)
    for section in sections(text):
        _say(built, section.speaker, section.text)
    return _session(built, None)


def _say(built: Building, role: str, content: str) -> None:
    try:
        built.say(role_of(role), text_of(content))
    except ValueError as exc:
        built.skip(f"message {len(built.messages) + 1}", str(exc))


def _session(built: Building, name: str | None) -> ForeignSession:
    return ForeignSession(messages=tuple(built.messages), name=name or None, skipped=tuple(built.skipped))


def _without_names(text: str) -> tuple[str, str | None]:
    """A text without the names at its end, and the last of them: sessions with nothing in them have nothing else."""
    lines = text.rstrip().split("\n")
    name = None
    while lines and (lines[-1].startswith("# ") or not lines[-1].strip()):
        if (line := lines.pop()).strip():
            name = line[2:].strip() if name is None else name
    return "\n".join(lines), name


def _is_transcript(text: str) -> bool:
    """Whether it begins with a transcript's heading, and that is not the name of a session."""
    found = sections(text)
    if not found or "".join(text.split("\n")[: found[0].line]).strip():
        return False
    heading = _HEADING.search(text)
    return heading is None or bool(_without_names(text[: heading.start()])[0].strip())


def _with_plain_ends(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _speaker(message: Message) -> str:
    """Who said it, as a heading."""
    role = message.role.capitalize()
    return f"{role} ({one_line(message.agent)})" if message.agent else role


def _shown(message: Message) -> str:
    """What a message says and called, below its images, of which a Markdown file has the addresses alone."""
    images = [f"![{_plain(shown_path(one.uri))}](<{_plain(one.uri)}>)" for one in message.attachments if one.digest]
    return "\n\n".join([*images, answer_markdown(message)])


def _plain(text: str) -> str:
    return "".join(character for character in text if character not in "<>[]\r\n")


def _escaped(text: str) -> str:
    return _LIKE_NAME.sub(r"\\", _LIKE_HEADING.sub(r"\\", text.rstrip().lstrip("\n")))
