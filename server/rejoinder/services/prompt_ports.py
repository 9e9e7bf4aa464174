"""What finding prompts needs of the world."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.prompt_files import PromptFile


@frozen
class ReadPrompts:
    """The prompts of a place, and by their names sentences about those that do not count."""

    prompts: Sequence[PromptFile] = ()
    faults: Mapping[str, str] = attrs.field(factory=dict)


class PromptFiles(Protocol):
    """Prompts that are files, one each. All calls may block."""

    def own(self) -> ReadPrompts:
        """Those of the user."""
        ...

    def of(self, folder: Path) -> ReadPrompts:
        """Those of a project's folder."""
        ...

    def names_in(self, folder: Path) -> Sequence[str]:
        """The names of a project's prompts, none of whose files is read."""
        ...
