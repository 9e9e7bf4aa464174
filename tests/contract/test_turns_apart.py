"""Turns beside the active path: branches, asks, and what leaves no trace."""

import pytest

from core import Core
from fakes import hit
from rejoinder.domain.conversation import Attachment, Project
from rejoinder.domain.errors import (
    ModelUnavailable,
    NotFound,
)
from rejoinder.domain.events import (
    UserMessageTaken,
)
from turns_kit import BROKEN, ending, said, sent


async def test_regenerating_makes_a_second_answer(core: Core, project: Project) -> None:
    first = await said(core, "one", session_id="s1")
    question = (await core.history.page(project.project_id, "s1")).messages[0].message
    again = await said(core, "", session_id="s1", parent_id=question.message_id, turn_id="t2")
    page = await core.history.page(project.project_id, "s1")
    assert [placed.message.content for placed in page.messages] == ["one", "answer 2"]
    assert page.messages[1].siblings == (first.message_id, again.message_id)
    assert sent(core) == ["one"]
    assert (await core.sessions.get(project.project_id, "s1")).message_count == 2
    taken = core.publisher.events("t2")[1]
    assert isinstance(taken, UserMessageTaken)
    assert (taken.message, taken.siblings) == (question, (question.message_id,))


async def test_editing_makes_a_second_question(core: Core, project: Project) -> None:
    await said(core, "one", session_id="s1")
    await said(core, "two", session_id="s1")
    question = (await core.history.page(project.project_id, "s1")).messages[2].message
    await said(core, "other", session_id="s1", parent_id=question.message_id, turn_id="t3")
    assert await core.texts("s1") == ["one", "answer 1", "other", "answer 3"]
    page = await core.history.page(project.project_id, "s1")
    assert page.messages[2].siblings[0] == question.message_id
    taken = core.publisher.events("t3")[1]
    assert isinstance(taken, UserMessageTaken)
    assert taken.siblings == page.messages[2].siblings


async def test_going_on_below_an_older_answer(core: Core) -> None:
    first = await said(core, "one", session_id="s1")
    await said(core, "two", session_id="s1")
    await said(core, "elsewhere", session_id="s1", parent_id=first.message_id)
    assert await core.texts("s1") == ["one", "answer 1", "elsewhere", "answer 3"]
    assert sent(core) == ["one", "answer 1", "elsewhere"]


async def test_a_parent_that_is_not_there_is_refused(core: Core) -> None:
    await said(core, "one", session_id="s1")
    with pytest.raises(NotFound):
        await said(core, "two", session_id="s1", parent_id="nothing")
    assert await core.texts("s1") == ["one", "answer 1"]


async def test_attachments_are_stored_and_go_along_when_it_is_answered_anew(core: Core, project: Project) -> None:
    await said(core, "one", session_id="s1", attachments=(Attachment("file:///x", text="attached"),))
    question = (await core.history.page(project.project_id, "s1")).messages[0].message
    assert question.attachments[0].text == "attached"
    await said(core, "one", session_id="s1", parent_id=question.message_id)
    assert "attached" in sent(core)[0]


async def test_an_ask_without_a_session_has_no_history_and_looks_everywhere(core: Core, project: Project) -> None:
    core.recall_index.hits = [hit("said before", source="message")]
    await said(core, "private chat")
    result = await said(core, "a question", kind="ask")
    assert sent(core)[-1] == "a question" and "private chat" not in sent(core)
    assert core.recall_index.queries[-1].session_id is None
    assert await core.texts(result.session_id) == ["private chat", "answer 1", "a question", "answer 2"]
    page = await core.history.page(project.project_id, result.session_id)
    assert [placed.message.source for placed in page.messages] == ["chat", "chat", "ask", "ask"]


async def test_an_ask_of_a_session_reads_its_history(core: Core) -> None:
    core.recall_index.hits = [hit("said before", source="message")]
    await said(core, "one", session_id="s1")
    await said(core, "two", kind="ask", session_id="s1")
    assert [text for text in sent(core) if "said before" not in text] == ["one", "answer 1", "two"]
    assert core.recall_index.queries[-1].session_id == "s1"


@pytest.mark.parametrize("kind", ["chat", "ask"])
@pytest.mark.parametrize("session_id", [None, "passing"])
async def test_what_is_not_to_be_remembered_leaves_no_trace(
    core: Core, project: Project, kind: str, session_id: str | None
) -> None:
    result = await said(core, "a secret wish", kind=kind, session_id=session_id, remember=False, turn_id="t1")
    assert result.text == "answer 1"
    assert await core.sessions.all(project.project_id) == []
    assert core.publisher.changes == []
    assert ending(core, "t1").stop_reason == "end_turn"
    await core.close()
    files = [path for path in core.folder.parent.rglob("*") if path.is_file()]
    assert not any(b"a secret wish" in path.read_bytes() for path in files)


async def test_an_ephemeral_chat_reads_a_session_and_leaves_it_alone(core: Core, project: Project) -> None:
    await said(core, "one", session_id="s1")
    before = await core.sessions.get(project.project_id, "s1")
    await said(core, "two", session_id="s1", remember=False)
    assert sent(core) == ["one", "answer 1", "two"]
    assert await core.sessions.get(project.project_id, "s1") == before
    core.model.script(BROKEN)
    with pytest.raises(ModelUnavailable):
        await said(core, "three", session_id="s1", remember=False)
    assert (await core.sessions.get(project.project_id, "s1")).draft is None
