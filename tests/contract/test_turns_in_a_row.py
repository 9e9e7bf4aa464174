"""Turns that come twice, or while another one runs."""

import asyncio
from pathlib import Path

import pytest

from core import Core
from fakes import Gate
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import (
    InvalidInput,
    ModelUnavailable,
    SessionBusy,
)
from turns_kit import BROKEN, at_gate, begun, said, sent, types_of


async def test_a_turn_id_that_was_answered_gives_its_answer_again(core: Core) -> None:
    first = await said(core, "hello", session_id="s1", turn_id="t1")
    again = await said(core, "hello", session_id="s1", turn_id="t1")
    assert again == first
    assert len(core.model.prompts) == 1
    assert await core.texts("s1") == ["hello", "answer 1"]


async def test_also_after_a_restart(core: Core, project: Project, tmp_path: Path) -> None:
    first = await said(core, "hello", session_id="s1", turn_id="t1")
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    assert await said(again, "hello", session_id="s1", turn_id="t1") == first
    assert again.model.prompts == []
    await again.close()


async def test_a_turn_id_counts_once_in_all_sessions_of_the_project(core: Core) -> None:
    first = await said(core, "hello", turn_id="t1")
    await core.sessions.create(await core.project(), session_id="next")
    assert await said(core, "hello", turn_id="t1") == first
    assert await said(core, "hello", session_id="s2", turn_id="t1") == first
    assert len(core.model.prompts) == 1


async def test_a_turn_id_that_runs_in_another_session_is_joined(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1", turn_id="t1")
    assert await core.turns.begin(await core.request("wait", session_id="s2", turn_id="t1")) is turn
    gate.opened.set()
    await turn.result()


async def test_an_answer_of_another_session_is_found_after_a_restart(core: Core, tmp_path: Path) -> None:
    first = await said(core, "hello", session_id="s1", turn_id="t1")
    await said(core, "later", session_id="s1", turn_id="t2")
    await core.sessions.create(await core.project(), session_id="next")
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    assert await said(again, "hello", turn_id="t1") == first
    assert again.model.prompts == []
    await again.close()


async def test_a_turn_whose_session_was_deleted_may_be_sent_again(core: Core) -> None:
    await said(core, "hello", session_id="s1", turn_id="t1")
    await core.history.delete((await core.project()).project_id, "s1", permanent=True)
    assert (await said(core, "hello", session_id="s2", turn_id="t1")).session_id == "s2"


async def test_an_empty_turn_id_is_refused(core: Core) -> None:
    with pytest.raises(InvalidInput, match="turnId"):
        await said(core, "hello", turn_id="")


async def test_a_turn_id_that_runs_is_joined(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1", turn_id="t1")
    again = await core.turns.begin(await core.request("wait", session_id="s1", turn_id="t1"))
    assert again is turn
    gate.opened.set()
    assert (await turn.result()).text == " rest"
    assert len(core.model.prompts) == 1


async def test_the_same_turn_sent_at_once_from_many_sides_runs_once(core: Core) -> None:
    results = await asyncio.gather(*(said(core, "hello", session_id="new", turn_id="t1") for _ in range(8)))
    assert len({result.message_id for result in results}) == 1
    assert await core.texts("new") == ["hello", "answer 1"]


async def test_a_turn_that_failed_may_be_sent_again(core: Core) -> None:
    core.model.script(BROKEN)
    with pytest.raises(ModelUnavailable):
        await said(core, "hello", session_id="s1", turn_id="t1")
    assert (await said(core, "hello", session_id="s1", turn_id="t1")).text == "answer 2"


async def test_a_second_turn_is_refused_with_the_firsts_id(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1")
    with pytest.raises(SessionBusy) as caught:
        await core.turns.begin(await core.request("me too", session_id="s1"))
    assert caught.value.data == {"turnId": turn.address.turn_id}
    gate.opened.set()
    await turn.result()
    assert await said(core, "me too", session_id="s1")


async def test_queued_turns_run_in_their_order_and_see_what_was_said(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1", text="one")
    waiting = [await begun(core, text, session_id="s1", queue=True) for text in ("two", "three")]
    gate.opened.set()
    await asyncio.gather(turn.result(), *(queued.result() for queued in waiting))
    assert await core.texts("s1") == ["one", " rest", "two", "answer 2", "three", "answer 3"]
    assert sent(core) == ["one", " rest", "two", "answer 2", "three"]


async def test_the_queue_goes_on_behind_a_turn_that_fails(core: Core) -> None:
    gate = Gate()
    core.model.script(gate, BROKEN)
    failing = await begun(core, "one", session_id="s1")
    await gate.reached.wait()
    waiting = await begun(core, "two", session_id="s1", queue=True)
    gate.opened.set()
    with pytest.raises(ModelUnavailable):
        await failing.result()
    assert (await waiting.result()).text == "answer 2"
    assert await core.texts("s1") == ["two", "answer 2"]


async def test_a_cancelled_turn_leaves_the_queue_and_the_others_stay(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1", text="one")
    second = await begun(core, "two", session_id="s1", queue=True, turn_id="t2")
    third = await begun(core, "three", session_id="s1", queue=True)
    second.cancel()
    assert (await second.result()).stop_reason == "cancelled"
    assert types_of(core.publisher.events("t2")) == ["TurnEnded"]
    gate.opened.set()
    await third.result()
    assert await core.texts("s1") == ["one", " rest", "three", "answer 2"]
    assert not turn.cancelled


async def test_sessions_run_side_by_side(core: Core) -> None:
    turns = [await at_gate(core, session_id=f"s{n}") for n in range(4)]
    assert len(core.running.all()) == 4
    for _, gate in turns:
        gate.opened.set()
    assert [(await turn.result()).text for turn, _ in turns] == [" rest"] * 4
    assert core.running.all() == []


async def test_many_turns_at_once_are_all_there(core: Core, project: Project) -> None:
    await asyncio.gather(*(said(core, f"q{n}", session_id=f"s{n % 4}", queue=True) for n in range(32)))
    for number in range(4):
        session = await core.sessions.get(project.project_id, f"s{number}")
        texts = await core.texts(f"s{number}")
        assert session.message_count == len(texts) == 16
        assert sorted(texts[::2]) == sorted(f"q{n}" for n in range(number, 32, 4))
