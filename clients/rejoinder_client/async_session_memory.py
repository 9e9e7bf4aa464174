"""What a session's object does with memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from rejoinder.protocol.memory import MemoryEntry, MemoryKind
from rejoinder.protocol.types import Hit
from rejoinder_client.async_memory import AsyncMemory
from rejoinder_client.session_of_client import SessionOfClient


class SessionMemory(SessionOfClient):
    """Memory of the user who speaks here: what counts in this session, and what came from it."""

    @property
    def memory(self) -> AsyncMemory:
        """All that can be done with it. It costs nothing until it is used."""
        return AsyncMemory(
            self._client, session_id=self.info.session_id, project_id=self.info.project_id, user_id=self.user_id
        )

    async def remember(
        self,
        text: str,
        *,
        quality: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        expires_at: datetime | str | None = None,
    ) -> MemoryEntry:
        """Remember a text in the whole project from now on, and the message of this session that it came from."""
        return await self.memory.add(
            text, quality=quality, metadata=metadata, message_id=message_id, expires_at=expires_at
        )

    async def store_short_memory(
        self,
        text: str,
        *,
        quality: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        expires_at: datetime | str | None = None,
    ) -> MemoryEntry:
        """Remember a text in this session, as long as it is there."""
        return await self.memory.add(
            text, kind="short", quality=quality, metadata=metadata, message_id=message_id, expires_at=expires_at
        )

    async def store_long_memory(
        self, text: str, quality_score: float = 0.7, *, metadata: Mapping[str, Any] | None = None
    ) -> MemoryEntry:
        """As `remember`."""
        return await self.remember(text, quality=quality_score, metadata=metadata)

    async def search_memory(self, query: str, kind: MemoryKind | Literal["all"] = "all", limit: int = 5) -> list[Hit]:
        """The entries that fit best, of what counts in this session."""
        return await self.memory.search(query, kind=None if kind == "all" else kind, limit=limit)

    async def clear_memory(self, kind: MemoryKind | Literal["all"] = "all") -> int:
        """Forget what came from this session, or the short-term or long-term part of it; answers how much it was."""
        return await self.memory.clear(kind)

    async def get_memory_context(self, query: str, max_items: int = 3) -> str:
        """One text of what memory says on a question; empty when it says nothing."""
        return (await self.memory.context(query, max_items=max_items, sources=["memory"])).text

    async def get_context(self, query: str, max_items: int = 3) -> str:
        """One text of what memory and knowledge say on a question; empty when they say nothing."""
        return (await self.memory.context(query, max_items=max_items)).text
