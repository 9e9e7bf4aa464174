"""Turns: begun once only, one at a time in a session, cancelled in every way, stored whole or not at all."""

import asyncio

from rejoinder.domain.branching import branch
from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import ModelNotConfigured, ModelUnavailable, SessionBusy
from rejoinder.domain.events import TurnResult
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.images import pictured
from rejoinder.domain.prompt import Prompt
from rejoinder.domain.waiting import WaitingTurn, waiting_in
from rejoinder.services.answered import AnsweredTurns
from rejoinder.services.answering import Answering
from rejoinder.services.conversations import Conversations
from rejoinder.services.pictures import Pictures, refuse_unseen
from rejoinder.services.ports import Publisher, TurnAddress
from rejoinder.services.request import TurnRequest, read_part, require_text, with_text_of
from rejoinder.services.running import RunningTurn, RunningTurns
from rejoinder.services.sessions import Sessions
from rejoinder.services.turn_course import TurnCourse
from rejoinder.services.turn_sessions import TurnSessions
from rejoinder.services.turn_storing import TurnStoring
from rejoinder.services.underway import events_of


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
        self._found = TurnSessions(conversations, sessions)
        self._running = running
        self._answering = answering
        self._publisher = publisher
        self._world = conversations.world
        self._pictures = Pictures(conversations)
        self._answered = AnsweredTurns(conversations, sessions)
        self._storing = TurnStoring(conversations, running, self._pictures, self._answered)
        self._course = TurnCourse(conversations, self._found, running, answering, self._pictures, self._storing)
        self._refusing = False
        """Whether this engine is on its way out."""

    async def begin(self, request: TurnRequest) -> RunningTurn | TurnResult:
        """A turn under way, which waits to be released; or the result, when this turn ID was answered before.

        Raises SessionBusy with the other turn's ID when one is running and this one does not queue.
        """
        if request.parent_id is None:
            require_text(request)
        turn_id = check_id(request.turn_id, "turnId") if request.turn_id is not None else self._world.new_id()
        await self._refuse_unsuited(request)
        session = await self._found.of(request)
        address = TurnAddress(request.project.project_id, session.session_id, turn_id)
        stored = await self._answered.result(session, turn_id, request.user_id) if request.turn_id is not None else None
        if stored is not None:
            return stored
        # from here to the end no await: two requests of one turn ID must not both get past this point
        self._require_open()
        same = self._running.named(address.project_id, turn_id)
        if same is not None:
            return same.asked_again(request.user_id)
        parked = waiting_in(session)
        if parked is not None and (parked.turn_id, parked.question.user_id) == (turn_id, request.user_id):
            return TurnResult.of(session.session_id, parked.reply)
        other = self._running.of(address.project_id, address.session_id)
        if other is not None and not request.queue:
            raise SessionBusy(other.address.turn_id)
        turn = RunningTurn(address, self._publisher, request.user_id)
        turn.can_be_taken_up = request.remember
        turn.draft_before = session.draft
        return self._started(turn, request)

    async def preview(self, request: TurnRequest) -> Prompt:
        """The exact prompt that a request would send. Nothing is stored, no session is made."""
        session = await self._found.existing(request)
        tree = await self._found.tree(session)
        before = branch(tree, session.head if session else None, parent_id=request.parent_id, text=request.text)
        request = with_text_of(request, before.regenerated)
        model = self._answering.model(request, session)
        path = read_part(request, before)
        request = await self._pictures.taken_in(request, session, path, model)
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

    async def take_up(self, request: TurnRequest, session: Session, waiting: WaitingTurn) -> RunningTurn | None:
        """Go on with a turn that waited when an engine went; None when it was ended meanwhile.

        Raises SessionBusy when another one runs there, and ModelNotConfigured where no model could go on with its
        calls; then it waits on.
        """
        async with self._conversations.lock(session.project_id, session.session_id):
            latest = waiting_in(await self._conversations.session(session.project_id, session.session_id))
            if latest is None or latest.turn_id != waiting.turn_id:
                return None
            # who ends it looks under the same lock, and finds it running from here on
            return self._taken_up(request, session, waiting)

    def _taken_up(self, request: TurnRequest, session: Session, waiting: WaitingTurn) -> RunningTurn:
        self._require_open()
        address = TurnAddress(session.project_id, session.session_id, waiting.turn_id)
        other = self._running.of(address.project_id, address.session_id)
        if other is not None and other.address == address:
            return other
        if other is not None:
            raise SessionBusy(other.address.turn_id)
        model = self._answering.model(request, session).info
        if not model.tools:
            raise ModelNotConfigured(
                f"{model.id} cannot go on with the turn, which calls tools.",
                hint="Decide where the model is set that has asked, or set one that calls tools.",
            )
        turn = RunningTurn(address, self._publisher, waiting.question.user_id)
        turn.can_be_taken_up = True
        turn.events += events_of(waiting, session.session_id)
        turn.released.set()
        return self._started(turn, request, waiting)

    async def looked_at(self, session: Session) -> Session:
        """The session, after a turn in it that an engine has left in its middle was stored as far as it had come."""
        waiting = waiting_in(session)
        running = self._running.of(session.project_id, session.session_id)
        if running is not None or session.waiting is None or (waiting is not None and waiting.waits):
            return session
        return await self._storing.end_waiting(session)

    async def give_up(self, project_id: str, session_id: str, turn_id: str | None) -> bool:
        """Store a turn that waits, and that no engine has taken up, as cancelled; whether there was one."""
        session = next((one for one in await self._sessions.all(project_id) if one.session_id == session_id), None)
        waiting = waiting_in(session)
        if session is None or waiting is None or turn_id not in (None, waiting.turn_id):
            return False
        if self._running.of(project_id, session_id) is None:
            await self._storing.end_waiting(session)
        return True

    def refuse_new(self) -> None:
        """Begin no turn any more."""
        self._refusing = True

    async def drain(self) -> None:
        """Wait for all turns that run or are queued. Those that wait for a decision are kept, to be taken up later."""
        await self._running.drained()

    async def stop(self) -> None:
        """Cancel all turns and wait until each is stored."""
        for turn in self._running.all():
            if not (turn.approvals.pending and turn.can_be_taken_up):
                turn.cancel()
        await self.drain()

    def _started(self, turn: RunningTurn, request: TurnRequest, waiting: WaitingTurn | None = None) -> RunningTurn:
        self._running.add(turn)
        course = self._course.run(turn, request, waiting)
        turn.begin(asyncio.create_task(course, name=f"turn {turn.address.turn_id}"))
        return turn

    async def _refuse_unsuited(self, request: TurnRequest) -> None:
        """Refuse what the model cannot take before anything is made of it, a session too."""
        if pictured(request.attachments) or request.schema is not None:
            model = self._answering.model(request, await self._found.existing(request))
            await refuse_unseen(request, model)
            await self._answering.check_schema(request, model.info)

    def _require_open(self) -> None:
        if self._refusing:
            raise ModelUnavailable("Rejoinder is restarting.", hint="Send it again in a moment.", retryable=True)
