"""Turns that are stopped, and turns that fail."""

import asyncio
from typing import Any

import pytest

from core import Core
from fakes import Gate, hit
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import (
    ContextTooLarge,
    ModelNotConfigured,
    ModelUnavailable,
    NotFound,
    StorageFull,
    Unexpected,
)
from rejoinder.domain.prompt import TextDelta
from rejoinder.services.running import RunningTurn
from turns_kit import BROKEN, answered_text, at_gate, begun, ending, said, sent, types_of


async def test_cancelled_before_it_was_released_nothing_is_stored(core: Core) -> None:
    turn = await core.turns.begin(await core.request("hello", session_id="s1", turn_id="t1"))
    assert isinstance(turn, RunningTurn)
    turn.cancel()
    result = await turn.result()
    assert (result.stop_reason, result.message_id, result.text) == ("cancelled", None, "")
    assert ending(core, "t1").stop_reason == "cancelled"
    assert await core.texts("s1") == []
    assert core.model.prompts == []


async def test_cancelled_while_streaming_the_part_is_stored_and_marked(core: Core, project: Project) -> None:
    turn, _ = await at_gate(core, TextDelta("half"), session_id="s1", turn_id="t1")
    assert core.turns.cancel(project.project_id, "s1", None)
    result = await turn.result()
    assert (result.text, result.stop_reason) == ("half", "cancelled")
    assert core.model.closed == 1
    assert await core.texts("s1") == ["wait", "half"]
    page = await core.history.page(project.project_id, "s1")
    assert page.messages[-1].message.stop_reason == "cancelled"
    assert page.messages[-1].message.message_id == result.message_id
    events = core.publisher.events("t1")
    assert answered_text(events) == "half"
    assert ending(core, "t1").message_id == result.message_id
    await said(core, "go on", session_id="s1")
    assert sent(core) == ["wait", "half", "go on"]


async def test_cancelled_while_retrieving_the_model_is_not_asked(core: Core, project: Project) -> None:
    await core.searches_opened(project)
    core.project_search.gate = gate = Gate()
    turn = await begun(core, "hello", session_id="s1", turn_id="t1")
    await gate.reached.wait()
    turn.cancel()
    assert (await turn.result()).stop_reason == "cancelled"
    assert core.model.prompts == []
    assert await core.texts("s1") == ["hello", ""]
    assert ending(core, "t1").stop_reason == "cancelled"


async def test_cancelling_by_turn_id_leaves_another_turn_alone(core: Core, project: Project) -> None:
    turn, gate = await at_gate(core, session_id="s1", turn_id="t1")
    assert not core.turns.cancel(project.project_id, "s1", "t9")
    assert not core.turns.cancel(project.project_id, "s9", None)
    gate.opened.set()
    assert (await turn.result()).stop_reason == "end_turn"


async def test_cancelling_what_has_ended_changes_nothing(core: Core, project: Project) -> None:
    turn = await begun(core, "hello", session_id="s1", turn_id="t1")
    result = await turn.result()
    turn.cancel()
    assert not core.turns.cancel(project.project_id, "s1", "t1")
    assert await turn.result() == result
    assert ending(core, "t1").stop_reason == "end_turn"


async def test_cancelled_while_it_is_stored_an_answer_is_whole(core: Core, project: Project) -> None:
    loop, reached, let_on = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def wait_on_the_stores_thread() -> None:
        loop.call_soon_threadsafe(reached.set)
        asyncio.run_coroutine_threadsafe(let_on.wait(), loop).result()

    core.store.before["append"] = wait_on_the_stores_thread
    turn = await begun(core, "hello", session_id="s1", turn_id="t1")
    waiting = await begun(core, "next", session_id="s1", queue=True)
    await reached.wait()
    turn.cancel()
    turn.cancel()
    let_on.set()
    result = await turn.result()
    assert (result.text, result.stop_reason) == ("answer 1", "end_turn")
    assert ending(core, "t1").message_id == result.message_id
    await waiting.result()
    assert await core.texts("s1") == ["hello", "answer 1", "next", "answer 2"]


async def test_cancelling_twice_is_cancelling_once(core: Core) -> None:
    turn, _ = await at_gate(core, TextDelta("half"), session_id="s1")
    turn.cancel()
    turn.cancel()
    assert (await turn.result()).text == "half"
    assert await core.texts("s1") == ["wait", "half"]


async def test_a_waiter_that_goes_away_does_not_cancel(core: Core) -> None:
    turn, gate = await at_gate(core, session_id="s1")
    waiter = asyncio.ensure_future(turn.result())
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    gate.opened.set()
    assert (await turn.result()).stop_reason == "end_turn"


async def test_stopping_stores_every_part(core: Core) -> None:
    for number in range(3):
        await at_gate(core, TextDelta(f"part {number}"), session_id=f"s{number}")
    await core.turns.stop()
    assert [await core.texts(f"s{number}") for number in range(3)] == [["wait", f"part {n}"] for n in range(3)]


@pytest.mark.parametrize("script", [[BROKEN], [TextDelta("half"), BROKEN]], ids=["at once", "in the middle"])
async def test_a_model_that_fails_leaves_the_history_and_the_text_as_a_draft(
    core: Core, project: Project, script: list[Any]
) -> None:
    await said(core, "one", session_id="s1")
    before = await core.sessions.get(project.project_id, "s1")
    core.model.script(*script)
    with pytest.raises(ModelUnavailable):
        await said(core, "two", session_id="s1", turn_id="t2")
    assert await core.texts("s1") == ["one", "answer 1"]
    after = await core.sessions.get(project.project_id, "s1")
    assert after.draft == "two"
    assert (after.message_count, after.head, after.revision) == (2, before.head, before.revision)
    assert ending(core, "t2").error is BROKEN
    await said(core, "two", session_id="s1")
    assert (await core.sessions.get(project.project_id, "s1")).draft is None


async def test_also_when_there_is_no_such_model(core: Core, project: Project) -> None:
    core.models.fault = ModelNotConfigured("no such model", hint="Set `model`.")
    with pytest.raises(ModelNotConfigured):
        await said(core, "precious words", session_id="s1", turn_id="t1")
    assert (await core.sessions.get(project.project_id, "s1")).draft == "precious words"
    assert ending(core, "t1").error is core.models.fault


async def test_also_when_the_parent_is_no_message_of_the_session(core: Core, project: Project) -> None:
    with pytest.raises(NotFound):
        await said(core, "precious words", session_id="s1", parent_id="elsewhere", turn_id="t1")
    assert (await core.sessions.get(project.project_id, "s1")).draft == "precious words"
    assert isinstance(ending(core, "t1").error, NotFound)


async def test_an_unforeseen_failure_tells_no_inner_things(core: Core) -> None:
    core.model.script(ZeroDivisionError("/secret/path"))
    with pytest.raises(Unexpected) as caught:
        await said(core, "go", session_id="s1", turn_id="t1")
    error = ending(core, "t1").error
    assert error is caught.value and error.data["correlationId"] in error.message
    assert "secret" not in error.message
    assert await said(core, "go", session_id="s1")


async def test_a_full_disk_at_the_end_leaves_the_history(core: Core, project: Project) -> None:
    core.store.faults_at["append"] = StorageFull("x")
    with pytest.raises(StorageFull):
        await said(core, "hello", session_id="s1", turn_id="t1")
    assert isinstance(ending(core, "t1").error, StorageFull)
    assert await core.texts("s1") == []
    assert (await core.sessions.get(project.project_id, "s1")).draft == "hello"
    core.store.faults_at.clear()
    assert (await said(core, "hello", session_id="s1", turn_id="t1")).text == "answer 2"


async def test_a_prompt_too_long_for_the_model_is_shrunk_once(core: Core) -> None:
    too_long = ContextTooLarge("too long", hint="Less.")
    core.recall_index.hits = [hit("word " * 150) for _ in range(5)]
    core.model.script(too_long)
    await said(core, "go", turn_id="t1")
    assert core.model.prompts[1].budget == core.model.prompts[0].budget // 2
    assert "StatusChanged" in types_of(core.publisher.events("t1"))
    core.model.script(too_long)
    core.model.script(too_long)
    with pytest.raises(ContextTooLarge):
        await said(core, "go")
    assert len(core.model.prompts) == 4
