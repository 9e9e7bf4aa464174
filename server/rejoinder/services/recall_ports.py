"""What recalling needs of the world, and what it follows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from rejoinder.domain.recall import GrownGroup, Growth, KnownGroups, Recallable, RecallKind, RecallQuery, RecallStatus
from rejoinder.domain.retrieval import Hit, IndexOptions


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


@runtime_checkable
class GrowingSource(Protocol):
    """A source whose groups grow at their end, as sessions do: it need not show what is known already."""

    async def growth(self, project_id: str, group: str, mark: str) -> Growth:
        """What there is since a mark that an earlier call answered; everything when that cannot be told."""
        ...


@runtime_checkable
class LookingSource(Protocol):
    """A source that is made of something that changes by itself, as files do."""

    async def look(self, project_id: str, *, patience: float) -> Collection[str]:
        """See what has changed, waiting so many seconds at most; the groups whose passages are others now."""
        ...


@runtime_checkable
class TracingSource(Protocol):
    """A source that knows of what was found whose it is and where it came from, whatever an index says."""

    async def traced(self, project_ids: Sequence[str], user_id: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits without those of its kind that are gone or another user's, each with the session it came from."""
        ...


class RecallIndex(Protocol):
    """The passages of all projects, with their words and vectors. Raises IndexUnavailable.

    What was put in is kept on disk; what was removed is gone from there before the call returns.
    """

    @property
    def life(self) -> int:
        """Another number after everything that is known has to be compared again."""
        ...

    def exists(self, project_id: str) -> bool:
        """Whether there may be anything of a project; costs no process."""
        ...

    async def use(self, project_id: str, options: IndexOptions) -> None:
        """Make a project's vectors by these options from now on."""
        ...

    async def known(self, project_id: str) -> KnownGroups:
        """The groups that are in the index."""
        ...

    async def put(self, project_id: str, groups: Sequence[GrownGroup]) -> None:
        """Add passages to groups, or put them in the place of all others there. Many small groups go together."""
        ...

    async def remove(self, project_id: str, kind: RecallKind, groups: Sequence[str]) -> None:
        """Take groups out."""
        ...

    async def search(self, project_ids: Sequence[str], query: RecallQuery, *, wait: float) -> list[Hit]:
        """The best passages of these projects, best first. A slow model is waited for `wait` seconds at most."""
        ...

    async def status(self, project_id: str) -> RecallStatus:
        """What is known of a project."""
        ...

    async def close(self) -> None:
        """End it."""
        ...
