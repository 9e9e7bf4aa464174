"""What a turn is reminded of: past messages, memory and knowledge that fit its text, within the time it has."""

import asyncio
from collections.abc import Callable, Sequence

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.recall import RecallQuery
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.users import user_of
from rejoinder.services.configuring import asked, for_session
from rejoinder.services.recalling import Recalling
from rejoinder.services.request import TurnRequest

HITS = 5
"""Of each kind."""

SECONDS, BEHIND_SECONDS, QUOTING_SECONDS = 5.0, 0.2, 20.0
"""How long a turn waits at most: as a rule, while a long past is read in, and for an answer made of passages."""

_MANY = 20
"""So many sessions, entries and documents to be read in are a past, and not what was just said: no turn waits."""

_SILENCE_SECONDS = 0.5
"""After that the user is told what is waited for."""

_WAITING_SHARE = 0.6
"""Of that time, what may go to bringing in what is new; the rest is for the search itself."""


class Recap:
    """Recalls for a turn; never lets it fail."""

    def __init__(self, recalling: Recalling) -> None:
        self._recalling = recalling

    async def hits(
        self,
        request: TurnRequest,
        session: Session | None,
        known: Sequence[str],
        *,
        quoting: bool,
        tell: Callable[[str], None],
    ) -> tuple[Hit, ...]:
        """The best passages, best first, without the messages that are `known`. What keeps it from it is told."""
        # an ask that names no session looks into all of the project's
        only = session.session_id if session and request.kind == "chat" else request.session_id
        query = RecallQuery(
            text=request.text,
            user_id=user_of(request.user_id),
            session_id=only,
            without=frozenset(known),
            limit=HITS,
            documents=request.documents,
        )
        memory = for_session(session, "memory", request.memory)
        query = asked(query, memory=memory, knowledge=for_session(session, "knowledge", request.knowledge))
        project_id = request.project.project_id
        seconds, patience = self._times(project_id, quoting=quoting)
        word = asyncio.get_running_loop().call_later(_SILENCE_SECONDS, tell, "Recalling what was said…")
        try:
            async with asyncio.timeout(seconds):
                found = await self._recalling.search(project_id, query, patience=patience)
                if left := self._recalling.waiting(project_id):
                    tell(f"Still reading what was said and remembered: {left} sessions or entries are left.")
                # the question itself, asked before or answered anew, tells nothing
                return tuple(hit for hit in found if hit.text.strip() != request.text.strip())
        except RejoinderError as exc:
            tell(f"{exc.message} Answering without what was said and remembered.")
        except TimeoutError:
            tell("Recalling takes too long. Answering without what was said and remembered.")
        finally:
            word.cancel()
        return ()

    def _times(self, project_id: str, *, quoting: bool) -> tuple[float, float]:
        """How many seconds the turn waits at most, and how many of them for what is new."""
        if quoting:
            return QUOTING_SECONDS, QUOTING_SECONDS * _WAITING_SHARE
        if self._recalling.waiting(project_id) > _MANY:
            # its end is too far, and by words alone much is found already
            return BEHIND_SECONDS, 0.0
        return SECONDS, SECONDS * _WAITING_SHARE
