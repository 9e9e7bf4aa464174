"""A turn that an engine has left is ended or taken up once, whoever decides about it at the same time."""

import asyncio

import pytest
from held_store import Held

from core import Core
from fake_tools import FakeTool, tool
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import NotFound
from rejoinder.domain.prompt import Finished, TextDelta, ToolAsked
from rejoinder.domain.tools import Decision
from rejoinder.domain.waiting import WaitingTurn
from rejoinder.services.deciding import CallAddress
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurn
from turns_kit import begun

ALLOW = Decision(verdict="allow")


@pytest.fixture
async def note(core: Core) -> FakeTool:
    """What the turn `t1` of the session `s1` wants to call; the engine that ran it has left."""
    core.tool_source.there = [found := tool()]
    core.model.script(TextDelta("Noting."), ToolAsked("c1", "note", '{"text": "milk"}'), Finished("end_turn"))
    turn = await begun(core, "note it", session_id="s1", turn_id="t1", tools=("note",))
    await turn.waits_for("c1")
    await core.turns.drain()
    await turn.result()
    return found


class Deciding:
    """A client that allows the call, and is asked what it would send the turn with."""

    def __init__(self, core: Core, project: Project) -> None:
        self._core = core
        self._address = CallAddress(project_ids=[project.project_id], turn_id="t1", call_id="c1")
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._decide())

    async def _decide(self) -> RunningTurn:
        return await self._core.deciding.respond(self._address, ALLOW, self._again)

    async def _again(self, session: Session, waiting: WaitingTurn) -> TurnRequest:
        self.asked.set()
        await self.answers.wait()
        return await self._core.request("", session_id=session.session_id, turn_id="t1", tools=("note",))


async def test_one_that_is_cancelled_while_it_is_allowed_calls_nothing(
    core: Core, project: Project, note: FakeTool
) -> None:
    deciding = Deciding(core, project)
    await deciding.asked.wait()
    assert await core.turns.give_up(project.project_id, "s1", "t1")
    deciding.answers.set()
    with pytest.raises(NotFound):
        await deciding.task
    assert note.calls == [] and await core.texts("s1") == ["note it", "Noting."]


async def test_one_that_is_allowed_while_it_is_cancelled_is_not_ended(
    core: Core, project: Project, note: FakeTool
) -> None:
    deciding = Deciding(core, project)
    await deciding.asked.wait()
    core.conversations.reloaded(project.project_id)  # its messages are to be read before it is ended
    held = Held(core, "messages")
    ending = asyncio.create_task(core.turns.give_up(project.project_id, "s1", "t1"))
    await held.reached.wait()
    core.model.script(TextDelta("Done."), Finished("end_turn"))
    deciding.answers.set()
    while not core.conversations.lock(project.project_id, "s1").locked():
        await asyncio.sleep(0)
    held.let_on()
    await ending
    result = await (await deciding.task).result()
    assert note.calls == [{"text": "milk"}]
    assert await core.texts("s1") == ["note it", result.text]


async def test_one_that_several_clients_end_at_once_is_stored_once(
    core: Core, project: Project, note: FakeTool
) -> None:
    before = await core.sessions.get(project.project_id, "s1")
    ending = [core.turns.give_up(project.project_id, "s1", "t1") for _ in range(3)]
    await asyncio.gather(*ending)
    after = await core.sessions.get(project.project_id, "s1")
    assert after.revision == before.revision + 1
    assert await core.texts("s1") == ["note it", "Noting."]
