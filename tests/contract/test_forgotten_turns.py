"""What `/remember` turns say is gone with the entry: from the session, its forks and the trash, in every store."""

from pathlib import Path

import attrs
import pytest
from test_remembering import remembered, turn

from core import Core
from fakes import FIRST_MOMENT
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import InvalidInput, StorageFull
from rejoinder.domain.memory import DEFAULT_USER
from rejoinder.domain.summaries import Summary
from rejoinder.domain.titles import title_of
from rejoinder.services.memory_requests import MemoryChange, MemoryFilter
from rejoinder.services.remembered_turns import ASKED, CONFIRMED

SAID = "the vault opens with marzipan"


@pytest.fixture
def core(core_of_each_store: Core) -> Core:
    return core_of_each_store


@pytest.fixture
async def entry(core: Core, project: Project) -> str:
    """The entry of a text that is remembered in `s`, with forks, one of them and another session in the trash."""
    await turn(core, "hello", session_id="s")
    await turn(core, f"/remember {SAID}", session_id="s", uri="file:///a")
    await turn(core, f"/remember {SAID}", session_id="again")
    for name in ("fork", "fork-in-trash"):
        await core.history.fork(project, "s", new_session_id=name)
    for name in ("fork-in-trash", "again"):
        await core.history.delete(project.project_id, name)
    session = await core.sessions.get(project.project_id, "s")
    summary = Summary(text=f"He said {SAID}", through=str(session.head), created_at=FIRST_MOMENT, model="m")
    await core.io(core.conversations.store.put_summary, session, summary)
    (found,) = (await core.memories.page(project.project_id, MemoryFilter(user_id=DEFAULT_USER))).entries
    return found.memory_id


async def said(core: Core, project: Project) -> dict[str, list[str]]:
    """All that the sessions say, those in the trash too, which are left there."""
    store = core.conversations.store
    trashed: list[Session] = await core.io(store.trashed, project.project_id)
    texts = {}
    for session in [*await core.sessions.all(project.project_id), *trashed]:
        if session in trashed:
            await core.history.restore(project.project_id, session.session_id)
        messages = await core.io(store.messages, project.project_id, session.session_id)
        texts[session.session_id] = [message.content for message in messages]
        summaries = await core.io(store.summaries, project.project_id, session.session_id)
        texts[session.session_id] += [summary.text for summary in summaries]
        if session in trashed:
            await core.history.delete(project.project_id, session.session_id)
    return texts


def holds(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.mark.parametrize("way", ["deleted", "cleared"])
async def test_what_is_forgotten_is_gone_wherever_it_was_said(
    core: Core, project: Project, entry: str, tmp_path: Path, way: str
) -> None:
    trashed = {one.session_id for one in await core.sessions.trashed(project.project_id)}
    if way == "deleted":
        await core.memories.delete(project.project_id, DEFAULT_USER, entry)
    else:
        assert await core.memories.clear(project.project_id, MemoryFilter(user_id=DEFAULT_USER)) == 1
    assert await remembered(core, project) == []
    assert {one.session_id for one in await core.sessions.trashed(project.project_id)} == trashed
    assert not holds(tmp_path, "marzipan")
    hello = ["hello", "answer 1"]
    forgotten = [ASKED, CONFIRMED]
    assert await said(core, project) == {
        "s": [*hello, *forgotten],
        "again": forgotten,
        "fork": [*hello, *forgotten],
        "fork-in-trash": [*hello, *forgotten],
    }
    assert await core.texts("s") == [*hello, *forgotten]
    await turn(core, "where is the vault?", session_id="s")
    assert not any("marzipan" in message.content for message in core.model.prompts[-1].messages)


async def test_what_is_corrected_is_gone_as_it_was(core: Core, project: Project, entry: str, tmp_path: Path) -> None:
    change = MemoryChange(text="the vault has no password")
    await core.memories.update(project.project_id, DEFAULT_USER, entry, change)
    assert not holds(tmp_path, "marzipan")
    assert (await core.texts("s"))[2:] == [ASKED, CONFIRMED]
    assert [text for text, _ in await remembered(core, project)] == [change.text]


async def test_another_correction_leaves_the_conversation_alone(core: Core, project: Project, entry: str) -> None:
    before = await said(core, project)
    await core.memories.update(project.project_id, DEFAULT_USER, entry, MemoryChange(quality=1.0))
    assert await said(core, project) == before and SAID in before["s"][2]


@pytest.mark.parametrize("text", [SAID, "the vault has no password"])
async def test_a_refused_correction_leaves_the_conversation_alone(
    core: Core, project: Project, entry: str, text: str
) -> None:
    before = await said(core, project)
    with pytest.raises(InvalidInput):
        change = MemoryChange(text=text, quality=7.0)
        await core.memories.update(project.project_id, DEFAULT_USER, entry, change)
    await core.memories.update(project.project_id, DEFAULT_USER, entry, MemoryChange(text=SAID))
    assert await said(core, project) == before


async def test_what_is_said_again_while_it_is_forgotten_does_not_bring_it_back(
    core: Core, project: Project, entry: str
) -> None:
    known = await core.memories.get(project.project_id, DEFAULT_USER, entry)
    await core.memories.delete(project.project_id, DEFAULT_USER, entry)
    assert not await core.memories.said_again(project.project_id, known, "s")
    assert await remembered(core, project) == []


async def test_a_session_in_the_trash_loses_the_name_that_it_took_from_what_is_forgotten(
    core: Core, project: Project, entry: str
) -> None:
    store, name = core.conversations.store, title_of(f"/remember {SAID}")
    assert name is not None
    named = await core.io(store.session, project.project_id, "s")
    await core.io(store.put, attrs.evolve(named, name=name))
    await core.history.fork(project, "s", new_session_id="named")
    await core.history.delete(project.project_id, "s")
    await core.memories.delete(project.project_id, DEFAULT_USER, entry)
    (trashed,) = (one for one in await core.sessions.trashed(project.project_id) if one.session_id == "s")
    fork = await core.sessions.get(project.project_id, "named")
    assert "marzipan" not in trashed.name + fork.name and trashed.deleted_at is not None


async def test_an_answer_that_was_remembered_stays_and_its_confirmation_goes(core: Core, project: Project) -> None:
    await turn(core, "hello", session_id="s")
    await turn(core, "/remember", session_id="s")
    await core.memories.clear(project.project_id, MemoryFilter(user_id=DEFAULT_USER))
    assert await core.texts("s") == ["hello", "answer 1", "/remember", CONFIRMED]


async def test_what_others_remember_stays_said(core: Core, project: Project) -> None:
    await turn(core, "/remember one thing", session_id="s")
    await turn(core, "/remember another thing", session_id="s")
    one = (await core.memories.page(project.project_id, MemoryFilter(user_id=DEFAULT_USER))).entries[-1]
    await core.memories.delete(project.project_id, DEFAULT_USER, one.memory_id)
    texts = await core.texts("s")
    assert texts[:3] == [ASKED, CONFIRMED, "/remember another thing"]
    assert (await turn(core, "", session_id="s", parent_id=None, action="explain")).text == "answer 1"


async def test_a_failure_leaves_it_to_be_forgotten_again(core: Core, project: Project, entry: str) -> None:
    core.store.faults_at["replace"] = StorageFull("/data")
    with pytest.raises(StorageFull):
        await core.memories.delete(project.project_id, DEFAULT_USER, entry)
    assert len(await remembered(core, project)) == 1
    del core.store.faults_at["replace"]
    await core.memories.delete(project.project_id, DEFAULT_USER, entry)
    assert all(SAID not in text for texts in (await said(core, project)).values() for text in texts)


async def test_a_session_is_not_called_by_what_is_to_be_remembered(core: Core, project: Project) -> None:
    await turn(core, f"/remember {SAID}", session_id=(await core.sessions.create(project)).session_id)
    (session,) = await core.sessions.all(project.project_id)
    assert session.name.startswith("Session ") and not session.titled
    await turn(core, "and now?", session_id=session.session_id)
    assert (await core.sessions.all(project.project_id))[0].name == "and now?"
