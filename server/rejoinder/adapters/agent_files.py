"""Agents as Markdown files: `NAME.md`, what they are in the keys at the top, instructions below."""

from pathlib import Path

from rejoinder.adapters.markdown_files import MarkdownFiles, MarkdownText
from rejoinder.domain.agents import Agent, checked_name, read_agent
from rejoinder.domain.errors import RejoinderError

_PROJECT_FOLDER = Path(".rejoinder") / "agents"


def agent_files(own: Path) -> MarkdownFiles[Agent]:
    """The agents of the user's folder and of projects."""
    return MarkdownFiles(own, _PROJECT_FOLDER, _agent)


def _agent(name: str, text: MarkdownText, own: bool) -> Agent:
    checked_name(name)
    keys = dict(text.keys)
    called = keys.pop("name", name)
    if not isinstance(called, str) or called.casefold() != name.casefold():
        raise RejoinderError(f"Its `name` is {str(called)[:40]!r}.", hint="Name it as its file, or leave `name` out.")
    if text.body and "instructions" in keys:
        hint = "Write them below the keys alone."
        raise RejoinderError("It has `instructions` twice: as a key and as its text.", hint=hint)
    said = {"instructions": text.body} if text.body else {}
    return read_agent(called, {**keys, **said}, "user" if own else "project")
