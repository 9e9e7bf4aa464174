"""One text of what memory and knowledge say on a question, quoted as data."""

from collections.abc import Collection
from typing import Literal

from rejoinder.declared import frozen
from rejoinder.domain.assembly import QUOTED_IS_DATA, passage_text
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.recall import RecallKind, RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.repeats import without_repeats
from rejoinder.domain.retrieval import Hit
from rejoinder.services.configuring import asked, for_session
from rejoinder.services.recalling import Recalling
from rejoinder.services.sessions import Sessions

ContextSource = Literal["memory", "knowledge"]

ITEMS = 5
MOST_ITEMS = 50


@frozen
class Context:
    """The text, which is empty when nothing was found, and what it is made of, best first."""

    text: str
    hits: tuple[Hit, ...] = ()


class Contexts:
    """Looks into memory and knowledge together."""

    def __init__(self, sessions: Sessions, recalling: Recalling) -> None:
        self._sessions = sessions
        self._recalling = recalling

    async def build(
        self,
        project: Project,
        query: str,
        *,
        user_id: str,
        session_id: str | None = None,
        limit: int = ITEMS,
        sources: Collection[ContextSource] = ("memory", "knowledge"),
        memory: RecallConfig,
        knowledge: RecallConfig,
    ) -> Context:
        """What fits best, of what counts everywhere and in that session. Raises InvalidInput and SessionNotFound.

        `memory` and `knowledge` are set; what the session says of them counts first.
        """
        if not 1 <= limit <= MOST_ITEMS:
            hint = f"Ask for 1 to {MOST_ITEMS}."
            raise InvalidInput(f"maxItems: {limit} is not from 1 to {MOST_ITEMS}.", hint=hint, key="maxItems")
        session = None if session_id is None else await self._sessions.get(project.project_id, session_id)
        memory, knowledge = for_session(session, "memory", memory), for_session(session, "knowledge", knowledge)
        kinds: frozenset[RecallKind] = frozenset(sources)
        wanted = RecallQuery(text=query, user_id=user_id, kinds=kinds, session_id=session_id, limit=limit)
        found = await self._recalling.search(project.project_id, asked(wanted, memory=memory, knowledge=knowledge))
        hits = tuple(without_repeats(found, ())[:limit])
        passages = [passage_text(hit, project.folder_uri) for hit in hits]
        return Context("\n\n".join([QUOTED_IS_DATA, *passages]) if passages else "", hits)
