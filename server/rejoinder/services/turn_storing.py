"""What of a turn is kept, and when: its text at its beginning, all of it when it waits, the turn itself at its end."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from rejoinder.domain.branching import Branch
from rejoinder.domain.conversation import Message, Session, Usage
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.images import Image
from rejoinder.domain.mentions import note_in
from rejoinder.domain.titles import title_of
from rejoinder.domain.tools import ToolSpec, ended, left, without_kept
from rejoinder.domain.waiting import WaitingTurn, encode_waiting, waiting_in
from rejoinder.services.answered import AnsweredTurns
from rejoinder.services.conversations import Conversations
from rejoinder.services.parts import without_part
from rejoinder.services.pictures import Pictures
from rejoinder.services.request import TurnRequest


class TurnStoring:
    """Writes turns."""

    def __init__(self, conversations: Conversations, pictures: Pictures, answered: AnsweredTurns) -> None:
        self._conversations = conversations
        self._pictures = pictures
        self._answered = answered

    async def keep_draft(self, session: Session, text: str) -> str | None:
        """Keep the user's text, so that a failure or a crash offers it again; answers it as it is kept."""
        project_id, session_id = session.project_id, session.session_id
        if not text.strip():
            return None
        await self._conversations.change(
            project_id, session_id, lambda latest: attrs.evolve(latest, draft=text), durable=False
        )
        return (await self._conversations.session(project_id, session_id)).draft

    async def store(
        self,
        session: Session,
        before: Branch,
        question: Message,
        reply: Message,
        kept: str | None,
        images: Sequence[Image],
    ) -> None:
        """The whole turn in one durable write. The draft `kept` is done with; another one stays."""
        new = [reply] if before.regenerated is not None else [question, reply]

        def step(latest: Session) -> Session:
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
            return attrs.evolve(latest, waiting=None, draft=latest.draft or text or None)

        await self._conversations.change(session.project_id, session.session_id, step)

    async def end_waiting(self, session: Session) -> Session:
        """Store a turn that waits, and that nobody will decide on, as a cancelled one; answers the session after it."""
        turn = waiting_in(session)
        if turn is not None:
            calls = ended(left(turn.reply.tool_calls))
            reply = attrs.evolve(turn.reply, tool_calls=without_kept(calls), stop_reason="cancelled")
            tree = await self._conversations.tree(session.project_id, session.session_id)
            before = Branch(tree.path(turn.question.parent_id), turn.question if turn.regenerated else None)
            await self.store(session, before, turn.question, reply, None, ())
        elif session.waiting is not None:
            await self.fail_waiting(session, "")
        return await self._conversations.session(session.project_id, session.session_id)

    async def permit(self, session: Session, given: str) -> None:
        """Keep a lasting permission with the session."""

        def step(latest: Session) -> Session:
            return attrs.evolve(latest, allowed_tools=tuple(dict.fromkeys((*latest.allowed_tools, given))))

        try:
            await self._conversations.change(session.project_id, session.session_id, step)
        except SessionNotFound:
            return  # it is there for this turn only


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
