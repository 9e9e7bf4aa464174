"""What is asked of the memory: entries to add, corrections, which entries are meant."""

from datetime import datetime
from typing import Any, Literal

from rejoinder.declared import frozen
from rejoinder.domain.memory import Memory, MemoryKind


@frozen(kw_only=True)
class MemoryDraft:
    """Something to remember; what is None is as usual for its kind."""

    text: str
    kind: MemoryKind = "long"
    quality: float | None = None
    metadata: dict[str, Any] | None = None
    expires_at: datetime | None = None


@frozen(kw_only=True)
class MemoryChange:
    """What to correct of an entry; None stays as it is."""

    text: str | None = None
    kind: MemoryKind | None = None
    quality: float | None = None
    metadata: dict[str, Any] | None = None
    expires_at: datetime | Literal["never"] | None = None


@frozen(kw_only=True)
class MemoryFilter:
    """Whose entries, and which of them. With `session_id` those that came from that session."""

    user_id: str
    kind: MemoryKind | None = None
    session_id: str | None = None

    def fits(self, entry: Memory) -> bool:
        """Whether an entry is meant."""
        return (
            entry.user_id == self.user_id
            and self.kind in (None, entry.kind)
            and self.session_id in (None, entry.source.session_id)
        )


@frozen
class MemoryPage:
    """Entries, newest first; `next_cursor` leads to older ones."""

    entries: list[Memory]
    next_cursor: str | None
