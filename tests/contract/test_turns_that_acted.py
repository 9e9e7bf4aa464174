"""A turn that fails after a call that may have changed something leaves the call in the history, in every store."""

import asyncio
from typing import Any

import pytest

from core import Core
from fake_tools import FakeTool, tool
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import ModelUnavailable, StorageFull, Unexpected
from rejoinder.domain.events import ToolProgress
from rejoinder.domain.prompt import Finished, TextDelta, ToolAsked
from rejoinder.domain.tools import STOPPED, Decision
from rejoinder.domain.waiting import WaitingTurn
from rejoinder.services.deciding import CallAddress
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurn
from rejoinder.services.tool_ports import ToolFailed
from turns_kit import BROKEN, begun, ending, said

END = Finished("end_turn")
MILK = '{"text": "milk"}'


@pytest.fixture
def core(core_of_each_store: Core) -> Core:
    core_of_each_store.tool_source.there = [tool(), tool("look", "read")]
    return core_of_each_store


def calling(core: Core, name: str, *then: Any) -> None:
    """Have the model call a tool once, and then do this."""
    core.model.script(TextDelta("Noting."), ToolAsked("c1", name, MILK), END)
    core.model.script(*then)


async def allowed(core: Core, verdict: Any = "allow") -> RunningTurn:
    """A turn whose call was decided on."""
    turn = await begun(core, "note it", session_id="s1", turn_id="t1", tools=("note", "look"))
    await turn.waits_for("c1")

    async def again(session: Session, waiting: WaitingTurn) -> TurnRequest:
        raise AssertionError("it runs")

    project = await core.project()
    address = CallAddress(project_ids=[project.project_id], turn_id="t1", call_id="c1")
    await core.deciding.respond(address, Decision(verdict=verdict), again)
    return turn


async def stored(core: Core) -> tuple[list[str], list[tuple[str, str, str | None]], str | None]:
    """The texts of the session, the calls of its last answer, and how that ended."""
    project = await core.project()
    messages = [each.message for each in (await core.history.page(project.project_id, "s1")).messages]
    calls = [(call.name, call.status, call.output) for call in messages[-1].tool_calls] if messages else []
    return [message.content.strip() for message in messages], calls, messages[-1].stop_reason if messages else None


def note_of(core: Core) -> FakeTool:
    found = core.tool_source.there[0]
    assert isinstance(found, FakeTool)
    return found


async def test_a_model_that_dies_after_an_allowed_call_leaves_the_call_in_the_history(
    core: Core, project: Project
) -> None:
    calling(core, "note", BROKEN)
    turn = await allowed(core)
    with pytest.raises(ModelUnavailable):
        await turn.result()
    assert await stored(core) == (["note it", "Noting."], [("note", "done", "noted milk")], "cancelled")
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.waiting, session.draft, session.message_count) == (None, None, 2)
    end = ending(core, "t1")
    assert (end.error, end.stop_reason, end.message_id) == (BROKEN, "cancelled", session.head)
    again = await said(core, "note it", session_id="s1", turn_id="t1", tools=("note",))
    assert (again.stop_reason, again.message_id) == ("cancelled", session.head)
    await said(core, "go on", session_id="s1", tools=("note",))
    assert "noted milk" in str(core.model.prompts[-1].messages)
    assert len(note_of(core).calls) == 1


async def test_also_when_the_call_was_allowed_for_the_session_before(core: Core, project: Project) -> None:
    calling(core, "note", TextDelta("Done."), END)
    await (await allowed(core, "allow_session")).result()
    seen: list[Any] = []

    async def noted(args: dict[str, Any]) -> str:
        kept = (await core.sessions.get(project.project_id, "s1")).waiting
        seen.append(kept and [call["status"] for call in kept["reply"]["toolCalls"]])
        raise ToolFailed("half of it is written")

    core.tool_source.there = [tool(function=noted)]
    calling(core, "note", ZeroDivisionError("a fault of ours"))
    turn = await begun(core, "once more", session_id="s1", turn_id="t2", tools=("note",))
    with pytest.raises(Unexpected):
        await turn.result()
    # it was written down before it was begun, so that the engine's death would leave it readable too
    assert seen == [["running"]]
    texts, calls, reason = await stored(core)
    assert texts[-2:] == ["once more", "Noting."]
    assert (calls, reason) == ([("note", "failed", "half of it is written")], "cancelled")


async def test_what_only_reads_leaves_the_history_as_it_was(core: Core, project: Project) -> None:
    await said(core, "hello", session_id="s1")
    calling(core, "look", BROKEN)
    with pytest.raises(ModelUnavailable):
        await said(core, "look there", session_id="s1", turn_id="t1", tools=("look",))
    assert (await stored(core))[0] == ["hello", "answer 1"]
    assert (await core.sessions.get(project.project_id, "s1")).draft == "look there"
    assert ending(core, "t1").message_id is None


async def test_a_call_that_was_refused_leaves_it_as_it_was_too(core: Core, project: Project) -> None:
    calling(core, "note", BROKEN)
    with pytest.raises(ModelUnavailable):
        await (await allowed(core, "deny")).result()
    assert (await stored(core))[0] == []
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.draft, session.waiting) == ("note it", None)


async def test_of_a_call_that_was_stopped_while_it_ran_nobody_says_that_it_did_nothing(
    core: Core, project: Project
) -> None:
    running = asyncio.Event()

    async def endless(args: dict[str, Any]) -> str:
        running.set()
        await asyncio.Event().wait()
        raise AssertionError

    core.tool_source.there[0] = tool(function=endless)
    core.model.script(TextDelta("Noting."), *(ToolAsked(each, "note", MILK) for each in ("c1", "c2")), END)
    turn = await allowed(core)
    await running.wait()
    turn.cancel()
    await turn.result()
    ran, waited = ("note", "cancelled", STOPPED), ("note", "cancelled", None)
    assert await stored(core) == (["note it", "Noting."], [ran, waited], "cancelled")
    told = [event for event in core.publisher.events("t1") if isinstance(event, ToolProgress)][-2:]
    assert [(event.status, event.output) for event in told] == [ran[1:], waited[1:]]
    assert STOPPED in await core.transfer.export_markdown(project.project_id, ["s1"])
    await said(core, "go on", session_id="s1", tools=("note",))
    results = [message.content for message in core.model.prompts[-1].messages if message.role == "tool"]
    assert results == [f"The user cancelled this call. {STOPPED}", "The user cancelled this call."]


async def test_a_disk_that_is_full_at_the_end_has_it_stored_when_there_is_room(core: Core, project: Project) -> None:
    calling(core, "note", BROKEN)
    core.store.faults_at["append"] = StorageFull("x")
    with pytest.raises(StorageFull):
        await (await allowed(core)).result()
    core.store.faults_at.clear()
    session = await core.sessions.get(project.project_id, "s1")
    assert session.waiting is not None
    assert (await core.turns.looked_at(session)).waiting is None
    assert (await stored(core))[1:] == ([("note", "done", "noted milk")], "cancelled")


async def test_a_turn_that_was_taken_up_again_and_fails_keeps_it(core: Core, project: Project) -> None:
    core.model.script(TextDelta("Noting."), ToolAsked("c1", "note", MILK), END)
    turn = await begun(core, "note it", session_id="s1", turn_id="t1", tools=("note",))
    await turn.waits_for("c1")
    await core.turns.drain()
    await turn.result()

    async def again(session: Session, waiting: WaitingTurn) -> TurnRequest:
        return await core.request("", session_id="s1", turn_id="t1", tools=("note",))

    core.model.script(BROKEN)
    address = CallAddress(project_ids=[project.project_id], turn_id="t1", call_id="c1")
    taken_up = await core.deciding.respond(address, Decision(verdict="allow"), again)
    with pytest.raises(ModelUnavailable):
        await taken_up.result()
    assert (await stored(core))[1:] == ([("note", "done", "noted milk")], "cancelled")
