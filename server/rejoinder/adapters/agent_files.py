"""Agents as Markdown files: `NAME.md`, what they are in the keys at the top, instructions below."""

from collections.abc import Sequence
from pathlib import Path

from rejoinder.adapters.markdown_files import LARGEST as LARGEST
from rejoinder.adapters.markdown_files import MarkdownFiles, MarkdownText, is_inside, names_in
from rejoinder.domain.agents import Agent, checked_name, is_name, read_agent
from rejoinder.domain.errors import RejoinderError
from rejoinder.services.agent_ports import ReadAgents

PROJECT_FOLDER = Path(".rejoinder") / "agents"


class DiskAgentFiles:
    """The port `AgentFiles`."""

    def __init__(self, own: Path) -> None:
        """`own` is the folder of the user's agents."""
        self._own = own
        self._files = MarkdownFiles(_agent)

    def own(self) -> ReadAgents:
        """As the port says."""
        return ReadAgents(*self._files.of(self._own, own=True))

    def of(self, folder: Path) -> ReadAgents:
        """As the port says. A folder of agents that is a link out of the project counts as none."""
        if not is_inside(folder, PROJECT_FOLDER):
            return ReadAgents()
        return ReadAgents(*self._files.of(folder / PROJECT_FOLDER, own=False))

    def names_in(self, folder: Path) -> Sequence[str]:
        """As the port says."""
        inside = is_inside(folder, PROJECT_FOLDER)
        return [name for name in names_in(folder / PROJECT_FOLDER) if is_name(name)] if inside else []


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
