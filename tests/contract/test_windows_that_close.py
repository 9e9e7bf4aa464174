"""A window that closes cancels what it has asked for: what was begun with a session is done whole all the same."""

import asyncio
from pathlib import Path

import pytest
from held_store import cancelled_at

import foreign_kit as kit
from core import Core
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import SessionNotFound
from rejoinder.domain.recall import RecallQuery
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.importing import ImportReport
from rejoinder.services.knowledge import Addition
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryDraft, MemoryFilter
from turns_kit import said


@pytest.fixture
async def session(core: Core, project: Project) -> Session:
    """The current session, with a turn, state, memory and knowledge of its own, beside another session."""
    await core.sessions.create(project, session_id="other")
    await said(core, "a lamp", session_id="s")
    await core.states.set(project.project_id, "s", {"a": 1})
    draft, origin = MemoryDraft(text="tea", kind="short"), Origin(session_id="s")
    await core.memories.add(project.project_id, "default", draft, origin, config=RecallConfig())
    addition = Addition(project_id=project.project_id, source="at five", folder=None, kind="text", session_id="s")
    await core.knowledge.add(addition, lambda *_: None)
    await core.sessions.use(await core.sessions.get(project.project_id, "s"))
    core.publisher.changes.clear()
    return await core.sessions.get(project.project_id, "s")


async def own(core: Core, project: Project, session_id: str = "s") -> tuple[list[str], list[str]]:
    """The memory and the knowledge of a session alone."""
    memories = await core.memories.of_session(project.project_id, session_id)
    items = await core.knowledge.items(project.project_id, session_id)
    return [one.text for one in memories], [one.source for one in items if one.session_id == session_id]


async def test_a_session_that_is_cleared(core: Core, project: Project, session: Session) -> None:
    query = RecallQuery(text="lamp", user_id="default", kinds=frozenset(("message",)), limit=5)
    assert await core.recalling.search(project.project_id, query)
    await cancelled_at(core, "replace", asyncio.create_task(core.history.clear(project.project_id, "s")))
    assert await core.texts("s") == []
    assert core.publisher.kinds("s") == ["rewritten"]
    assert (await own(core, project))[0] == []
    assert await core.recalling.search(project.project_id, query) == []


async def test_a_session_that_is_removed_for_good(core: Core, project: Project, session: Session) -> None:
    deleting = asyncio.create_task(core.history.delete(project.project_id, "s", permanent=True))
    await cancelled_at(core, "purge", deleting)
    with pytest.raises(SessionNotFound):
        await core.sessions.get(project.project_id, "s")
    assert core.publisher.kinds("s") == ["deleted"]
    assert await own(core, project) == ([], [])
    assert await core.sessions.current_ids(project.project_id) == {"other"}


async def test_a_session_that_goes_to_the_trash_and_comes_back(core: Core, project: Project, session: Session) -> None:
    await cancelled_at(core, "trash", asyncio.create_task(core.history.delete(project.project_id, "s")))
    assert core.publisher.kinds("s") == ["deleted"]
    assert await core.sessions.current_ids(project.project_id) == {"other"}
    await cancelled_at(core, "restore", asyncio.create_task(core.history.restore(project.project_id, "s")))
    assert core.publisher.kinds("s") == ["deleted", "created"]
    assert await core.texts("s") == ["a lamp", "answer 1"]


async def test_a_fork(core: Core, project: Project, session: Session) -> None:
    await cancelled_at(core, "create", asyncio.create_task(core.history.fork(project, "s", new_session_id="f")))
    assert await core.texts("f") == ["a lamp", "answer 1"]
    assert await own(core, project, "f") == (["tea"], ["at five"])
    assert await core.sessions.current_ids(project.project_id) == {"f"}


async def test_a_session_that_comes_in(core: Core, project: Project, session: Session) -> None:
    content = await core.transfer.export_json(project.project_id, ["s"])
    await core.history.delete(project.project_id, "s", permanent=True)
    await cancelled_at(core, "create", asyncio.create_task(core.transfer.import_(project, content)))
    assert await core.transfer.import_(project, content) == ImportReport(0, 0, 1)
    assert await core.states.get(project.project_id, "s") == {"a": 1}
    assert await own(core, project) == (["tea"], ["at five"])


async def test_no_session_after_the_one_that_was_coming_in(core: Core, project: Project, session: Session) -> None:
    content = await core.transfer.export_json(project.project_id, None)
    for session_id in ("s", "other"):
        await core.history.delete(project.project_id, session_id, permanent=True)
    await cancelled_at(core, "create", asyncio.create_task(core.transfer.import_(project, content)))
    assert len(await core.sessions.all(project.project_id)) == 1


async def test_what_another_program_remembered_since(core: Core, project: Project, tmp_path: Path) -> None:
    path = str(kit.write_praison(tmp_path))
    await core.transfer.import_path(project, path)
    kit.grow_praison(tmp_path)
    await cancelled_at(core, "put", asyncio.create_task(core.transfer.import_path(project, path)))
    entries = (await core.memories.page(project.project_id, MemoryFilter(user_id="default"))).entries
    assert "The mate likes coffee." in [one.text for one in entries]
