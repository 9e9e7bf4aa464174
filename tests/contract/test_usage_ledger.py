"""What was used by day, kept on the disk, and what turns have to do with it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import Core
from fakes import Gate
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.usage_ledger import JournalUsageLedger
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import BudgetExceeded, ModelUnavailable
from rejoinder.domain.events import StatusChanged, TurnResult
from rejoinder.domain.prompt import Finished, TextDelta
from rejoinder.domain.spending import DayUsage, Limits
from rejoinder.services.running import RunningTurn
from rejoinder.services.world import World


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = JournalUsageLedger(tmp_path)
    ledger.add("2024-05-06", "b", Usage(1, 2, 0.5, 0.25, 1))
    ledger.add("2024-05-06", "a", Usage(10, 20))
    ledger.add("2024-05-06", "b", Usage(100, 200, 1.0))
    expected = [
        DayUsage("2024-05-06", "a", 1, Usage(10, 20)),
        DayUsage("2024-05-06", "b", 2, Usage(101, 202, 1.5, 0.25, 1)),
    ]
    assert list(ledger.days()) == expected
    ledger.close()
    again = JournalUsageLedger(tmp_path)
    assert list(again.days()) == expected
    again.close()


def test_a_damaged_line_costs_no_more_than_itself(tmp_path: Path) -> None:
    ledger = JournalUsageLedger(tmp_path)
    ledger.add("2024-05-06", "a", Usage(10, 20))
    ledger.add("2024-05-07", "a", Usage(1, 2))
    ledger.close()
    (file,) = tmp_path.glob("usage.*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"2024", b"2025")]))
    again = JournalUsageLedger(tmp_path)
    assert [day.day for day in again.days()] == ["2024-05-06"] and again.faults
    again.close()


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def core(tmp_path: Path, clock: Clock) -> AsyncIterator[Core]:
    folder = tmp_path / "project"
    folder.mkdir()
    found = Core(TinyDbHistory(tmp_path / "data"), folder, world=World(now=lambda: clock.now))
    yield found
    await found.close()


async def run(core: Core, text: str = "Hello", **fields: object) -> TurnResult:
    turn = await core.turns.begin(await core.request(text, session_id="s", **fields))
    assert isinstance(turn, RunningTurn)
    turn.released.set()
    return await turn.result()


def statuses(core: Core) -> list[str]:
    return [event.message for _, _, event in core.publisher.updates if isinstance(event, StatusChanged)]


async def test_turns_count_for_their_day_model_and_session(core: Core, clock: Clock) -> None:
    core.model.script(TextDelta("a"), Finished("end_turn", Usage(10, 1, cost=0.5)))
    result = await run(core)
    assert result.usage.cost == 0.5
    clock.now += timedelta(days=1)
    await run(core)
    days = await core.spending.days(2)
    assert [(day.day, day.turns, day.usage.cost) for day in days] == [("2024-05-06", 1, 0.5), ("2024-05-07", 1, None)]
    assert [day.day for day in await core.spending.days(1)] == ["2024-05-07"]
    session = await core.sessions.get((await core.project()).project_id, "s")
    assert (session.usage.tokens, session.usage.cost) == (23, 0.5)


async def test_a_reached_budget_refuses_before_anything_goes_out(core: Core, clock: Clock) -> None:
    limits = Limits(day=1.0)
    core.model.script(TextDelta("a"), Finished("end_turn", Usage(10, 1, cost=0.85)))
    core.model.script(TextDelta("b"), Finished("end_turn", Usage(10, 1, cost=0.2)))
    await run(core, "one", limits=limits)
    assert statuses(core) == []
    await run(core, "two", limits=limits)
    assert statuses(core) == ["85% of a budget is used: $0.85 of $1.00 (budget.day)."]
    with pytest.raises(BudgetExceeded, match=r"\$1.05 of \$1.00"):
        await run(core, "three", limits=limits)
    assert len(core.model.prompts) == 2
    assert await core.texts("s") == ["one", "a", "two", "b"]
    session = await core.sessions.get((await core.project()).project_id, "s")
    assert session.draft == "three"
    clock.now += timedelta(days=1)
    assert (await run(core, "three", limits=limits)).text == "answer 3"


async def test_a_sessions_budget(core: Core) -> None:
    limits = Limits(session_tokens=12)
    await run(core, limits=limits)
    with pytest.raises(BudgetExceeded, match=r"budget\.sessionTokens"):
        await run(core, limits=limits)


async def test_what_was_cut_off_counts_by_estimate(core: Core) -> None:
    gate = Gate()
    core.model.script(TextDelta("Half of an answer"), gate)
    turn = await core.turns.begin(await core.request("Hello", session_id="s"))
    assert isinstance(turn, RunningTurn)
    turn.released.set()
    await gate.reached.wait()
    turn.cancel()
    await turn.result()
    (day,) = await core.spending.days(1)
    assert day.turns == 1 and day.usage.input_tokens > 0 and day.usage.output_tokens > 0


async def test_what_failed_before_its_answer_counts_nothing(core: Core) -> None:
    core.model.script(ModelUnavailable("gone", hint="wait", retryable=True))
    with pytest.raises(ModelUnavailable):
        await run(core)
    assert await core.spending.days(1) == []
