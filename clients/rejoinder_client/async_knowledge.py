"""The knowledge of the project: documents, pages and texts that were added, and are found in every turn."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder.protocol import retrieval
from rejoinder.protocol.retrieval import Knowledge, KnowledgeKind
from rejoinder.protocol.types import Hit
from rejoinder_client.places import absolute
from rejoinder_client.progress import OnProgress

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

Items = list[Knowledge]
_LONGEST_PATH = 1000


class AsyncKnowledge:
    """The knowledge of the project. Of a session: what is added counts in that session only."""

    def __init__(self, client: "AsyncClient", *, session_id: str | None = None, project_id: str | None = None) -> None:
        self._client = client
        self._session_id = session_id
        self._project_id = project_id

    async def add(
        self,
        source: Path | str,
        *,
        title: str | None = None,
        kind: KnowledgeKind | None = None,
        session_id: str | None = None,
        allow_private: bool = False,
        allow_outside: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Knowledge:
        """Add a file, a folder, a web page or a text; the same one again is read anew.

        What it is, is found out unless `kind` says so. `allow_private` lets a page lie on this machine or its network,
        `allow_outside` a file outside of the project. When the caller is cancelled, nothing was added. Raises
        SourceUnreadable, NotFound, NotTrusted and TooLarge.
        """
        named = source if kind in ("text", "url") else await asyncio.to_thread(_named, source)
        with self._client.progress.watched(on_progress) as token:
            params = retrieval.KnowledgeAddParams(
                source=str(named),
                title=title,
                kind=kind,
                session_id=session_id or self._session_id,
                work_done_token=token,
                allow_private=allow_private or None,
                allow_outside=allow_outside or None,
                project_id=self._project_id,
            )
            return await self._client.request(retrieval.KNOWLEDGE_ADD, params)

    async def search(self, query: str, *, limit: int = 5, session_id: str | None = None) -> list[Hit]:
        """The passages that fit best; `uri` and `scope` tell where they stand: a page, a heading, lines."""
        params = retrieval.KnowledgeSearchParams(
            query=query, limit=limit, session_id=session_id or self._session_id, project_id=self._project_id
        )
        return (await self._client.request(retrieval.KNOWLEDGE_SEARCH, params)).hits

    async def remove(self, knowledge_id: str) -> None:
        """Remove what was added, for good. Raises NotFound."""
        params = retrieval.KnowledgeRemoveParams(knowledge_id=knowledge_id, project_id=self._project_id)
        await self._client.request(retrieval.KNOWLEDGE_REMOVE, params)

    async def clear(self, *, session_id: str | None = None) -> int:
        """Remove everything, of a session what was added for it alone, for good; answers how much that was."""
        params = retrieval.KnowledgeClearParams(session_id=session_id or self._session_id, project_id=self._project_id)
        return (await self._client.request(retrieval.KNOWLEDGE_CLEAR, params)).removed

    async def list(self, *, session_id: str | None = None) -> Items:
        """What was added, the newest first; with a session also what counts there alone."""
        params = retrieval.KnowledgeListParams(session_id=session_id or self._session_id, project_id=self._project_id)
        return (await self._client.request(retrieval.KNOWLEDGE_LIST, params)).knowledge


def _named(source: Path | str) -> Path | str:
    """A path as it is from everywhere; a text that is the name of a file that is there counts as its path, too."""
    if isinstance(source, str):
        if len(source) > _LONGEST_PATH or "\n" in source or "\0" in source or "://" in source:
            return source
        path = Path(source).expanduser()
        try:
            return path.absolute() if source.strip() and path.exists() else source
        except OSError:
            return source
    return absolute(source)
