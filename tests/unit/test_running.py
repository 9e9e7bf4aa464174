import asyncio

import pytest

from fakes import RecordingPublisher
from rejoinder.domain.conversation import Usage
from rejoinder.domain.events import StatusChanged, TextPart, ThoughtPart, TurnEnded, TurnResult
from rejoinder.services.ports import TurnAddress
from rejoinder.services.running import RunningTurn, RunningTurns


def result() -> TurnResult:
    return TurnResult(
        **{"session_id": "s", "turn_id": "t", "message_id": "m", "text": "", "stop_reason": "end_turn"},  # type: ignore[arg-type]
        usage=Usage(),
        citations=(),
        model="",
    )


def turn_in(session_id: str, turn_id: str = "t", publisher: RecordingPublisher | None = None) -> RunningTurn:
    return RunningTurn(TurnAddress("p", session_id, turn_id), publisher or RecordingPublisher())


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


@pytest.fixture
def turn(publisher: RecordingPublisher) -> RunningTurn:
    return turn_in("s", publisher=publisher)


async def test_the_first_delta_goes_at_once_and_the_next_ones_together(
    turn: RunningTurn, publisher: RecordingPublisher
) -> None:
    for word in ("a", "b", "c"):
        turn.emit(TextPart(word))
    assert publisher.events("t") == [TextPart("a")]
    turn.flush()
    assert publisher.events("t") == [TextPart("a"), TextPart("bc")]


async def test_what_is_held_back_goes_by_itself(turn: RunningTurn) -> None:
    told = asyncio.Event()

    class Waiting(RecordingPublisher):
        def update(self, *args: object) -> None:
            if args[1] == 1:
                told.set()

    turn = turn_in("s", publisher=Waiting())
    turn.emit(TextPart("a"))
    turn.emit(TextPart("b"))
    await told.wait()
    assert turn.events == [TextPart("a"), TextPart("b")]
    turn.flush()


async def test_another_event_comes_behind_what_was_held_back(turn: RunningTurn, publisher: RecordingPublisher) -> None:
    turn.emit(TextPart("a"))
    turn.emit(TextPart("b"))
    turn.emit(StatusChanged("x"))
    turn.emit(TextPart("c"))
    turn.flush()
    assert publisher.events("t") == [TextPart("a"), TextPart("b"), StatusChanged("x"), TextPart("c")]


async def test_thoughts_and_text_are_never_joined(turn: RunningTurn, publisher: RecordingPublisher) -> None:
    told = [ThoughtPart("1"), TextPart("2"), ThoughtPart("3")]
    for event in (told[0], ThoughtPart(""), told[1], told[2]):
        turn.emit(event)
    turn.flush()
    assert [event for event in publisher.events("t") if event != ThoughtPart("")] == told


async def test_events_since_a_number(turn: RunningTurn) -> None:
    events = [StatusChanged(str(number)) for number in range(3)]
    for event in events:
        turn.emit(event)
    assert turn.since(-1) == list(enumerate(events))
    assert turn.since(1) == [(2, events[2])]
    assert turn.since(99) == []
    assert turn.since(-99) == list(enumerate(events))


async def test_a_failure_is_told_to_who_waits_and_to_no_one_else(turn: RunningTurn) -> None:
    async def failing() -> TurnResult:
        raise ValueError("x")

    turn.begin(asyncio.create_task(failing()))
    await turn.stopped()
    for _ in range(2):
        with pytest.raises(ValueError, match="x"):
            await turn.result()


async def test_a_settled_turn_cannot_be_cancelled(turn: RunningTurn) -> None:
    let_on = asyncio.Event()

    async def storing() -> TurnResult:
        await let_on.wait()
        return result()

    turn.begin(asyncio.create_task(storing()))
    turn.settled = True
    turn.cancel()
    assert not turn.cancelled
    let_on.set()
    assert await turn.result() == result()


async def test_a_turn_that_settles_while_it_is_cancelled_is_whole(turn: RunningTurn) -> None:
    let_on = asyncio.Event()

    async def storing() -> TurnResult:
        await let_on.wait()
        return result()

    turn.begin(asyncio.create_task(storing()))
    await asyncio.sleep(0)
    turn.cancel()
    turn.settled = True
    await asyncio.sleep(0)
    let_on.set()
    assert await turn.result() == result()


async def test_cancelling_lets_a_turn_go_that_was_never_released(turn: RunningTurn) -> None:
    async def waiting() -> TurnResult:
        try:
            await asyncio.Event().wait()
        finally:
            turn.emit(TurnEnded("cancelled", Usage()))
        return result()

    turn.begin(asyncio.create_task(waiting()))
    await asyncio.sleep(0)
    turn.cancel()
    await turn.stopped()
    assert turn.cancelled
    assert turn.released.is_set()


async def test_turns_of_a_session_wait_for_each_other() -> None:
    running = RunningTurns()
    first, second, third = (turn_in("s", turn_id) for turn_id in ("1", "2", "3"))
    order: list[str] = []

    async def run(turn: RunningTurn) -> None:
        await running.turn_of(turn)
        order.append(turn.address.turn_id)
        await running.remove(turn)

    for turn in (first, second, third):
        running.add(turn)
    assert running.of("p", "s") is first
    await asyncio.gather(run(third), run(second), run(first))
    assert order == ["1", "2", "3"]
    assert running.of("p", "s") is None
    assert running.all() == []


async def test_a_waiting_turn_can_leave_the_queue() -> None:
    running = RunningTurns()
    first, second, third = (turn_in("s", turn_id) for turn_id in ("1", "2", "3"))
    for turn in (first, second, third):
        running.add(turn)
    waiting = asyncio.create_task(running.turn_of(third))
    await running.remove(second)
    assert running.all() == [first, third]
    await running.remove(first)
    await waiting
    assert running.of("p", "s") is third


async def test_sessions_and_projects_do_not_wait_for_each_other() -> None:
    running = RunningTurns()
    turns = [turn_in("s1"), turn_in("s2"), RunningTurn(TurnAddress("q", "s1", "t"), RecordingPublisher())]
    for turn in turns:
        running.add(turn)
    await asyncio.gather(*map(running.turn_of, turns))
    assert running.all() == turns


async def test_a_turn_is_found_by_its_id_also_while_it_waits() -> None:
    running = RunningTurns()
    first, second = turn_in("s", "1"), turn_in("s", "2")
    running.add(first)
    running.add(second)
    assert running.find("p", "s", "2") is second
    assert running.find("p", "s", "3") is None
    assert running.find("p", "other", "1") is None
