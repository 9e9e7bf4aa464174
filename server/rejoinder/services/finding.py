"""Search over a project: its files, its past commits, and what was said in its sessions."""

import asyncio
from collections.abc import Sequence

import attrs

from rejoinder.domain.conversation import Role
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.retrieval import Hit, HitSource
from rejoinder.services.ports import MessageSearch
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

DEFAULT_LIMIT = 20
MOST = 200
PATIENCE_SECONDS = 20.0
"""How long a first index is waited for."""

_RANK_DAMPING = 60
"""The constant k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@attrs.frozen(kw_only=True)
class Query:
    """What to look for, and where. No `sources` means files, commits and messages."""

    text: str
    sources: tuple[HitSource, ...] = ("code", "commit", "message")
    session_id: str | None = None
    user_id: str | None = None
    role: Role | None = None
    limit: int = DEFAULT_LIMIT


class Finding:
    """Answers queries from the index of the project's files and from that of its messages."""

    def __init__(self, sessions: Sessions, searches: Searches, messages: MessageSearch) -> None:
        self._sessions = sessions
        self._searches = searches
        self._messages = messages

    async def find(self, project_id: str, query: Query) -> list[Hit]:
        """The best hits of all sources, best first.

        Raises InvalidInput, SessionNotFound, and IndexUnavailable if files are wanted.
        """
        if not 1 <= query.limit <= MOST:
            raise InvalidInput(
                f"limit: {query.limit!r} is not within 1 and {MOST}.", hint=f"Ask for 1 to {MOST}.", key="limit"
            )
        if query.session_id is not None:
            await self._sessions.get(project_id, query.session_id)
        if not query.text.strip():
            return []
        files, messages = await asyncio.gather(self._files(project_id, query), self._said(project_id, query))
        return _merged([files, messages])[: query.limit]

    async def _files(self, project_id: str, query: Query) -> list[Hit]:
        of_conversations = (query.session_id, query.user_id, query.role) != (None, None, None)
        if of_conversations or not {"code", "commit"} & set(query.sources):
            return []
        search = self._searches.opened(project_id)
        hits = await search.search(
            query.text, limit=query.limit, wait=PATIENCE_SECONDS, commits="commit" in query.sources
        )
        return [hit for hit in hits if hit.source in query.sources]

    async def _said(self, project_id: str, query: Query) -> list[Hit]:
        if "message" not in query.sources:
            return []
        # of messages of one role there may be fewer among the first than are wanted
        limit = query.limit if query.role is None else MOST
        hits = await self._messages.search(
            project_id, query.text, session_id=query.session_id, user_id=query.user_id, limit=limit
        )
        return [hit for hit in hits if query.role is None or hit.scope == query.role]


def _merged(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Rankings whose scores cannot be compared, by the places of their hits."""
    placed = [(1 / (_RANK_DAMPING + rank), hit) for ranking in rankings for rank, hit in enumerate(ranking)]
    placed.sort(key=lambda pair: pair[0], reverse=True)
    return [hit for _, hit in placed]
