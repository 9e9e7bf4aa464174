"""The memory of the project: what was remembered of it for a user, and the text that is made of it for a question."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rejoinder.protocol import memory
from rejoinder.protocol.memory import ContextResult, ContextSource, MemoryEntry, MemoryKind
from rejoinder.protocol.types import Hit
from rejoinder_client.places import uri_of

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

Entries = list[MemoryEntry]
_LARGEST_PAGE = 1000


class AsyncMemory:
    """A user's memory of the project. Of a session: what counts there, and what came from it.

    A long-term entry counts in the whole project. A short-term one of a session counts in that session and goes with
    it; another short-term one counts for a week.
    """

    def __init__(
        self,
        client: "AsyncClient",
        *,
        session_id: str | None = None,
        project_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        self._client = client
        self._session_id = session_id
        self._project_id = project_id
        self._user_id = user_id

    async def add(
        self,
        text: str,
        *,
        kind: MemoryKind = "long",
        quality: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        expires_at: datetime | str | None = None,
        session_id: str | None = None,
        message_id: str | None = None,
        path: Path | str | None = None,
        user_id: str | None = None,
    ) -> MemoryEntry:
        """Remember a text, and the message of a session or the file of the project that it came from.

        `quality` is 0 to 1; from `expires_at` on it is found no more.
        """
        params = memory.MemoryAddParams(
            text=text,
            kind=kind,
            quality=quality,
            metadata=dict(metadata) if metadata is not None else None,
            expires_at=_moment(expires_at),
            session_id=session_id or self._session_id,
            message_id=message_id,
            uri=None if path is None else uri_of(path),
            user_id=user_id or self._user_id,
            project_id=self._project_id,
        )
        return await self._client.request(memory.MEMORY_ADD, params)

    async def get(self, memory_id: str, *, user_id: str | None = None) -> MemoryEntry:
        """One entry. Raises NotFound, also for one of another user."""
        params = memory.MemoryGetParams(
            memory_id=memory_id, user_id=user_id or self._user_id, project_id=self._project_id
        )
        return await self._client.request(memory.MEMORY_GET, params)

    async def search(
        self,
        query: str,
        *,
        kind: MemoryKind | None = None,
        limit: int = 5,
        session_id: str | None = None,
        user_id: str | None = None,
    ) -> list[Hit]:
        """The entries that fit best; `scope` tells a hit's kind. With a session also what counts there alone."""
        params = memory.MemorySearchParams(
            query=query,
            kind=kind,
            limit=limit,
            session_id=session_id or self._session_id,
            user_id=user_id or self._user_id,
            project_id=self._project_id,
        )
        return (await self._client.request(memory.MEMORY_SEARCH, params)).hits

    async def update(
        self,
        memory_id: str,
        *,
        text: str | None = None,
        kind: MemoryKind | None = None,
        quality: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        expires_at: datetime | str | None = None,
        user_id: str | None = None,
    ) -> MemoryEntry:
        """Correct an entry; what is not given stays. An empty `expires_at`: it does not expire."""
        params = memory.MemoryUpdateParams(
            memory_id=memory_id,
            text=text,
            kind=kind,
            quality=quality,
            metadata=dict(metadata) if metadata is not None else None,
            expires_at=_moment(expires_at),
            user_id=user_id or self._user_id,
            project_id=self._project_id,
        )
        return await self._client.request(memory.MEMORY_UPDATE, params)

    async def delete(self, memory_id: str, *, user_id: str | None = None) -> None:
        """Forget an entry, for good. Raises NotFound."""
        params = memory.MemoryDeleteParams(
            memory_id=memory_id, user_id=user_id or self._user_id, project_id=self._project_id
        )
        await self._client.request(memory.MEMORY_DELETE, params)

    async def clear(
        self,
        kind: MemoryKind | Literal["all"] = "all",
        *,
        session_id: str | None = None,
        user_id: str | None = None,
    ) -> int:
        """Forget all of a kind, of a session only what came from it; answers how many entries that were."""
        params = memory.MemoryClearParams(
            kind=kind,
            session_id=session_id or self._session_id,
            user_id=user_id or self._user_id,
            project_id=self._project_id,
        )
        return (await self._client.request(memory.MEMORY_CLEAR, params)).removed

    async def context(
        self,
        query: str,
        *,
        max_items: int = 5,
        sources: Iterable[ContextSource] | None = None,
        session_id: str | None = None,
        user_id: str | None = None,
    ) -> ContextResult:
        """One text of what fits a question, quoted as in prompts: from memory and knowledge, or from one of them."""
        params = memory.ContextParams(
            query=query,
            max_items=max_items,
            sources=list(sources) if sources is not None else None,
            session_id=session_id or self._session_id,
            user_id=user_id or self._user_id,
            project_id=self._project_id,
        )
        return await self._client.request(memory.CONTEXT, params)

    async def list(
        self, *, kind: MemoryKind | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> Entries:
        """All entries that fit, newest first; of a session those that came from it."""
        found: Entries = []
        cursor: str | None = None
        while True:
            params = memory.MemoryListParams(
                kind=kind,
                session_id=session_id or self._session_id,
                user_id=user_id or self._user_id,
                project_id=self._project_id,
                cursor=cursor,
                limit=_LARGEST_PAGE,
            )
            page = await self._client.request(memory.MEMORY_LIST, params)
            found += page.entries
            cursor = page.next_cursor
            if cursor is None:
                return found


def _moment(moment: datetime | str | None) -> str | None:
    """RFC 3339; a time without a zone is meant in that of this machine."""
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else moment
