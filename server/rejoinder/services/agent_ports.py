"""What finding agents needs of the world."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.agents import Agent


@frozen
class ReadAgents:
    """The agents of a place, and by their names sentences about those that do not count."""

    agents: Sequence[Agent] = ()
    faults: Mapping[str, str] = attrs.field(factory=dict)


class AgentFiles(Protocol):
    """Agents that are files, one each. All calls may block."""

    def own(self) -> ReadAgents:
        """Those of the user."""
        ...

    def of(self, folder: Path) -> ReadAgents:
        """Those of a project's folder."""
        ...

    def names_in(self, folder: Path) -> Sequence[str]:
        """The names of a project's agents, none of whose files is read."""
        ...
