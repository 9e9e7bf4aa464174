"""What finding agents and prompts needs of the world: folders with a file for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import attrs

from rejoinder.declared import frozen

T_co = TypeVar("T_co", covariant=True)


@frozen
class ReadFiles(Generic[T_co]):
    """What the files of a place are, and by their names sentences about those that do not count."""

    found: Sequence[T_co] = ()
    faults: Mapping[str, str] = attrs.field(factory=dict)


class NamedFiles(Protocol[T_co]):
    """Things that are files, one each, named as the file is. All calls may block."""

    def own(self) -> ReadFiles[T_co]:
        """Those of the user."""
        ...

    def of(self, folder: Path) -> ReadFiles[T_co]:
        """Those of a project's folder."""
        ...

    def names_in(self, folder: Path) -> Sequence[str]:
        """The names of a project's, none of whose files is read."""
        ...
