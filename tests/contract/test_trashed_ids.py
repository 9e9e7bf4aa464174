"""The ID of a session in the trash is free for a new one, and what lies there stays whole."""

import attrs
import pytest

from core import Core
from rejoinder.domain.conversation import Attachment, Project, Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.importing import ImportReport
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryDraft
from turns_kit import said

DRAFTS = [MessageDraft("user", "why?", attachments=(Attachment("file:///x", text="code"),)), MessageDraft("user", "so")]


@pytest.fixture
async def trashed(core: Core, project: Project) -> Session:
    """A session with messages, state and a memory of its own, in the trash."""
    made = await core.sessions.create(project, session_id="s1", name="Plans", messages=DRAFTS)
    await core.states.set(project.project_id, "s1", {"a": 1})
    draft, origin = MemoryDraft(text="the old plan", kind="short"), Origin(session_id="s1")
    await core.memories.add(project.project_id, "default", draft, origin, config=RecallConfig())
    await core.history.delete(project.project_id, "s1")
    return made


async def contents(core: Core, project: Project, session_id: str) -> list[str]:
    page = await core.history.page(project.project_id, session_id)
    return [placed.message.content for placed in page.messages]


async def of_session(core: Core, project: Project, session_id: str) -> list[str]:
    return [entry.text for entry in await core.memories.of_session(project.project_id, session_id)]


@pytest.mark.parametrize("how", ["chat", "create", "fork"])
async def test_a_new_session_may_have_it(core: Core, project: Project, trashed: Session, how: str) -> None:
    if how == "chat":
        assert (await said(core, "hello", session_id="s1")).session_id == "s1"
        assert await contents(core, project, "s1") == ["hello", "answer 1"]
    elif how == "create":
        await core.sessions.create(project, session_id="s1")
        assert await contents(core, project, "s1") == []
    else:
        await core.sessions.create(project, session_id="s2", messages=DRAFTS[1:])
        await core.history.fork(project, "s2", new_session_id="s1")
        assert await contents(core, project, "s1") == ["so"]
    assert await of_session(core, project, "s1") == []
    assert await core.states.get(project.project_id, "s1") == {}

    (kept,) = await core.sessions.trashed(project.project_id)
    assert kept.session_id != "s1"
    back = await core.history.restore(project.project_id, kept.session_id)
    fields = {"session_id": "s1", "deleted_at": None, "revision": 0}
    assert attrs.evolve(back, **fields) == attrs.evolve(trashed, **fields)
    assert await contents(core, project, kept.session_id) == ["why?", "so"]
    assert await core.states.get(project.project_id, kept.session_id) == {"a": 1}
    assert await of_session(core, project, kept.session_id) == ["the old plan"]


async def test_it_can_be_given_up_again_and_again(core: Core, project: Project, trashed: Session) -> None:
    for _ in range(3):
        await core.sessions.create(project, session_id="s1")
        await core.history.delete(project.project_id, "s1")
    assert len(await core.sessions.trashed(project.project_id)) == 4


async def test_an_export_brings_back_what_was_deleted_since(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1", messages=DRAFTS)
    before = await core.transfer.export_json(project.project_id, ["s1"])
    await core.history.delete(project.project_id, "s1")
    assert await core.transfer.import_(project, before, dry_run=True) == ImportReport(1, 2, 0)
    assert await core.transfer.import_(project, before) == ImportReport(1, 2, 0)
    assert await core.transfer.export_json(project.project_id, ["s1"]) == before
    assert len(await core.sessions.trashed(project.project_id)) == 1


async def test_the_id_of_one_that_is_there_is_taken(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1")
    with pytest.raises(InvalidInput, match="taken"):
        await core.sessions.create(project, session_id="s1")
    assert await core.sessions.trashed(project.project_id) == []
