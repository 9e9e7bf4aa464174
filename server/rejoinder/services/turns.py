"""Turns: begun once only, one at a time in a session, cancelled in every way, stored whole or not at all."""

import asyncio
from contextlib import nullcontext

import attrs

from rejoinder.domain.branching import Branch, branch
from rejoinder.domain.conversation import Message, Session, Usage
from rejoinder.domain.errors import ModelUnavailable, NotFound, RejoinderError, SessionBusy
from rejoinder.domain.events import TurnEnded, TurnResult, TurnStarted, UsageKnown, UserMessageTaken
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.prompt import Prompt
from rejoinder.domain.titles import title_of
from rejoinder.domain.tree import MessageTree
from rejoinder.services.answered import AnsweredTurns
from rejoinder.services.answering import Answer, Answering
from rejoinder.services.conversations import Conversations
from rejoinder.services.model_ports import ChatModel
from rejoinder.services.parts import Parts, without_part
from rejoinder.services.ports import Publisher, TurnAddress
from rejoinder.services.request import TurnRequest, read_part, require_text, with_text_of
from rejoinder.services.running import RunningTurn, RunningTurns
from rejoinder.services.sessions import Sessions
from rejoinder.services.unforeseen import unexpected


class Turns:
    """Begins turns and sees them through."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        running: RunningTurns,
        answering: Answering,
        publisher: Publisher,
    ) -> None:
        self._conversations = conversations
        self._sessions = sessions
        self._running = running
        self._answering = answering
        self._publisher = publisher
        self._world = conversations.world
        self._parts = Parts(conversations)
        self._answered = AnsweredTurns(conversations, sessions)
        self._refusing = False
        """Whether this engine is on its way out."""

    async def begin(self, request: TurnRequest) -> RunningTurn | TurnResult:
        """A turn under way, which waits to be released; or the result, when this turn ID was answered before.

        Raises SessionBusy with the other turn's ID when one is running and this one does not queue.
        """
        if request.parent_id is None:
            require_text(request)
        turn_id = check_id(request.turn_id, "turnId") if request.turn_id is not None else self._world.new_id()
        session = await self._session(request)
        address = TurnAddress(request.project.project_id, session.session_id, turn_id)
        stored = await self._answered.result(session, turn_id, request.user_id) if request.turn_id is not None else None
        if stored is not None:
            return stored
        # from here to the end no await: two requests of one turn ID must not both get past this point
        self._require_open()
        same = self._running.named(address.project_id, turn_id)
        if same is not None:
            return same.asked_again(request.user_id)
        other = self._running.of(address.project_id, address.session_id)
        if other is not None and not request.queue:
            raise SessionBusy(other.address.turn_id)
        turn = RunningTurn(address, self._publisher, request.user_id)
        self._running.add(turn)
        turn.begin(asyncio.create_task(self._run(turn, request), name=f"turn {turn_id}"))
        return turn

    async def preview(self, request: TurnRequest) -> Prompt:
        """The exact prompt that a request would send. Nothing is stored, no session is made."""
        session = await self._existing(request)
        tree = await self._tree(session)
        before = branch(tree, session.head if session else None, parent_id=request.parent_id, text=request.text)
        request = with_text_of(request, before.regenerated)
        model = self._answering.model(request, session)
        path = read_part(request, before)
        return await self._answering.prompt(request, session, path, model=model, tell=lambda _: None)

    def running_in(self, project_id: str, session_id: str) -> RunningTurn | None:
        """The turn that runs in a session."""
        return self._running.of(project_id, session_id)

    def cancel(self, project_id: str, session_id: str, turn_id: str | None) -> bool:
        """Stop a turn, or the one that runs in the session; whether there was one."""
        running = self._running
        turn = running.find(project_id, session_id, turn_id) if turn_id else running.of(project_id, session_id)
        if turn is not None:
            turn.cancel()
        return turn is not None

    def refuse_new(self) -> None:
        """Begin no turn any more."""
        self._refusing = True

    async def drain(self) -> None:
        """Wait for all turns that run or wait."""
        await asyncio.gather(*(turn.stopped() for turn in self._running.all()))

    async def stop(self) -> None:
        """Cancel all turns and wait until each is stored."""
        for turn in self._running.all():
            turn.cancel()
        await self.drain()

    def _require_open(self) -> None:
        if self._refusing:
            raise ModelUnavailable("Rejoinder is restarting.", hint="Send it again in a moment.", retryable=True)

    async def _session(self, request: TurnRequest) -> Session:
        """The session that a request means, made when it is not there. An ephemeral turn makes none that lasts."""
        if request.remember:
            if request.session_id is not None:
                return await self._sessions.get_or_create(
                    request.project,
                    request.session_id,
                    scope=request.scope,
                    uri=request.uri,
                    user_id=request.user_id,
                )
            return await self._sessions.current_or_new(request.project, request.scope, request.uri, request.user_id)
        found = await self._existing(request)
        return found if found is not None else self._passing_session(request)

    async def _existing(self, request: TurnRequest) -> Session | None:
        if request.session_id is None:
            return await self._sessions.current(request.project, request.scope, request.uri, request.user_id)
        check_id(request.session_id, "sessionId")
        sessions = await self._sessions.all(request.project.project_id)
        return next((session for session in sessions if session.session_id == request.session_id), None)

    def _passing_session(self, request: TurnRequest) -> Session:
        now = self._world.now()
        return Session(
            session_id=request.session_id or self._world.new_id(),
            project_id=request.project.project_id,
            name="",
            scope="none",
            created_at=now,
            updated_at=now,
        )

    async def _tree(self, session: Session | None) -> MessageTree:
        """The session's messages; none for one that is not stored."""
        if session is None:
            return MessageTree()
        return await self._conversations.tree(session.project_id, session.session_id)

    async def _run(self, turn: RunningTurn, request: TurnRequest) -> TurnResult:
        try:
            await turn.released.wait()
            await self._running.turn_of(turn)
            return await self._answer(turn, request)
        except asyncio.CancelledError:
            if not turn.cancelled:
                raise
            return self._cancelled_before_its_time(turn)
        except RejoinderError as exc:
            turn.emit(TurnEnded("end_turn", Usage(), error=exc))
            raise
        except Exception as exc:
            failure = unexpected(exc)
            turn.emit(TurnEnded("end_turn", Usage(), error=failure))
            raise failure from exc
        finally:
            turn.flush()
            await asyncio.shield(self._running.remove(turn))

    def _cancelled_before_its_time(self, turn: RunningTurn) -> TurnResult:
        """The end of a turn that was cancelled before its prompt was made: nothing is stored."""
        turn.emit(TurnEnded("cancelled", Usage()))
        return TurnResult.unanswered(turn.address.session_id, turn.address.turn_id)

    async def _answer(self, turn: RunningTurn, request: TurnRequest) -> TurnResult:
        session_id = turn.address.session_id
        here = attrs.evolve(request, session_id=session_id)
        stored = await self._existing(here)
        session = stored or self._passing_session(here)
        tree = await self._tree(stored)
        before = await self._branch(tree, session, request)
        kept = before.regenerated is None and request.remember and await self._keep_draft(session, request.text)
        request = with_text_of(request, before.regenerated)
        model = self._answering.model(request, session)
        question = self._question(turn, request, before)
        turn.emit(TurnStarted(model.info.id, session_id))
        turn.emit(UserMessageTaken(question, tree.siblings_with(question)))
        answer = await self._have_answered(turn, request, session, before, model, question)
        turn.settled = True
        reply = self._reply(turn, request, question, answer)
        if request.remember:
            await asyncio.shield(self._store(session, before, question, reply, kept or None))
        turn.emit(UsageKnown(answer.usage))
        turn.emit(TurnEnded(answer.stop_reason, answer.usage, answer.citations, reply.message_id))
        return TurnResult.of(session_id, reply)

    async def _branch(self, tree: MessageTree, session: Session, request: TurnRequest) -> Branch:
        try:
            return branch(tree, session.head, parent_id=request.parent_id, text=request.text)
        except NotFound:
            if request.remember:
                await self._keep_draft(session, request.text)
            raise

    async def _have_answered(
        self,
        turn: RunningTurn,
        request: TurnRequest,
        session: Session,
        before: Branch,
        model: ChatModel,
        question: Message,
    ) -> Answer:
        answer = Answer(model.info.id, self._world.new_id(), question.message_id)
        keeping = self._parts.keeping(session, turn.address.turn_id, answer) if request.remember else nullcontext()
        try:
            path = read_part(request, before)
            async with keeping:
                await self._answering.answer(request, session, path, answer, model=model, emit=turn.emit)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not turn.cancelled or task is None:
                raise
            task.uncancel()  # the part that came is stored like any other answer
            answer.stop_reason = "cancelled"
        return answer

    def _question(self, turn: RunningTurn, request: TurnRequest, before: Branch) -> Message:
        if before.regenerated is not None:
            return before.regenerated
        return Message(
            message_id=self._world.new_id(),
            parent_id=before.parent_id,
            turn_id=turn.address.turn_id,
            role="user",
            source=request.kind,
            content=request.text if request.text.strip() else f"/{request.action}",
            created_at=self._world.now(),
            user_id=request.user_id,
            attachments=request.attachments,
        )

    def _reply(self, turn: RunningTurn, request: TurnRequest, question: Message, answer: Answer) -> Message:
        return Message(
            message_id=answer.message_id,
            parent_id=question.message_id,
            turn_id=turn.address.turn_id,
            role="assistant",
            source=request.kind,
            content=answer.text,
            created_at=self._world.now(),
            user_id=request.user_id,
            citations=answer.citations,
            model=answer.model,
            usage=answer.usage,
            stop_reason=answer.stop_reason,
        )

    async def _keep_draft(self, session: Session, text: str) -> str | None:
        """Keep the user's text, so that a failure or a crash offers it again; answers it as it is kept."""
        project_id, session_id = session.project_id, session.session_id
        if not text.strip():
            return None
        await self._conversations.change(
            project_id, session_id, lambda latest: attrs.evolve(latest, draft=text), durable=False
        )
        return (await self._conversations.session(project_id, session_id)).draft

    async def _store(
        self, session: Session, before: Branch, question: Message, reply: Message, kept: str | None
    ) -> None:
        """The whole turn in one durable write. The draft `kept` is done with; another one stays."""
        new = [reply] if before.regenerated is not None else [question, reply]

        def step(latest: Session) -> Session:
            title = None if latest.titled else title_of(question.content)
            return attrs.evolve(
                latest,
                head=reply.message_id,
                message_count=before.length,
                draft=None if latest.draft == kept else latest.draft,
                name=title or latest.name,
                titled=latest.titled or title is not None,
                metadata=without_part(latest.metadata),
                usage=latest.usage.plus(reply.usage or Usage()),
            )

        await self._conversations.change(
            session.project_id, session.session_id, step, adding=lambda _: new, kind="message"
        )
        self._answered.add(session, reply.turn_id)
