"""Agents: who may answer in a session, and what several of them do one after the other.

researcher = Agent(name="researcher", role="Finds facts", knowledge=["manual.pdf"])
writer = Agent(name="writer", instructions="Write a short report of what was found.")
session.run("What is new?", agent=researcher)
session.sequence([researcher, writer], "What is new?")
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import attrs

from rejoinder.protocol.agents import AgentInfo
from rejoinder.protocol.retrieval import Knowledge

if TYPE_CHECKING:
    from rejoinder_client.tools import AnyTool


class AgentFields(TypedDict, total=False):
    """What may be said of an agent beside its name."""

    role: str | None
    goal: str | None
    instructions: str | None
    description: str | None
    model: str | None
    tools: "Sequence[AnyTool] | None"
    knowledge: Sequence[Path | str]


@attrs.frozen
class Agent:
    """Somebody who may answer. What is left out is as it is for everybody.

    `tools` are the only ones that it may use: functions of this program, and names of the server's own. `knowledge` are
    the only documents of the knowledge that it reads; files and pages that were not added yet are added to the session.
    The session keeps the agent under its name, for every client, without the functions of this program.
    """

    name: str
    role: str | None = attrs.field(default=None, kw_only=True)
    goal: str | None = attrs.field(default=None, kw_only=True)
    instructions: str | None = attrs.field(default=None, kw_only=True)
    description: str | None = attrs.field(default=None, kw_only=True)
    """What it is for, for those who choose among agents; no model is told."""
    model: str | None = attrs.field(default=None, kw_only=True)
    tools: "Sequence[AnyTool] | None" = attrs.field(default=None, kw_only=True)
    knowledge: Sequence[Path | str] = attrs.field(default=(), kw_only=True)

    def info(self, knowledge: Sequence[str]) -> AgentInfo:
        """The agent as a session keeps it, with the sources of its knowledge as they are there."""
        return AgentInfo(
            name=self.name,
            role=self.role,
            goal=self.goal,
            instructions=self.instructions,
            description=self.description,
            model=self.model,
            tools=None if self.tools is None else [tool for tool in self.tools if isinstance(tool, str)],
            knowledge=list(knowledge) or None,
        )


AnyAgent = Agent | str
"""An agent, or the name of one that is kept with the session or defined in the configuration."""


@attrs.frozen
class Task:
    """One step of a sequence: what is to be done, and who does it."""

    description: str
    agent: AnyAgent


def name_of(agent: AnyAgent) -> str:
    """What an agent is called."""
    return agent if isinstance(agent, str) else agent.name


def source_among(items: Sequence[Knowledge], name: Path | str) -> str | None:
    """The source of what was added under a name: its ID, title or source, or the last part of its path."""
    text = str(name).replace("\\", "/").removeprefix("./")
    for item in items:
        source = item.source.replace("\\", "/")
        if text in (item.knowledge_id, item.title, source) or source.endswith("/" + text):
            return item.source
    return None


def can_be_added(name: Path | str, folders: Sequence[Path]) -> bool:
    """Whether a name of knowledge is a page, or a file that is there, also in one of these folders."""
    text = str(name)
    if text.startswith(("http://", "https://")):
        return True
    path = Path(text).expanduser()
    try:
        return path.exists() or any((folder / path).exists() for folder in folders)
    except OSError:
        return False
