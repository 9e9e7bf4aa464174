"""Turns with tools: what is asked, decided, carried out, told, stored and sent again."""

import asyncio
from typing import Any

import attrs
import pytest

from core import Core
from fake_tools import FakeTool, tool
from fakes import Gate
from rejoinder.domain.conversation import Project, Session, Usage
from rejoinder.domain.errors import InvalidInput, NotFound, RequestRefused
from rejoinder.domain.events import ApprovalWanted, ToolCalled, ToolProgress
from rejoinder.domain.prompt import Finished, ModelInfo, TextDelta, ToolAsked
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.spending import Limits
from rejoinder.domain.tools import Decision
from rejoinder.domain.waiting import WaitingTurn, waiting_in
from rejoinder.services.deciding import CallAddress
from rejoinder.services.memory_requests import MemoryFilter
from rejoinder.services.request import TurnRequest
from rejoinder.services.running import RunningTurn
from rejoinder.services.tool_ports import ToolContext, ToolFailed, ToolLimits
from rejoinder.services.transfer import Transfer
from rejoinder.services.underway import events_of
from turns_kit import begun, ending, said

ALLOW, DENY = Decision(verdict="allow"), Decision(verdict="deny", reason="not now")
END = Finished("end_turn")


def asks(name: str, args: str = "{}", call_id: str = "c1", *before: str) -> tuple[Any, ...]:
    """What a model says that calls a tool."""
    return (*(TextDelta(text) for text in before), ToolAsked(call_id, name, args), END)


def answers(text: str) -> tuple[Any, ...]:
    return (TextDelta(text), END)


def notes(core: Core, text: str = "milk", call_id: str = "c1") -> None:
    """Have the model call `note` and then answer."""
    core.model.script(*asks("note", f'{{"text": "{text}"}}', call_id))
    core.model.script(*answers("Done."))


async def waiting(core: Core, **fields: Any) -> RunningTurn:
    """A turn that waits for a decision about the call `c1` of `note`."""
    turn = await begun(core, "note it", tools=("note",), **{"session_id": "s1", "turn_id": "t1", **fields})
    await turn.waits_for("c1")
    return turn


async def decide(core: Core, decision: Decision, call_id: str = "c1", turn_id: str = "t1") -> RunningTurn:
    project = await core.project()

    async def again(session: Session, turn: WaitingTurn) -> TurnRequest:
        tools = tuple(turn.asked["tools"])
        return await core.request("", session_id=session.session_id, turn_id=turn.turn_id, tools=tools)

    address = CallAddress(project_ids=[project.project_id], turn_id=turn_id, call_id=call_id)
    return await core.deciding.respond(address, decision, again)


def transfer_of(core: Core) -> Transfer:
    return core.transfer


def of(core: Core, kind: type, turn_id: str = "t1") -> list[Any]:
    return [event for event in core.publisher.events(turn_id) if isinstance(event, kind)]


async def test_a_tool_that_reads_is_called_at_once(core: Core, project: Project) -> None:
    look = tool("look", "read")
    core.tool_source.there = [look]
    core.model.script(*asks("look", '{"text": "here"}', "c1", "Let me see."))
    core.model.script(*answers("It is here."))
    result = await said(core, "where?", session_id="s1", turn_id="t1", tools=("look",))
    assert result.text == "Let me see.\n\nIt is here."
    assert look.calls == [{"text": "here"}]
    assert of(core, ToolCalled) == [ToolCalled("c1", "look", {"text": "here"}, False)]
    assert [each.status for each in of(core, ToolProgress)] == ["running", "done"]
    assert not of(core, ApprovalWanted)
    again = core.model.prompts[1]
    assert [spec.name for spec in again.tools] == ["look"]
    assert [(one.role, one.content) for one in again.messages[-2:]] == [
        ("assistant", "Let me see."),
        ("tool", "```\nnoted here\n```"),
    ]
    page = await core.history.page(project.project_id, "s1")
    call = page.messages[-1].message.tool_calls[0]
    assert (call.name, call.status, call.output, call.at) == ("look", "done", "noted here", len("Let me see."))


async def test_without_tools_a_prompt_is_as_it_was(core: Core) -> None:
    core.tool_source.there = [tool()]
    await said(core, "hello", session_id="s1")
    assert core.model.prompts[0].tools == ()
    assert "tool" not in core.model.prompts[0].messages[0].content


async def test_a_call_that_changes_something_waits_for_a_yes(core: Core) -> None:
    note = tool()
    core.tool_source.there = [note]
    notes(core)
    turn = await waiting(core)
    assert of(core, ToolCalled) == [ToolCalled("c1", "note", {"text": "milk"}, True)]
    assert of(core, ApprovalWanted) == [ApprovalWanted("c1")]
    assert note.calls == []
    await decide(core, ALLOW)
    assert (await turn.result()).text == "Done."
    assert note.calls == [{"text": "milk"}]


async def test_a_second_answer_is_refused_and_the_tool_runs_once(core: Core) -> None:
    note = tool()
    core.tool_source.there = [note]
    notes(core)
    turn = await waiting(core)
    both = await asyncio.gather(decide(core, ALLOW), decide(core, ALLOW), return_exceptions=True)
    assert sum(isinstance(each, NotFound) for each in both) == 1
    await turn.result()
    with pytest.raises(NotFound):
        await decide(core, ALLOW)
    assert len(note.calls) == 1


async def test_a_no_is_told_to_the_model_with_its_reason(core: Core) -> None:
    note = tool()
    core.tool_source.there = [note]
    notes(core)
    turn = await waiting(core)
    await decide(core, DENY)
    assert (await turn.result()).stop_reason == "end_turn"
    assert note.calls == []
    assert core.model.prompts[1].messages[-1].content == "The user did not allow this call. They say: not now"


async def test_a_yes_for_the_session_holds_for_this_tool_in_this_session(core: Core) -> None:
    note, other = tool(), tool("other")
    core.tool_source.there = [note, other]
    notes(core)
    turn = await waiting(core)
    await decide(core, Decision(verdict="allow_session"))
    await turn.result()
    notes(core, "bread")
    await said(core, "more", session_id="s1", turn_id="t2", tools=("note",))
    assert [each["text"] for each in note.calls] == ["milk", "bread"]
    core.model.script(*asks("note", '{"text": "salt"}'))
    elsewhere = await begun(core, "more", session_id="s2", turn_id="t3", tools=("note",))
    await elsewhere.waits_for("c1")
    elsewhere.cancel()
    await elsewhere.result()
    core.model.script(*asks("other", '{"text": "x"}'))
    same = await begun(core, "more", session_id="s1", turn_id="t4", tools=("other",))
    await same.waits_for("c1")
    same.cancel()
    assert (await same.result()).stop_reason == "cancelled"
    assert len(note.calls) == 2 and other.calls == []
    project = await core.project()
    session = await core.sessions.update(project.project_id, "s1", {"allowed_tools": ["fakes:other"]})
    assert session.allowed_tools == ()


async def test_the_answer_may_change_the_arguments(core: Core) -> None:
    note = tool()
    core.tool_source.there = [note]
    notes(core)
    turn = await waiting(core)
    with pytest.raises(InvalidInput, match="args"):
        await decide(core, Decision(verdict="allow", args={"text": 5}))
    await decide(core, Decision(verdict="allow", args={"text": "butter"}))
    await turn.result()
    assert note.calls == [{"text": "butter"}]
    assert of(core, ToolProgress)[0] == ToolProgress("c1", "running", None, {"text": "butter"})


async def test_a_yes_to_a_tool_that_is_not_there_just_now_is_refused_and_the_call_waits_on(core: Core) -> None:
    class Elsewhere(FakeTool):
        there = False

        def is_there(self, context: ToolContext) -> bool:
            return self.there

    note = tool()
    elsewhere = Elsewhere(note.spec, note.function)
    core.tool_source.there = [elsewhere]
    notes(core)
    turn = await waiting(core)
    for verdict in (ALLOW, Decision(verdict="allow_session")):
        with pytest.raises(NotFound, match="connected program with the function 'note'"):
            await decide(core, verdict)
    elsewhere.there = True
    await decide(core, ALLOW)
    assert (await turn.result()).text == "Done." and len(elsewhere.calls) == 1
    elsewhere.there = False
    notes(core)
    again = await waiting(core, turn_id="t2")
    await decide(core, DENY, turn_id="t2")
    assert (await again.result()).stop_reason == "end_turn"


async def test_a_turn_that_waits_can_be_cancelled(core: Core, project: Project) -> None:
    note = tool()
    core.tool_source.there = [note]
    notes(core)
    turn = await waiting(core)
    turn.cancel()
    assert (await turn.result()).stop_reason == "cancelled"
    assert note.calls == []
    message = (await core.history.page(project.project_id, "s1")).messages[-1].message
    assert [call.status for call in message.tool_calls] == ["cancelled"]
    assert (await core.sessions.get(project.project_id, "s1")).waiting is None
    with pytest.raises(NotFound):
        await decide(core, ALLOW)


async def test_a_turn_that_waits_is_taken_up_where_an_engine_left_it(core: Core, project: Project) -> None:
    note = tool()
    core.tool_source.there = [note]
    core.model.script(*asks("note", '{"text": "milk"}', "c1", "I will note it."))
    turn = await waiting(core)
    await core.turns.drain()
    assert (await turn.result()).stop_reason == "approval"
    assert ending(core, "t1").stop_reason == "approval"
    stored = await core.sessions.get(project.project_id, "s1")
    assert stored.waiting is not None and stored.draft is None and stored.message_count == 0
    parked = waiting_in(stored)
    assert parked is not None
    told = events_of(parked, "s1")
    assert [type(event).__name__ for event in told] == [
        *("TurnStarted", "UserMessageTaken", "TextPart", "ToolCalled", "ApprovalWanted"),
    ]
    core.publisher.updates.clear()
    core.model.script(*answers("Done."))
    again = await decide(core, ALLOW)
    result = await again.result()
    assert result.text == "I will note it.\n\nDone."
    assert note.calls == [{"text": "milk"}]
    assert core.publisher.updates[0][1] == len(told)
    page = await core.history.page(project.project_id, "s1")
    assert [placed.message.role for placed in page.messages] == ["user", "assistant"]
    assert (await core.sessions.get(project.project_id, "s1")).waiting is None
    with pytest.raises(NotFound):
        await decide(core, ALLOW)


async def test_a_new_turn_ends_one_that_was_left_waiting(core: Core, project: Project) -> None:
    core.tool_source.there = [note := tool()]
    core.model.script(*asks("note", '{"text": "milk"}'))
    turn = await waiting(core)
    await core.turns.drain()
    await turn.result()
    await said(core, "something else", session_id="s1", turn_id="t2")
    page = await core.history.page(project.project_id, "s1")
    assert [placed.message.content for placed in page.messages][::2] == ["note it", "something else"]
    assert page.messages[1].message.stop_reason == "cancelled"
    assert note.calls == []


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("nothing", "{}", "There is no tool"),
        ("note", "{", "no JSON"),
        ("note", '{"text": 5}', "do not fit"),
        ("note", '["text"]', "object"),
    ],
)
async def test_a_call_that_cannot_be_made_is_told_to_the_model(core: Core, name: str, args: str, told: str) -> None:
    note = tool()
    core.tool_source.there = [note]
    core.model.script(*asks(name, args))
    core.model.script(*answers("Sorry."))
    result = await said(core, "go", session_id="s1", turn_id="t1", tools=("note",))
    assert (result.text, note.calls) == ("Sorry.", [])
    assert told in core.model.prompts[1].messages[-1].content


async def test_a_tool_that_fails_hangs_or_says_too_much_harms_nobody(core: Core) -> None:
    async def fails(args: dict[str, Any]) -> str:
        raise ValueError("secret path /home/x")

    async def says_why(args: dict[str, Any]) -> str:
        raise ToolFailed("there is no milk")

    async def hangs(args: dict[str, Any]) -> str:
        await asyncio.Event().wait()
        return ""

    async def floods(args: dict[str, Any]) -> str:
        return "x" * 100_000_000

    functions = {"fails": fails, "says": says_why, "hangs": hangs, "floods": floods}
    core.tool_source.there = [tool(name, "read", function) for name, function in functions.items()]
    calls = [ToolAsked(f"c-{name}", name, '{"text": "x"}') for name in functions]
    core.model.script(*calls, END)
    core.model.script(*answers("So it goes."))
    limits = ToolLimits(timeout=0.05, output=1000)
    result = await said(core, "go", session_id="s1", turn_id="t1", tools=("fakes",), tool_limits=limits)
    assert result.text == "So it goes."
    page = await core.history.page((await core.project()).project_id, "s1")
    outputs = {call.name: call.output or "" for call in page.messages[-1].message.tool_calls}
    assert "/home/x" not in outputs["fails"] and outputs["says"] == "there is no milk"
    assert "did not answer" in outputs["hangs"]
    assert len(outputs["floods"]) < 1200 and "cut here" in outputs["floods"]


async def test_a_model_that_never_ends_is_stopped(core: Core) -> None:
    core.tool_source.there = [look := tool("look", "read")]
    for _ in range(4):
        core.model.script(*asks("look", '{"text": "again"}', "same"))
    limits = ToolLimits(rounds=3)
    result = await said(core, "go", session_id="s1", turn_id="t1", tools=("look",), tool_limits=limits)
    assert result.stop_reason == "limit"
    assert len(look.calls) == 3
    assert len({each.call_id for each in of(core, ToolCalled)}) == 3


async def test_later_turns_repeat_calls_in_the_form_that_models_take(core: Core) -> None:
    core.tool_source.there = [tool("look", "read")]
    core.model.script(*asks("look", '{"text": "here"}'))
    core.model.script(*answers("It is here."))
    await said(core, "where?", session_id="s1", tools=("look",))
    await said(core, "sure?", session_id="s1", tools=("look",))
    roles = [(one.role, len(one.calls)) for one in core.model.prompts[-1].messages[1:]]
    assert roles == [("user", 0), ("assistant", 1), ("tool", 1), ("assistant", 0), ("user", 0)]
    await said(core, "sure?", session_id="s1")
    plain = core.model.prompts[-1].messages
    assert all(not one.calls for one in plain)
    assert any(one.content.startswith("[passage from a call of look]") for one in plain)


async def test_a_model_that_cannot_call_is_given_none_and_that_is_told(core: Core) -> None:
    core.tool_source.there = [tool()]
    core.model.info = ModelInfo(id="scripted:plain", provider="scripted", label="Plain", context_tokens=8192)
    await said(core, "hello", session_id="s1", turn_id="t1", tools=("note",))
    assert core.model.prompts[0].tools == ()
    told = [getattr(event, "message", "") for event in core.publisher.events("t1")]
    assert "scripted:plain cannot call tools; it is given none." in told


async def test_a_call_that_ran_when_the_engine_died_is_not_made_again(core: Core, project: Project) -> None:
    runs = asyncio.Event()

    async def hangs(args: dict[str, Any]) -> str:
        runs.set()
        await asyncio.Event().wait()
        return ""

    core.tool_source.there = [note := tool(function=hangs)]
    core.model.script(*asks("note", '{"text": "milk"}', "c1", "Noting."))
    turn = await waiting(core)
    await decide(core, ALLOW)
    await runs.wait()
    left = (await core.sessions.get(project.project_id, "s1")).waiting
    assert left is not None and left["reply"]["toolCalls"][0]["status"] == "running"
    turn.cancel()
    await turn.result()
    for message in ("question", "reply"):
        left[message] = {**left[message], "messageId": f"{message}-again", "turnId": "t2"}
    left["reply"]["parentId"] = "question-again"
    session = await core.conversations.change(
        project.project_id, "s1", lambda latest: attrs.evolve(latest, waiting=left)
    )
    assert (await core.turns.looked_at(session)).waiting is None
    reply = (await core.history.page(project.project_id, "s1")).messages[-1].message
    assert [(call.name, call.status) for call in reply.tool_calls] == [("note", "interrupted")]
    assert len(note.calls) == 1


async def test_a_server_that_takes_no_tools_is_asked_without(core: Core) -> None:
    core.tool_source.there = [tool("look", "read")]
    core.model.script(RequestRefused("It says: this model does not support tools", hint="-", retryable=False))
    core.model.script(*answers("Without them."))
    result = await said(core, "go", session_id="s1", turn_id="t1", tools=("look",))
    assert result.text == "Without them."
    assert [len(prompt.tools) for prompt in core.model.prompts] == [1, 0]


async def test_calls_are_readable_in_an_export_and_come_back_from_it(core: Core, project: Project) -> None:
    core.tool_source.there = [tool("look", "read")]
    core.model.script(*asks("look", '{"text": "here"}', "c1", "Let me see."))
    core.model.script(*answers("It is here."))
    await said(core, "where?", session_id="s1", tools=("look",))
    text = await transfer_of(core).export_markdown(project.project_id, ["s1"])
    shown = 'Let me see.\n\n**Tool** `look({"text": "here"})`: done\n\n```\nnoted here\n```\n\nIt is here.'
    assert shown in text
    content = await transfer_of(core).export_json(project.project_id, ["s1"])
    before = (await core.history.page(project.project_id, "s1")).messages[-1].message.tool_calls
    await core.history.delete(project.project_id, "s1", permanent=True)
    await transfer_of(core).import_(project, content)
    assert (await core.history.page(project.project_id, "s1")).messages[-1].message.tool_calls == before


async def test_what_was_allowed_and_what_waits_does_not_leave_the_session(core: Core, project: Project) -> None:
    core.tool_source.there = [tool()]
    notes(core)
    turn = await waiting(core)
    await decide(core, Decision(verdict="allow_session"))
    await turn.result()
    fork = await core.history.fork(project, "s1")
    assert fork.allowed_tools == ()
    content = await transfer_of(core).export_json(project.project_id, ["s1"])
    await core.history.delete(project.project_id, "s1", permanent=True)
    await transfer_of(core).import_(project, content)
    assert (await core.sessions.get(project.project_id, "s1")).allowed_tools == ()


async def test_a_tool_that_was_named_and_is_not_there_is_refused(core: Core) -> None:
    with pytest.raises(InvalidInput, match="nonsense"):
        await said(core, "hello", session_id="s1", tools=("nonsense",))


async def test_calls_end_with_the_budget(core: Core) -> None:
    core.tool_source.there = [look := tool("look", "read")]
    core.model.script(ToolAsked("c1", "look", '{"text": "x"}'), Finished("end_turn", Usage(600, 500)))
    result = await said(core, "go", session_id="s1", tools=("look",), limits=Limits(session_tokens=1000))
    assert (result.stop_reason, look.calls) == ("limit", [])


async def test_an_engine_that_stays_after_all_waits_for_decisions_again(core: Core) -> None:
    core.tool_source.there = [note := tool()]
    gate = Gate()
    core.model.script(gate, *asks("note", '{"text": "milk"}'))
    core.model.script(*answers("Done."))
    turn = await begun(core, "note it", session_id="s1", turn_id="t1", tools=("note",))
    await gate.reached.wait()
    leaving = asyncio.create_task(core.turns.drain())
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    gate.opened.set()
    await turn.waits_for("c1")
    await decide(core, ALLOW)
    assert (await turn.result()).text == "Done."
    assert len(note.calls) == 1


async def test_nothing_is_remembered_in_a_session_whose_memory_is_off(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1", memory=RecallConfig(provider="none"))
    core.model.script(*asks("remember", '{"text": "a fact"}'))
    core.model.script(*answers("It cannot be kept."))
    turn = await begun(core, "keep it", session_id="s1", turn_id="t1", tools=("remember",))
    await turn.waits_for("c1")
    await decide(core, ALLOW)
    await turn.result()
    assert of(core, ToolProgress)[-1].status == "failed"
    assert (await core.memories.page(project.project_id, MemoryFilter(user_id="default"))).entries == []
