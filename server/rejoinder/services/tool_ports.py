"""What the services need of tools."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import DEFAULT_USER, Project
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.tools import ToolSpec
from rejoinder.services.ports import Workspace


class ToolFailed(Exception):
    """A tool could not do what it was asked. The text goes to the model, and into the history."""


@frozen
class ToolLimits:
    """Seconds of a call, rounds of a turn, bytes of an output."""

    timeout: float = 60.0
    rounds: int = 12
    output: int = 65536


@frozen(kw_only=True)
class ToolContext:
    """Where a call happens. `call_id` is empty while tools are only listed."""

    project: Project
    workspace: Workspace
    session_id: str | None = None
    turn_id: str = ""
    call_id: str = ""
    user_id: str = DEFAULT_USER
    uri: str | None = None
    """The document that the user has before them."""
    ignore: tuple[str, ...] = ()
    """Patterns of files that are as if they were not there."""
    memory: RecallConfig = RecallConfig()
    knowledge: RecallConfig = RecallConfig()
    wanted: tuple[str, ...] | None = None
    """The names that are asked for: what is not among them need not be started; None for all."""
    environment: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """The variables of the client, over those of the engine."""

    @property
    def folder(self) -> Path | None:
        """The project's folder, if the client has it open."""
        paths = self.project.paths
        return next((folder for folder in self.workspace.folders() if str(folder) in paths), None)


class Tool(Protocol):
    """One tool."""

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        ...

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """Do it; the arguments fit the schema. The text goes to the model, cut where it is too long.

        Raises ToolFailed to tell the model why not. A RejoinderError is told too; any other exception is logged, and
        the model is told that the tool failed. It is cancelled when it takes too long or when the turn is cancelled.
        """
        ...


@runtime_checkable
class ToolElsewhere(Tool, Protocol):
    """A tool that somebody has who may go away, and come back."""

    def is_there(self, context: ToolContext) -> bool:
        """Whether a call could be made just now."""
        ...


class ToolSource(Protocol):
    """Where tools come from."""

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """The tools that there are for this project and client; an empty list rather than an exception."""
        ...
