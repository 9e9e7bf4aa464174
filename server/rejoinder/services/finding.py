"""Search over a project: its files, its past commits, and what was said, remembered and added."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Role, Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.file_uris import same_file
from rejoinder.domain.recall import KINDS, RecallQuery, SearchMode
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import Hit, HitSource
from rejoinder.domain.snippets import Marking
from rejoinder.domain.users import user_of
from rejoinder.domain.word_query import WordQuery, understood
from rejoinder.services.configuring import asked, for_session
from rejoinder.services.recalling import Recalling
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

DEFAULT_LIMIT = 20
MOST = 200
PATIENCE_SECONDS = 20.0
"""How long a first index is waited for, unless a query says otherwise."""
MOST_PATIENCE = 60.0

_OF_FILES: frozenset[HitSource] = frozenset(("code", "commit"))
_ALL: frozenset[HitSource] = _OF_FILES | frozenset(KINDS)
_RANK_DAMPING = 60
"""The constant k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@frozen(kw_only=True)
class Query:
    """What to look for, and where."""

    text: str
    sources: tuple[HitSource, ...] | None = None
    """None: all that can be searched, which files and commits can only while somebody has their project open."""
    session_id: str | None = None
    user_id: str | None = None
    role: Role | None = None
    model: str | None = None
    """Messages of this model only."""
    session_ids: frozenset[str] | None = None
    file_uri: str | None = None
    """Messages about this file only."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that does not count any more."""
    mode: SearchMode | None = None
    """As RecallQuery says; with one no files and commits are looked for."""
    patience: float = PATIENCE_SECONDS
    """Seconds that what is not in the index yet is waited for."""
    limit: int = DEFAULT_LIMIT
    memory: RecallConfig = RecallConfig()
    """How memory is set to be found; what the session says of it counts first."""
    knowledge: RecallConfig = RecallConfig()
    """The same of knowledge."""


@frozen
class Findings:
    """What was found, best first; how many sessions, entries and documents are still to be read, and if that is all.

    Both are said of what can be recalled; when the query asks for nothing of it, that is all.
    """

    hits: list[Hit]
    waiting: int = 0
    complete: bool = True


class Finding:
    """Answers queries from the index of a project's files and from what can be recalled."""

    def __init__(self, sessions: Sessions, searches: Searches, recalling: Recalling) -> None:
        self._sessions = sessions
        self._searches = searches
        self._recalling = recalling

    async def find(self, project_id: str, query: Query) -> Findings:
        """The best hits of all sources, best first.

        Raises InvalidInput, SessionNotFound, and IndexUnavailable, also when the query names files or commits and
        nobody has the project open.
        """
        if query.session_id is not None:
            session = await self._sessions.get(project_id, query.session_id)
            memory = for_session(session, "memory", query.memory)
            query = attrs.evolve(query, memory=memory, knowledge=for_session(session, "knowledge", query.knowledge))
        for session_id in query.session_ids or ():
            await self._sessions.get(project_id, session_id)
        if query.sources is not None and _files_of(query):
            self._searches.opened(project_id)
        return await self._found([project_id], query)

    async def find_in_all(self, project_ids: Sequence[str], query: Query) -> Findings:
        """The same over several projects; of files those of the projects that are open. A session is of one project."""
        for key, given in (("sessionId", query.session_id), ("sessionIds", query.session_ids)):
            if given is not None:
                raise InvalidInput(
                    f"{key}: a session belongs to one project.", hint="Leave out `allProjects`.", key=key
                )
        return await self._found(project_ids, query)

    async def _found(self, project_ids: Sequence[str], query: Query) -> Findings:
        _check(query)
        if not query.text.strip():
            return Findings([])
        recall = await self._recall_query(project_ids, query)
        of_files = (self._files(project_id, query) for project_id in project_ids)
        of_recall = self._recalling.search_all(project_ids, recall, patience=query.patience)
        recalled, *files = await asyncio.gather(of_recall, *of_files)
        hits = await self._described(project_ids, _merged([*files, recalled])[: query.limit])
        hits = await asyncio.to_thread(_with_snippets, hits, query)
        if not recall.kinds:
            return Findings(hits)
        waiting = sum(map(self._recalling.waiting, project_ids))
        return Findings(hits, waiting, complete=not waiting and await self._is_complete(project_ids, query))

    async def _files(self, project_id: str, query: Query) -> list[Hit]:
        sources = _files_of(query)
        search = self._searches.get(project_id)
        if search is None or not sources:
            return []
        hits = await search.search(query.text, limit=query.limit, wait=query.patience, commits="commit" in sources)
        return [hit for hit in hits if hit.source in sources]

    async def _recall_query(self, project_ids: Sequence[str], query: Query) -> RecallQuery:
        """What is to be recalled for a query; of no kind when it asks for files alone."""
        file = None if query.file_uri is None else same_file(query.file_uri)
        named = [await self._sessions.names(project_id, file) for project_id in project_ids] if file else []
        wanted = RecallQuery(
            text=query.text,
            user_id=user_of(query.user_id),
            kinds=frozenset(kind for kind in KINDS if kind in _sources(query)),
            session_id=query.session_id,
            role=query.role,
            model=query.model,
            session_ids=query.session_ids,
            files=tuple({name for names in named for name in names}),
            since=query.since,
            until=query.until,
            mode=query.mode,
            limit=query.limit,
        )
        return asked(wanted, memory=query.memory, knowledge=query.knowledge)

    async def _is_complete(self, project_ids: Sequence[str], query: Query) -> bool:
        """Whether all that was said could be compared with the query."""
        if any(map(self._recalling.is_behind, project_ids)):
            return False
        if query.mode != "meaning":
            return True
        statuses = await asyncio.gather(*map(self._recalling.status, project_ids))
        return all(status.embedded == status.passages for status in statuses)

    async def _described(self, project_ids: Sequence[str], hits: Sequence[Hit]) -> list[Hit]:
        """The hits with what is known of their sessions, without what was said in one that is gone by now."""
        wanted: dict[str, set[str]] = {}
        for hit in hits:
            if hit.session_id is not None:
                wanted.setdefault(hit.project_id or project_ids[0], set()).add(hit.session_id)
        found = await asyncio.gather(*(self._sessions.known(*each) for each in wanted.items()))
        known = dict(zip(wanted, found, strict=True))
        described = (_described(hit, known.get(hit.project_id or project_ids[0], {})) for hit in hits)
        return [hit for hit in described if hit is not None]


def _sources(query: Query) -> frozenset[HitSource]:
    return _ALL if query.sources is None else frozenset(query.sources)


def _files_of(query: Query) -> frozenset[HitSource]:
    """Which sources of the query are of files; none when it asks for what only conversations have."""
    of_conversations = (
        *(query.session_id, query.session_ids, query.user_id, query.role, query.model),
        *(query.file_uri, query.since, query.until, query.mode),
    )
    return _OF_FILES & _sources(query) if all(each is None for each in of_conversations) else frozenset()


def _check(query: Query) -> None:
    if not 1 <= query.limit <= MOST:
        raise InvalidInput(
            f"limit: {query.limit!r} is not within 1 and {MOST}.", hint=f"Ask for 1 to {MOST}.", key="limit"
        )
    if not 0 <= query.patience <= MOST_PATIENCE:
        raise InvalidInput(
            f"waitSeconds: {query.patience!r} is not within 0 and {MOST_PATIENCE:.0f}.",
            hint=f"Wait 0 to {MOST_PATIENCE:.0f} seconds.",
            key="waitSeconds",
        )


def _described(hit: Hit, sessions: Mapping[str, Session]) -> Hit | None:
    if hit.session_id is None:
        return hit
    session = sessions.get(hit.session_id)
    if session is None:
        return None if hit.source == "message" else hit
    return attrs.evolve(hit, session_name=session.name, archived=session.archived)


def _with_snippets(hits: Sequence[Hit], query: Query) -> list[Hit]:
    asked = WordQuery() if query.mode is None else understood(query.text)
    if query.mode == "words":
        marking = Marking(asked)
    else:
        marking = Marking(asked.strict(), query.text if query.mode is None else asked.plain)
    return [attrs.evolve(hit, snippet=marking.snippet(hit.text)) for hit in hits]


def _merged(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Rankings whose scores cannot be compared, by the places of their hits."""
    placed = [(1 / (_RANK_DAMPING + rank), hit) for ranking in rankings for rank, hit in enumerate(ranking)]
    placed.sort(key=lambda pair: pair[0], reverse=True)
    return [hit for _, hit in placed]
