"""What of a turn is kept, and when: its text at its beginning, all of it when it waits, the turn itself at its end."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import attrs

from rejoinder.domain.branching import Branch
from rejoinder.domain.conversation import Message, Session, Usage
from rejoinder.domain.errors import RejoinderError, SessionNotFound
from rejoinder.domain.images import Image
from rejoinder.domain.mentions import note_in
from rejoinder.domain.titles import title_of
from rejoinder.domain.tools import ToolSpec, ended, left, without_kept
from rejoinder.domain.waiting import WaitingTurn, encode_waiting, waiting_in
from rejoinder.services.answered import AnsweredTurns
from rejoinder.services.conversations import Conversations
from rejoinder.services.parts import without_part
from rejoinder.services.pictures import Pictures
from rejoinder.services.ports import TurnAddress
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurns


class TurnStoring:
    """Writes turns."""

    def __init__(
        self, conversations: Conversations, running: RunningTurns, pictures: Pictures, answered: AnsweredTurns
    ) -> None:
        self._conversations = conversations
        self._running = running
        self._pictures = pictures
        self._answered = answered

    async def keep_draft(self, session: Session, text: str, before: str | None) -> str | None:
        """Keep the user's text, so that a failure or a crash offers it again; answers it as it is kept.

        None: it is not kept, for the draft is another one than `before`, when the turn was asked for. That was typed
        since then, unless the text was made of it.
        """
        project_id, session_id = session.project_id, session.session_id
        if not text.strip():
            return None

        def step(latest: Session) -> Session:
            is_newer = latest.draft not in (None, before) and not text.startswith(latest.draft or "")
            if is_newer:
                raise _Over
            return attrs.evolve(latest, draft=text)

        try:
            await self._conversations.change(project_id, session_id, step, durable=False)
        except _Over:
            return None
        return (await self._conversations.session(project_id, session_id)).draft

    async def offer_again(self, address: TurnAddress, text: str) -> None:
        """A turn has failed: its text is in the session's draft again, before what was typed meanwhile."""

        def step(latest: Session) -> Session:
            if text in (latest.draft or ""):
                raise _Over
            return attrs.evolve(latest, draft=_before(text, latest.draft))

        with suppress(_Over, RejoinderError):  # where nothing can be stored, the failure was told at least
            await self._conversations.change(address.project_id, address.session_id, step, durable=False)

    async def store(
        self,
        session: Session,
        before: Branch,
        question: Message,
        reply: Message,
        kept: str | None,
        images: Sequence[Image],
        *,
        check: Callable[[Session], object] = lambda _: None,
    ) -> None:
        """The whole turn in one durable write. The draft `kept` is done with; another one stays.

        What `check` raises, of the session as it is then, leaves all as it was.
        """
        new = [reply] if before.regenerated is not None else [question, reply]

        def step(latest: Session) -> Session:
            check(latest)
            title = None if latest.titled or note_in(question.content) is not None else title_of(question.content)
            return attrs.evolve(
                latest,
                head=reply.message_id,
                message_count=before.length,
                draft=None if latest.draft == kept else latest.draft,
                name=title or latest.name,
                titled=latest.titled or title is not None,
                metadata=without_part(latest.metadata),
                waiting=None,
                usage=latest.usage.plus(reply.usage or Usage()),
            )

        await self._pictures.keep(session, images, new)
        await self._conversations.change(
            session.project_id, session.session_id, step, adding=lambda _: new, kind="message"
        )
        self._answered.add(session, reply.turn_id)

    async def keep_waiting(
        self, session: Session, turn: WaitingTurn, kept: str | None, images: Sequence[Image]
    ) -> None:
        """Write down a turn that waits. Its text need not be offered again meanwhile."""

        def step(latest: Session) -> Session:
            draft = None if latest.draft == kept else latest.draft
            metadata = without_part(latest.metadata)  # the answer's part is in what is written here
            return attrs.evolve(latest, waiting=encode_waiting(turn), draft=draft, metadata=metadata)

        await self._pictures.keep(session, images, [turn.question])
        await self._conversations.change(session.project_id, session.session_id, step)

    async def fail_waiting(self, session: Session, text: str) -> None:
        """A turn that was kept has failed: its text is the draft again."""

        def step(latest: Session) -> Session:
            return attrs.evolve(latest, waiting=None, draft=_before(text, latest.draft))

        await self._conversations.change(session.project_id, session.session_id, step)

    async def end_waiting(self, session: Session) -> Session:
        """Store a turn that waits, and that nobody will decide on, as a cancelled one; answers the session after it.

        One that was ended or taken up meanwhile is left alone.
        """
        turn = waiting_in(session)
        if turn is not None:
            calls = ended(left(turn.reply.tool_calls))
            reply = attrs.evolve(turn.reply, tool_calls=without_kept(calls), stop_reason="cancelled")
            tree = await self._conversations.tree(session.project_id, session.session_id)
            before = Branch(tree.path(turn.question.parent_id), turn.question if turn.regenerated else None)
            with suppress(_Over):
                still_waits = partial(self._require_left, turn_id=turn.turn_id)
                await self.store(session, before, turn.question, reply, None, (), check=still_waits)
        elif session.waiting is not None:
            await self.fail_waiting(session, "")
        return await self._conversations.session(session.project_id, session.session_id)

    def _require_left(self, session: Session, *, turn_id: str) -> None:
        """Go on if this turn still waits in the session, and runs nowhere."""
        waiting = waiting_in(session)
        is_waiting = waiting is not None and waiting.turn_id == turn_id
        if not is_waiting or self._running.named(session.project_id, turn_id) is not None:
            raise _Over

    async def permit(self, session: Session, given: str) -> None:
        """Keep a lasting permission with the session."""

        def step(latest: Session) -> Session:
            return attrs.evolve(latest, allowed_tools=tuple(dict.fromkeys((*latest.allowed_tools, given))))

        try:
            await self._conversations.change(session.project_id, session.session_id, step)
        except SessionNotFound:
            return  # it is there for this turn only


class _Over(Exception):
    """There is nothing to be stored any more."""


def _before(text: str, draft: str | None) -> str | None:
    """A draft with a text in front of it."""
    return "\n\n".join(filter(None, (text, draft))) or None


def asked_of(request: TurnRequest) -> Mapping[str, Any]:
    """What a request said besides its text, to be asked again."""
    return {
        "kind": request.kind,
        "model": request.model,
        "system": request.system,
        "action": request.action,
        "retrieve": request.retrieve,
        "tools": None if request.tools is None else list(request.tools),
        "agent": request.agent_name,
        "schema": request.schema,
        "functions": [_declared(function.spec) for function in request.functions],
        "uri": request.uri,
        "settings": attrs.asdict(request.settings),
    }


def _declared(function: ToolSpec) -> Mapping[str, Any]:
    """A function of the program that sent the request, as that told of it."""
    return {
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters,
        "asks": function.needs_approval,
    }
