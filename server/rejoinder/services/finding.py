"""Search over a project: its files, its past commits, and what was said, remembered and added."""

import asyncio
from collections.abc import Sequence

import attrs

from rejoinder.domain.conversation import Role
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.recall import KINDS, RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit, HitSource
from rejoinder.domain.users import user_of
from rejoinder.services.configuring import asked, for_session
from rejoinder.services.recalling import Recalling
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

DEFAULT_LIMIT = 20
MOST = 200
PATIENCE_SECONDS = 20.0
"""How long a first index is waited for."""

_OF_FILES: frozenset[HitSource] = frozenset(("code", "commit"))
_RANK_DAMPING = 60
"""The constant k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@attrs.frozen(kw_only=True)
class Query:
    """What to look for, and where. No `sources` means all of them."""

    text: str
    sources: tuple[HitSource, ...] = ("code", "commit", "message", "memory", "knowledge")
    session_id: str | None = None
    user_id: str | None = None
    role: Role | None = None
    model: str | None = None
    """Messages of this model only."""
    limit: int = DEFAULT_LIMIT
    memory: RecallConfig = RecallConfig()
    """How memory is set to be found; what the session says of it counts first."""
    knowledge: RecallConfig = RecallConfig()
    """The same of knowledge."""


class Finding:
    """Answers queries from the index of a project's files and from what can be recalled."""

    def __init__(self, sessions: Sessions, searches: Searches, recalling: Recalling) -> None:
        self._sessions = sessions
        self._searches = searches
        self._recalling = recalling

    async def find(self, project_id: str, query: Query) -> list[Hit]:
        """The best hits of all sources, best first.

        Raises InvalidInput, SessionNotFound, and IndexUnavailable.
        """
        if query.session_id is not None:
            session = await self._sessions.get(project_id, query.session_id)
            memory = for_session(session, "memory", query.memory)
            query = attrs.evolve(query, memory=memory, knowledge=for_session(session, "knowledge", query.knowledge))
        if _files_of(query):
            self._searches.opened(project_id)
        return await self._found([project_id], query)

    async def find_in_all(self, project_ids: Sequence[str], query: Query) -> list[Hit]:
        """The same over several projects; of files those of the projects that are open. A session is of one project."""
        if query.session_id is not None:
            raise InvalidInput(
                "sessionId: a session belongs to one project.", hint="Leave out `allProjects`.", key="sessionId"
            )
        return await self._found(project_ids, query)

    async def _found(self, project_ids: Sequence[str], query: Query) -> list[Hit]:
        if not 1 <= query.limit <= MOST:
            raise InvalidInput(
                f"limit: {query.limit!r} is not within 1 and {MOST}.", hint=f"Ask for 1 to {MOST}.", key="limit"
            )
        if not query.text.strip():
            return []
        of_files = (self._files(project_id, query) for project_id in project_ids)
        recalled, *files = await asyncio.gather(self._recalled(project_ids, query), *of_files)
        return _merged([*files, recalled])[: query.limit]

    async def _files(self, project_id: str, query: Query) -> list[Hit]:
        sources = _files_of(query)
        search = self._searches.get(project_id)
        if search is None or not sources:
            return []
        hits = await search.search(query.text, limit=query.limit, wait=PATIENCE_SECONDS, commits="commit" in sources)
        return [hit for hit in hits if hit.source in sources]

    async def _recalled(self, project_ids: Sequence[str], query: Query) -> list[Hit]:
        wanted = RecallQuery(
            text=query.text,
            user_id=user_of(query.user_id),
            kinds=frozenset(kind for kind in KINDS if kind in query.sources),
            session_id=query.session_id,
            role=query.role,
            model=query.model,
            limit=query.limit,
        )
        how = asked(wanted, memory=query.memory, knowledge=query.knowledge)
        return await self._recalling.search_all(project_ids, how, patience=PATIENCE_SECONDS)


def _files_of(query: Query) -> frozenset[HitSource]:
    """Which sources of the query are of files; none when it asks for what only conversations have."""
    of_conversations = (query.session_id, query.user_id, query.role, query.model) != (None, None, None, None)
    return frozenset() if of_conversations else _OF_FILES & set(query.sources)


def _merged(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Rankings whose scores cannot be compared, by the places of their hits."""
    placed = [(1 / (_RANK_DAMPING + rank), hit) for ranking in rankings for rank, hit in enumerate(ranking)]
    placed.sort(key=lambda pair: pair[0], reverse=True)
    return [hit for _, hit in placed]
