"""What recalling needs of the world, and what it follows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rejoinder.domain.recall import Recallable, RecallKind


class RecallSource(Protocol):
    """Something whose passages can be recalled. What is known of it can be made from it again at any time."""

    @property
    def kind(self) -> RecallKind:
        """What its passages are."""
        ...

    async def groups(self, project_id: str) -> Mapping[str, str]:
        """A project's groups with their versions; a group whose version is another has other passages."""
        ...

    async def passages(self, project_id: str, group: str) -> Sequence[Recallable]:
        """The passages of a group; none when it is gone."""
        ...
