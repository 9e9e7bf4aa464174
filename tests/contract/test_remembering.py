"""`/remember` as a turn of the services: what is taken, what is refused, and that no model is asked."""

import pytest

from core import Core
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput, StorageFull, TooLarge
from rejoinder.domain.events import TurnResult
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.memory_requests import MemoryFilter
from rejoinder.services.running import RunningTurn


async def turn(core: Core, text: str, **fields: object) -> TurnResult:
    begun = await core.turns.begin(await core.request(text, **fields))
    assert isinstance(begun, RunningTurn)
    begun.released.set()
    return await begun.result()


async def remembered(core: Core, project: Project, user: str = "default") -> list[tuple[str, str | None]]:
    page = await core.memories.page(project.project_id, MemoryFilter(user_id=user))
    return [(entry.text, entry.source.message_id) for entry in page.entries]


async def test_the_text_is_remembered_with_the_message_that_says_it(core: Core, project: Project) -> None:
    result = await turn(core, "/remember first line\nsecond line", session_id="s")
    path = await core.sessions.path(await core.sessions.get(project.project_id, "s"))
    assert await remembered(core, project) == [("first line\nsecond line", path[0].message_id)]
    assert "> first line\n> second line" in result.text
    assert (result.model, path[1].model, path[1].stop_reason) == ("memory", "memory", "end_turn")
    assert core.model.prompts == [] and await core.io(core.ledger.days) == []


async def test_without_a_text_the_last_answer_is_taken_and_no_confirmation(core: Core, project: Project) -> None:
    await turn(core, "hello", session_id="s")
    await turn(core, "/remember a fact", session_id="s")
    await turn(core, "/remember", session_id="s")
    path = await core.sessions.path(await core.sessions.get(project.project_id, "s"))
    assert await remembered(core, project) == [("answer 1", path[1].message_id), ("a fact", path[2].message_id)]


async def test_of_several_users_each_takes_the_own_last_answer(core: Core, project: Project) -> None:
    await turn(core, "hello", session_id="s", user_id="ann")
    with pytest.raises(InvalidInput):
        await turn(core, "/remember", session_id="s", user_id="ben")
    await turn(core, "/remember", session_id="s", user_id="ann")
    assert [text for text, _ in await remembered(core, project, "ann")] == ["answer 1"]
    assert await remembered(core, project) == await remembered(core, project, "ben") == []


async def test_answering_it_anew_does_not_remember_it_twice(core: Core, project: Project) -> None:
    await turn(core, "/remember a fact", session_id="s")
    path = await core.sessions.path(await core.sessions.get(project.project_id, "s"))
    again = await turn(core, "", session_id="s", parent_id=path[0].message_id)
    assert "remembered before" in again.text
    assert await remembered(core, project) == [("a fact", path[0].message_id)]


async def test_what_cannot_be_remembered_leaves_history_and_a_draft(core: Core, project: Project) -> None:
    off = RecallConfig(provider="none")
    for fault, text, fields in (
        (InvalidInput, "/remember", {}),
        (TooLarge, "/remember " + "x" * 70_000, {}),
        (InvalidInput, "/remember x", {"memory": off}),
    ):
        with pytest.raises(fault):
            await turn(core, text, session_id="s", **fields)
        assert (await core.sessions.get(project.project_id, "s")).draft == text
    core.store.faults_at["put_records"] = StorageFull("/data")
    with pytest.raises(StorageFull):
        await turn(core, "/remember y", session_id="s")
    assert await core.texts("s") == [] and await remembered(core, project) == []


async def test_a_turn_that_leaves_no_trace_remembers_nothing(core: Core, project: Project) -> None:
    with pytest.raises(InvalidInput, match="no trace"):
        await turn(core, "/remember x", session_id="s", remember=False)
    assert await remembered(core, project) == []


async def test_its_prompt_is_empty_and_other_words_go_to_the_model(core: Core, project: Project) -> None:
    prompt = await core.turns.preview(await core.request("/remember x", session_id="s"))
    assert (prompt.messages, prompt.tokens) == ((), 0)
    await turn(core, "/remembering things", session_id="s")
    await turn(core, "/remember x", session_id="s", action="explain")
    assert len(core.model.prompts) == 2 and await remembered(core, project) == []


async def test_a_memory_is_not_left_out_for_the_message_that_it_came_from(core: Core, project: Project) -> None:
    await turn(core, "/remember the harbour is closed", session_id="s")
    prompt = await core.turns.preview(await core.request("is the harbour closed?", session_id="s"))
    (hit,) = [hit for hit in prompt.hits if hit.source == "memory"]
    assert (hit.text, hit.session_id) == ("the harbour is closed", "s")
