"""The turns that are under way: one at a time in each session, any number of sessions side by side."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Self

from rejoinder.domain.conversation import DEFAULT_USER
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.events import TextPart, ThoughtPart, TurnEvent, TurnResult
from rejoinder.domain.images import Image
from rejoinder.services.ports import Publisher, TurnAddress
from rejoinder.services.tool_approvals import Approvals

JOIN_SECONDS = 0.03
"""Deltas are joined over this time; the first goes at once, and so does one after a pause of this length.

Shorter than the pace at which models are read: what was joined there is not held up again, and no timer wakes the
engine, which on a quiet machine costs more than the delta.
"""


class RunningTurn:
    """A turn under way: its events so far, its task, and its result when it is over."""

    def __init__(self, address: TurnAddress, publisher: Publisher, user_id: str = DEFAULT_USER) -> None:
        self.address = address
        self.user_id = user_id
        """Whose turn it is."""
        self.events: list[TurnEvent] = []
        self.images: Sequence[Image] = ()
        """The images that it has brought, which are not stored before it is over."""
        self.cancelled = False
        """Whether somebody asked to stop; the task may still be on its way out."""
        self.settled = False
        """Whether the answer is whole and only to be stored: there is nothing left to stop."""
        self.released = asyncio.Event()
        """Set when events may be told: at once, or after the reply that acknowledges the turn."""
        self.approvals = Approvals()
        """The decisions that it waits for."""
        self.draft_before: str | None = None
        """The session's draft when it was asked for."""
        self.unsent = ""
        """Its text as it is kept for the case that it fails."""
        self.can_be_taken_up = False
        """Whether what there is of it is kept while it waits."""
        self._publisher = publisher
        self._task: asyncio.Task[TurnResult] | None = None
        self._joining: asyncio.TimerHandle | None = None
        self._joined: list[str] = []
        self._joined_type: type[TextPart] | type[ThoughtPart] = TextPart
        self._joined_until = 0.0
        """Until when, by the loop's clock, text is held back."""

    def begin(self, task: "asyncio.Task[TurnResult]") -> None:
        """Take the task that runs the turn. Its exception is told to whoever waits, and to no one else."""
        self._task = task
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def asked_again(self, user_id: str) -> Self:
        """This turn, for whoever sends its ID once more. Raises InvalidInput when that is another user."""
        if user_id != self.user_id:
            raise InvalidInput("turnId: it is taken.", hint="Send a random one with each turn.", key="turnId")
        return self

    async def result(self) -> TurnResult:
        """The finished turn; raises what made it fail. Cancelling the waiter leaves the turn running."""
        assert self._task is not None  # noqa: S101 - begin() comes with the construction
        return await asyncio.shield(self._task)

    def cancel(self) -> None:
        """Stop the turn; its result comes with the stop reason `cancelled`, unless the answer was whole by then."""
        self.released.set()
        if self._task is not None and not (self.cancelled or self.settled or self._task.done()):
            self.cancelled = True
            # in the next round of the loop: a task that has not begun yet would end without entering the turn
            self._task.get_loop().call_soon(self._stop)

    def park(self) -> None:
        """The engine goes: wait for no decision any more. What cannot be taken up again is stopped instead."""
        if self.can_be_taken_up:
            self.approvals.park()
        elif self.approvals.pending:
            self.cancel()

    async def waits_for(self, call_id: str) -> None:
        """Return when the turn waits for a decision about this call. Raises what ended it before."""
        asked = asyncio.ensure_future(self.approvals.asked(call_id))
        try:
            running = {self._task} if self._task is not None else set()
            await asyncio.wait({asked, *running}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                await self.result()
        finally:
            asked.cancel()

    async def stopped(self) -> None:
        """Wait until the turn is over, whatever came of it."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def emit(self, event: TurnEvent) -> None:
        """Tell an event. Text and thoughts are joined with those that follow closely."""
        if not isinstance(event, TextPart | ThoughtPart):
            self.flush()
            self._tell(event)
            self._joined_until = 0.0
            return
        if self._joined and type(event) is not self._joined_type:
            self.flush()
        self._joined.append(event.text)
        self._joined_type = type(event)
        if self._joining is None:
            loop = asyncio.get_running_loop()
            left = self._joined_until - loop.time()
            if left > 0:
                self._joining = loop.call_later(left, self.flush)
            else:
                self._tell_joined()

    def flush(self) -> None:
        """Tell what was held back for joining."""
        if self._joining is not None:
            self._joining.cancel()
            self._joining = None
        self._tell_joined()

    def since(self, seq: int) -> Sequence[tuple[int, TurnEvent]]:
        """The events after the one numbered `seq`, with their numbers."""
        return list(enumerate(self.events))[max(seq + 1, 0) :]

    def _stop(self) -> None:
        if self._task is not None and not self.settled:
            self._task.cancel()

    def _tell_joined(self) -> None:
        if self._joined:
            self._joined_until = asyncio.get_running_loop().time() + JOIN_SECONDS
            self._tell(self._joined_type("".join(self._joined)))
            self._joined.clear()

    def _tell(self, event: TurnEvent) -> None:
        self.events.append(event)
        self._publisher.update(self.address, len(self.events) - 1, event)


class RunningTurns:
    """Who is running where. A session's turns form a queue whose first runs."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], deque[RunningTurn]] = {}
        self._moved: dict[tuple[str, str], asyncio.Condition] = {}

    def of(self, project_id: str, session_id: str) -> RunningTurn | None:
        """The turn that runs in the session."""
        queue = self._queues.get((project_id, session_id))
        return queue[0] if queue else None

    def find(self, project_id: str, session_id: str, turn_id: str) -> RunningTurn | None:
        """A turn that runs or waits in the session."""
        queue = self._queues.get((project_id, session_id), ())
        return next((turn for turn in queue if turn.address.turn_id == turn_id), None)

    def named(self, project_id: str, turn_id: str) -> RunningTurn | None:
        """A turn that runs or waits in any session of the project."""
        wanted = (project_id, turn_id)
        return next((turn for turn in self.all() if (turn.address.project_id, turn.address.turn_id) == wanted), None)

    def all(self) -> list[RunningTurn]:
        """Every turn that runs or waits."""
        return [turn for queue in self._queues.values() for turn in queue]

    async def drained(self) -> None:
        """Wait until no turn is left. None waits for a decision meanwhile, unless this is given up."""
        turns = self.all()
        for turn in turns:
            turn.park()
        try:
            await asyncio.gather(*(turn.stopped() for turn in turns))
        finally:
            for turn in turns:
                turn.approvals.parked = False

    def add(self, turn: RunningTurn) -> None:
        """Put a turn at the end of its session's queue."""
        self._queues.setdefault(_lane(turn), deque()).append(turn)

    async def turn_of(self, turn: RunningTurn) -> None:
        """Wait until the turn is the first of its queue."""
        lane = _lane(turn)
        condition = self._moved.setdefault(lane, asyncio.Condition())
        async with condition:
            await condition.wait_for(lambda: self._queues[lane][0] is turn)

    async def remove(self, turn: RunningTurn) -> None:
        """Take a turn out, and let the next one begin."""
        lane = _lane(turn)
        queue = self._queues[lane]
        queue.remove(turn)
        if not queue:
            del self._queues[lane]
            self._moved.pop(lane, None)
        elif (condition := self._moved.get(lane)) is not None:
            async with condition:
                condition.notify_all()


def _lane(turn: RunningTurn) -> tuple[str, str]:
    return (turn.address.project_id, turn.address.session_id)
