import asyncio
import itertools
from typing import Any

import attrs
import pytest

from core import Core
from fakes import Gate
from rejoinder.domain.conversation import Project, Session, Usage
from rejoinder.domain.errors import ContextTooLarge, InvalidInput, ModelUnavailable, NotFound, SessionNotFound
from rejoinder.domain.prompt import EXTRACTIVE, Finished, TextDelta
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.model_ports import ModelChoice
from turns_kit import said, sent

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1b"
WRITTEN = "The parrot is called Archibald."
WINDOW = 2048
TOO_LARGE = ContextTooLarge("too long", hint="Send less.", tokens=9, budget=1)


async def long_session(core: Core, project: Project, turns: int = 60, session_id: str = "s") -> Session:
    """A session that does not fit the window any more; its third turn tells the parrot's name."""
    drafts = []
    for turn in range(turns):
        question = f"Question {turn} about the weather."
        drafts.append(MessageDraft("user", "My parrot is Archibald." if turn == 2 else question))
        drafts.append(MessageDraft("assistant", f"Answer {turn}: it is rather fine today."))
    core.model.info = attrs.evolve(core.model.info, context_tokens=WINDOW)
    return await core.sessions.create(project, session_id=session_id, messages=drafts)


def script_summary(core: Core, text: str = WRITTEN, usage: Usage | None = None) -> None:
    core.model.script(TextDelta(text), Finished("end_turn", usage))


async def chat(core: Core, text: str = "And now?", **fields: Any) -> None:
    await said(core, text, **{"session_id": "s", **fields})
    await core.summarising.settled()


async def summaries(core: Core, project: Project, session_id: str = "s") -> list[str]:
    stored = await core.io(core.store.summaries, project.project_id, session_id)
    return [one.text for one in stored]


async def test_after_an_answer_old_turns_are_summarised_and_count_once(core: Core, project: Project) -> None:
    await long_session(core, project)
    core.model.script(TextDelta("fine"), Finished("end_turn", None))
    script_summary(core)
    script_summary(core)
    await chat(core)
    assert (await summaries(core, project))[-1] == WRITTEN
    written_for = core.model.prompts[1].messages[-1].content
    assert "My parrot is Archibald." in written_for
    await chat(core, "What is my parrot called?", retrieve=False)
    prompt = core.model.prompts[-1]
    assert WRITTEN in prompt.messages[1].content
    assert prompt.messages[1].content.startswith("[summary")
    assert prompt.tokens <= prompt.budget
    texts = sent(core)
    assert not any("Question 5 " in text for text in texts)
    assert texts[-3:] == ["And now?", "fine", "What is my parrot called?"]
    assert prompt.stable == len(prompt.messages) - 1


async def test_the_beginning_of_the_prompt_stays_until_enough_has_come(core: Core, project: Project) -> None:
    await long_session(core, project)
    await chat(core)
    count = len(await summaries(core, project))
    calls = len(core.model.prompts)
    beginnings = []
    for number in range(4):
        await chat(core, f"More {number}")
        beginnings.append(core.model.prompts[-1].messages[: core.model.prompts[-1].stable])
    assert len(await summaries(core, project)) == count
    assert len(core.model.prompts) == calls + 4
    for former, later in itertools.pairwise(beginnings):
        assert later[: len(former)] == former


async def test_a_short_session_is_not_summarised(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s")
    await chat(core)
    assert await summaries(core, project) == []
    assert len(core.model.prompts) == 1


async def test_an_edit_of_what_is_covered_goes_on_without_the_summary(core: Core, project: Project) -> None:
    session = await long_session(core, project)
    await chat(core)
    path = await core.sessions.path(session)
    await said(core, "Edited", session_id="s", parent_id=path[4].message_id)
    assert not any(text.startswith("[summary") for text in sent(core))
    assert "My parrot is Archibald." not in sent(core)


async def test_a_rollback_into_what_is_covered_goes_on_without_the_summary(core: Core, project: Project) -> None:
    session = await long_session(core, project)
    await chat(core)
    path = await core.sessions.path(session)
    await core.history.rollback(project.project_id, "s", path[7].message_id)
    await said(core, "Again", session_id="s")
    assert sent(core) == [*(message.content for message in path[:8]), "Again"]


async def test_clearing_takes_the_summaries_too(core: Core, project: Project) -> None:
    await long_session(core, project)
    await chat(core)
    assert await summaries(core, project)
    await core.history.clear(project.project_id, "s")
    assert await summaries(core, project) == []


async def test_what_was_cleared_meanwhile_does_not_come_back(core: Core, project: Project) -> None:
    await long_session(core, project)
    gate = Gate()
    core.model.script(TextDelta("fine"), Finished("end_turn", None))
    core.model.script(gate, TextDelta(WRITTEN), Finished("end_turn", None))
    await said(core, "And now?", session_id="s")
    await gate.reached.wait()
    await core.history.clear(project.project_id, "s")
    gate.opened.set()
    await core.summarising.settled()
    assert await summaries(core, project) == []


async def test_a_session_that_is_deleted_meanwhile_is_left_alone(core: Core, project: Project) -> None:
    await long_session(core, project)
    gate = Gate()
    core.model.script(TextDelta("fine"), Finished("end_turn", None))
    core.model.script(gate, TextDelta(WRITTEN), Finished("end_turn", None))
    await said(core, "And now?", session_id="s")
    await gate.reached.wait()
    await core.history.delete(project.project_id, "s", permanent=True)
    gate.opened.set()
    await core.summarising.settled()
    with pytest.raises(SessionNotFound):
        await core.sessions.get(project.project_id, "s")


async def test_a_model_that_fails_is_asked_again_after_the_next_answer(core: Core, project: Project) -> None:
    await long_session(core, project)
    core.model.script(TextDelta("fine"), Finished("end_turn", None))
    core.model.script(ModelUnavailable("gone", hint="Start it.", retryable=True))
    await chat(core)
    assert await summaries(core, project) == []
    core.model.script(TextDelta("fine"), Finished("end_turn", None))
    script_summary(core)
    script_summary(core)
    await chat(core)
    assert (await summaries(core, project))[-1] == WRITTEN


@pytest.mark.parametrize("steps", [[Finished("end_turn", None)], [TOO_LARGE]], ids=["says nothing", "is too small"])
async def test_a_model_that_cannot_is_stood_in_for(core: Core, project: Project, steps: list[Any]) -> None:
    await long_session(core, project)
    for _ in range(4):
        core.model.script(*steps)
    text, covers = await core.summarising.summarize(project.project_id, "s", ModelChoice())
    assert "- The user: My parrot is Archibald." in text
    assert len(covers) == 120


async def test_without_a_model_sentences_are_kept(core: Core, project: Project) -> None:
    core.model.info = attrs.evolve(core.model.info, id=EXTRACTIVE)
    session = await long_session(core, project)
    text, covers = await core.summarising.summarize(project.project_id, "s", ModelChoice())
    assert "Archibald" in text
    assert covers == [message.message_id for message in await core.sessions.path(session)]
    assert core.model.prompts == []


async def test_a_summary_on_request_is_not_made_twice_and_stands_back_while_all_fits(
    core: Core, project: Project
) -> None:
    await core.sessions.create(project, session_id="s", messages=[MessageDraft("user", "My parrot is Archibald.")])
    script_summary(core, usage=Usage(100, 10))
    for _ in range(2):
        assert (await core.summarising.summarize(project.project_id, "s", ModelChoice()))[0] == WRITTEN
    assert len(core.model.prompts) == 1
    assert (await core.sessions.get(project.project_id, "s")).usage.input_tokens == 100
    await said(core, "Hello?", session_id="s")
    assert sent(core) == ["My parrot is Archibald.", "Hello?"]


async def test_an_empty_session_has_an_empty_summary(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s")
    assert await core.summarising.summarize(project.project_id, "s", ModelChoice()) == ("", [])
    with pytest.raises(InvalidInput):
        await core.summarising.continue_elsewhere(project, "s", choice=ModelChoice())
    with pytest.raises(NotFound):
        await core.summarising.summarize(project.project_id, "s", ModelChoice(), message_id="nobody")


async def test_a_session_that_came_whole_takes_a_few_requests_only(core: Core, project: Project) -> None:
    await long_session(core, project, turns=1000)
    _text, covers = await core.summarising.summarize(project.project_id, "s", ModelChoice())
    assert len(core.model.prompts) == 4
    assert len(covers) == 2000
    assert "My parrot is Archibald." in core.model.prompts[0].messages[-1].content


async def test_no_secret_reaches_the_model_or_the_disk(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s", messages=[MessageDraft("user", f"The key is {SECRET}.")])
    script_summary(core, f"They said {SECRET}.")
    text, _ = await core.summarising.summarize(project.project_id, "s", ModelChoice())
    assert SECRET not in str(core.model.prompts)
    assert SECRET not in text + str(await summaries(core, project))
    await core.close()
    assert not any(SECRET.encode() in path.read_bytes() for path in core.folder.parent.rglob("*.jsonl"))


async def test_a_new_session_begins_with_the_summary_of_another(core: Core, project: Project) -> None:
    origin = await long_session(core, project)
    for _ in range(4):
        script_summary(core)
    new = await core.summarising.continue_elsewhere(project, "s", choice=ModelChoice(), new_session_id="next")
    assert (new.session_id, new.message_count, new.forked_from) != ("s", 0, None)
    assert new.forked_from is not None
    assert (new.forked_from.session_id, new.forked_from.message_id) == ("s", origin.head)
    await said(core, "What is my parrot called?", session_id="next")
    prompt = core.model.prompts[-1]
    assert WRITTEN in prompt.messages[0].content
    assert len(prompt.messages) == 2
    assert await core.texts("s") != await core.texts("next")


async def test_a_fork_takes_over_the_summaries_of_its_path(core: Core, project: Project) -> None:
    session = await long_session(core, project)
    await chat(core)
    known = await summaries(core, project)
    path = await core.sessions.path(session)
    await core.history.fork(project, "s", new_session_id="whole")
    await core.history.fork(project, "s", new_session_id="early", message_id=path[3].message_id)
    assert (await summaries(core, project, "whole"), await summaries(core, project, "early")) == (known, [])


async def test_two_who_ask_at_once_have_one_summary_made(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s", messages=[MessageDraft("user", "My parrot is Archibald.")])
    asked = [core.summarising.summarize(project.project_id, "s", ModelChoice()) for _ in range(3)]
    assert len({text for text, _ in await asyncio.gather(*asked)}) == 1
    assert len(core.model.prompts) == 1
