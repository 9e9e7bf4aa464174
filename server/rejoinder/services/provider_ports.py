"""What a provider of memory or knowledge of one's own has to do: the entry points of the groups below are made of it.

An entry point is called with the folder for the provider's files, which may not be there yet, and answers a provider.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rejoinder.domain.recall import RecallKind
from rejoinder.services.recall_ports import RecallIndex

GROUPS: Mapping[RecallKind, str] = {"memory": "rejoinder.memory", "knowledge": "rejoinder.knowledge"}
"""The groups of entry points by what they provide."""


class RecallProvider(Protocol):
    """Finds what Rejoinder remembers or was given, in the place of its own index.

    Rejoinder goes on to keep the entries themselves: it lists them, forgets them, backs them up, and keeps users apart,
    whatever a provider finds. So a provider is told of passages, and answers which of them fit a question. It is told
    all of them anew by every engine that asks it. Its calls come one at a time, from one thread, and may block; an
    exception says that it cannot serve.
    """

    def put(self, project_id: str, group: str, passages: Sequence[Mapping[str, Any]]) -> None:
        """Keep the passages of a group (an entry of the memory, a document), in the place of all that it had.

        Each is JSON: `id` (unique in its group), `text`, `uri`, `userId` (None: for all users), `sessionId` (None: for
        all sessions), `scope` (its kind, page or heading) and `quality`.
        """
        ...

    def drop(self, project_id: str, groups: Sequence[str]) -> None:
        """Forget groups; nothing of them may be left when this returns. One that is not there is no error."""
        ...

    def search(self, project_id: str, query: str, *, user_id: str, limit: int) -> Sequence[tuple[str, str, float]]:
        """What fits best for a user, best first: group, `id`, and a score. What is not this user's is passed over."""
        ...


OpenIndex = Callable[[RecallKind, str, Path | None], RecallIndex]
"""The index of a kind that a provider is, by its name and folder. Raises IndexUnavailable when it is not installed."""
