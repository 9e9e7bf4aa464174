"""What a session's object does with knowledge."""

from pathlib import Path

from rejoinder.protocol.retrieval import Knowledge
from rejoinder.protocol.types import Hit
from rejoinder_client.async_knowledge import AsyncKnowledge
from rejoinder_client.progress import OnProgress
from rejoinder_client.session_of_client import SessionOfClient


class SessionKnowledge(SessionOfClient):
    """Knowledge that counts in this session alone, beside that of the project."""

    @property
    def knowledge(self) -> AsyncKnowledge:
        """All that can be done with it. It costs nothing until it is used."""
        return AsyncKnowledge(self._client, session_id=self.info.session_id, project_id=self.info.project_id)

    async def add_knowledge(
        self,
        source: Path | str,
        *,
        title: str | None = None,
        allow_private: bool = False,
        allow_outside: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Knowledge:
        """Add a file, a folder, a web page or a text for this session."""
        return await self.knowledge.add(
            source,
            title=title,
            allow_private=allow_private,
            allow_outside=allow_outside,
            on_progress=on_progress,
        )

    async def search_knowledge(self, query: str, limit: int = 5) -> list[Hit]:
        """The passages that fit best, of this session's knowledge and the project's."""
        return await self.knowledge.search(query, limit=limit)

    async def clear_knowledge(self) -> int:
        """Remove what was added for this session, for good; answers how much that was."""
        return await self.knowledge.clear()
