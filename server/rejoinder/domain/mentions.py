"""Mentions and slash commands within a text: `@file:src/app.py#L1-20`, `#session:plans`, `/explain`."""

import re
from typing import Literal

from rejoinder.declared import frozen
from rejoinder.domain.edits import EDIT_FORMAT

Action = Literal["explain", "fix", "test", "document", "review", "commit"]
ACTIONS: tuple[Action, ...] = ("explain", "fix", "test", "document", "review", "commit")
REMEMBER = "remember"
"""The slash command that no model is asked for: what stands behind it, or the last answer, goes into the memory."""

_MENTION = re.compile(
    r"(?<![\w@#/])(?:"
    r"@file:(?P<file>\"[^\"\n]+\"|[^\s#\"]+)(?:#L(?P<first>\d{1,7})(?:-L?(?P<last>\d{1,7}))?)?"
    r"|@symbol:(?P<symbol>[\w.:]+)"
    r"|#session:(?P<session>[A-Za-z0-9_.:@-]+)"
    r"|@(?P<editor>diff|problems|selection)\b)"
)
_ACTION = re.compile(r"\A\s*/(?P<name>[A-Za-z][\w-]*)(?=\s|\Z)")

_INSTRUCTIONS: dict[Action, str] = {
    "explain": "Explain this code: what it does, how, and why it may be written this way. Name what is surprising.",
    "fix": "Find what is wrong here and mend it. Say what was wrong in one sentence, then show the corrected code. "
    + EDIT_FORMAT,
    "test": "Write tests for this code in the style and with the framework that the project uses.",
    "document": "Write documentation for this code in the form that the language and the project use.",
    "review": "Review this change as a careful colleague: correctness first, then clarity. Name file and line.",
    "commit": "Write a commit message for this change: a subject of at most 72 characters, a blank line, and why. "
    + "Answer with the message alone, as plain text.",
}


@frozen
class FileMention:
    """A file or a part of one. Lines are 1-based and inclusive, as people write them."""

    path: str
    first: int | None = None
    last: int | None = None


@frozen
class SymbolMention:
    """A definition by its name."""

    name: str


@frozen
class SessionMention:
    """Another conversation."""

    ref: str


@frozen
class EditorMention:
    """Something that the editor or version control knows."""

    what: Literal["diff", "problems", "selection"]


Mention = FileMention | SymbolMention | SessionMention | EditorMention


def find_mentions(text: str) -> list[Mention]:
    """The different mentions of a text in their order."""
    found: dict[Mention, None] = {}
    for match in _MENTION.finditer(text):
        found[_mention(match)] = None
    return list(found)


def without_mentions(text: str) -> str:
    """The text without its slash command, and with mentions reduced to their names."""
    return _MENTION.sub(lambda match: match.group().split(":", 1)[-1].split("#L")[0], _ACTION.sub("", text, count=1))


def leading_action(text: str) -> tuple[Action | None, str]:
    """The slash command at a text's beginning and the rest; None and the whole text when there is none of ours."""
    match = _ACTION.match(text)
    for action in ACTIONS:
        if match and match["name"] == action:
            return action, text[match.end() :].strip()
    return None, text


def slash_command(text: str) -> tuple[str, str] | None:
    """The name of the slash command at a text's beginning, ours or not, and what stands behind it."""
    match = _ACTION.match(text)
    return (match["name"], text[match.end() :].strip()) if match else None


def note_in(text: str) -> str | None:
    """What stands behind `/remember` at a text's beginning, which may be nothing; None when it is not there."""
    match = _ACTION.match(text)
    return text[match.end() :].strip() if match and match["name"] == REMEMBER else None


def instruction(action: Action, text: str) -> str:
    """What a model is asked for an action, with the user's own words after it."""
    return _INSTRUCTIONS[action] + (f"\n\n{text}" if text else "")


def _mention(match: re.Match[str]) -> Mention:
    if match["file"]:
        first = int(match["first"]) if match["first"] else None
        last = int(match["last"]) if match["last"] else first
        # a full stop or a bracket behind a path belongs to the sentence
        return FileMention(match["file"].strip('"').rstrip(".,;:!?)"), first, last)
    if match["symbol"]:
        return SymbolMention(match["symbol"])
    if match["session"]:
        return SessionMention(match["session"].rstrip(".:"))
    what = match["editor"]
    return EditorMention("diff" if what == "diff" else "problems" if what == "problems" else "selection")
