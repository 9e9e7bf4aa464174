import asyncio
from datetime import timedelta

import attrs
import pytest
from held_store import Held

from core import Core
from fakes import FIRST_MOMENT, Gate, hit
from rejoinder.domain.conversation import ForkOrigin, Project
from rejoinder.domain.errors import InvalidInput, NotFound, SessionBusy, SessionNotFound, StorageFull
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.running import RunningTurn


async def filled(core: Core, project: Project, count: int, session_id: str = "s1") -> list[str]:
    """A session with messages 0, 1, 2, …; answers their IDs."""
    await core.sessions.create(project, session_id=session_id)
    drafts = [MessageDraft("assistant" if n % 2 else "user", str(n)) for n in range(count)]
    return await core.history.add(project.project_id, session_id, drafts)


async def contents(core: Core, project: Project, session_id: str = "s1", **wanted: object) -> list[str]:
    page = await core.history.page(project.project_id, session_id, **wanted)  # type: ignore[arg-type]
    return [placed.message.content for placed in page.messages]


async def running(core: Core, session_id: str = "s1") -> tuple[RunningTurn, Gate]:
    """A turn that stands at a gate."""
    gate = Gate()
    core.model.script(gate)
    turn = await core.turns.begin(await core.request("wait", session_id=session_id))
    assert isinstance(turn, RunningTurn)
    turn.released.set()
    await gate.reached.wait()
    return turn, gate


async def test_added_messages_go_to_the_end(core: Core, project: Project) -> None:
    await filled(core, project, 3)
    added = await core.history.add(project.project_id, "s1", [MessageDraft("assistant", "3")])
    assert await contents(core, project) == ["0", "1", "2", "3"]
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.message_count, session.head, session.revision) == (4, added[0], 2)
    assert core.publisher.kinds("s1") == ["created", "message", "message"]


async def test_adding_nothing_changes_nothing(core: Core, project: Project) -> None:
    await filled(core, project, 1)
    assert await core.history.add(project.project_id, "s1", []) == []
    assert (await core.sessions.get(project.project_id, "s1")).revision == 1


async def test_messages_added_at_once_are_all_on_the_path(core: Core, project: Project) -> None:
    await filled(core, project, 0)
    await asyncio.gather(
        *(core.history.add(project.project_id, "s1", [MessageDraft("user", str(n))]) for n in range(6))
    )
    assert sorted(await contents(core, project)) == ["0", "1", "2", "3", "4", "5"]
    assert (await core.sessions.get(project.project_id, "s1")).message_count == 6


async def test_pages_lead_back_to_the_beginning(core: Core, project: Project) -> None:
    await filled(core, project, 7)
    page = await core.history.page(project.project_id, "s1", limit=3)
    assert [p.message.content for p in page.messages] == ["4", "5", "6"]
    page = await core.history.page(project.project_id, "s1", limit=3, before=page.next_cursor)
    assert [p.message.content for p in page.messages] == ["1", "2", "3"]
    page = await core.history.page(project.project_id, "s1", limit=3, before=page.next_cursor)
    assert [p.message.content for p in page.messages] == ["0"]
    assert page.next_cursor is None


async def test_a_page_that_ends_at_the_first_message_has_no_cursor(core: Core, project: Project) -> None:
    ids = await filled(core, project, 3)
    page = await core.history.page(project.project_id, "s1", limit=3)
    assert (len(page.messages), page.next_cursor) == (3, None)
    assert (await core.history.page(project.project_id, "s1", before=ids[0])).messages == []


async def test_pages_hold_while_messages_come(core: Core, project: Project) -> None:
    await filled(core, project, 4)
    first = await core.history.page(project.project_id, "s1", limit=2)
    await core.history.add(project.project_id, "s1", [MessageDraft("user", "new")])
    assert await contents(core, project, before=first.next_cursor, limit=2) == ["0", "1"]


async def test_a_cursor_that_is_no_message_is_refused(core: Core, project: Project) -> None:
    await filled(core, project, 1)
    with pytest.raises(NotFound):
        await core.history.page(project.project_id, "s1", before="nothing")


async def test_rolled_back_messages_stay_as_siblings(core: Core, project: Project) -> None:
    ids = await filled(core, project, 4)
    back = await core.history.rollback(project.project_id, "s1", ids[1])
    assert (back.head, back.message_count) == (ids[1], 2)
    assert await contents(core, project) == ["0", "1"]
    (other,) = await core.history.add(project.project_id, "s1", [MessageDraft("user", "other")])
    page = await core.history.page(project.project_id, "s1")
    assert page.messages[-1].siblings == (ids[2], other)
    again = await core.history.rollback(project.project_id, "s1", ids[3])
    assert again.message_count == 4
    assert await contents(core, project) == ["0", "1", "2", "3"]
    there = await core.history.rollback(project.project_id, "s1", other, latest=True)
    assert (there.head, there.message_count) == (other, 3)
    here = await core.history.rollback(project.project_id, "s1", ids[2], latest=True)
    assert (here.head, here.message_count) == (ids[3], 4)


async def test_rolling_back_to_what_is_not_there_changes_nothing(core: Core, project: Project) -> None:
    await filled(core, project, 2)
    with pytest.raises(NotFound):
        await core.history.rollback(project.project_id, "s1", "nothing")
    assert await contents(core, project) == ["0", "1"]


async def test_a_fork_is_whole_by_itself(core: Core, project: Project) -> None:
    ids = await filled(core, project, 4)
    await core.sessions.update(project.project_id, "s1", {"draft": "d", "pinned": True, "system": "be kind"})
    fork = await core.history.fork(project, "s1", message_id=ids[1], new_session_id="f1")
    assert fork.forked_from == ForkOrigin("s1", ids[1])
    assert (fork.message_count, fork.head, fork.revision) == (2, ids[1], 0)
    assert (fork.draft, fork.pinned, fork.system) == (None, False, "be kind")
    assert fork.name.endswith(" (fork)")
    assert await core.sessions.current(project, "workspace", None) == fork
    await core.history.delete(project.project_id, "s1", permanent=True)
    assert await contents(core, project, "f1") == ["0", "1"]
    await core.history.add(project.project_id, "f1", [MessageDraft("user", "on")])
    assert await contents(core, project, "f1") == ["0", "1", "on"]


async def test_a_fork_of_all_and_of_nothing(core: Core, project: Project) -> None:
    await filled(core, project, 2)
    assert (await core.history.fork(project, "s1", name="mine")).name == "mine"
    await filled(core, project, 0, "empty")
    fork = await core.history.fork(project, "empty")
    assert (fork.message_count, fork.head, fork.forked_from) == (0, None, ForkOrigin("empty", None))


async def test_a_fork_that_cannot_be_is_refused(core: Core, project: Project) -> None:
    await filled(core, project, 1)
    with pytest.raises(NotFound):
        await core.history.fork(project, "s1", message_id="nothing")
    with pytest.raises(InvalidInput, match="taken"):
        await core.history.fork(project, "s1", new_session_id="s1")
    with pytest.raises(InvalidInput, match="newSessionId"):
        await core.history.fork(project, "s1", new_session_id="../x")
    with pytest.raises(SessionNotFound):
        await core.history.fork(project, "s9")


async def test_clearing_forgets_all_but_what_the_system_said(core: Core, project: Project) -> None:
    await core.sessions.create(
        project,
        session_id="s1",
        system="be kind",
        messages=[MessageDraft("system", "rule"), MessageDraft("user", "secret words"), MessageDraft("system", "more")],
    )
    await core.sessions.update(project.project_id, "s1", {"draft": "d"})
    cleared = await core.history.clear(project.project_id, "s1")
    assert (cleared.message_count, cleared.draft, cleared.system) == (2, None, "be kind")
    assert await contents(core, project) == ["rule", "more"]
    cleared = await core.history.clear(project.project_id, "s1", keep_system=False)
    assert (cleared.message_count, cleared.head, cleared.system) == (0, None, None)
    assert await contents(core, project) == []


async def test_what_was_cleared_is_gone_from_the_disk(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1", messages=[MessageDraft("user", "unforgettable")])
    files = [path for path in core.folder.parent.rglob("*") if path.is_file()]
    assert any(b"unforgettable" in path.read_bytes() for path in files)
    core.recall_index.hits = [hit("said", source="message")]
    await core.history.clear(project.project_id, "s1")
    files = [path for path in core.folder.parent.rglob("*") if path.is_file()]
    assert not any(b"unforgettable" in path.read_bytes() for path in files)
    assert core.recall_index.removed[-1] == (project.project_id, "message", "s1")


async def test_a_rename_during_clearing_is_kept(core: Core, project: Project) -> None:
    await filled(core, project, 2)
    await asyncio.gather(
        core.history.clear(project.project_id, "s1"),
        core.sessions.update(project.project_id, "s1", {"name": "mine"}),
    )
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.name, session.message_count, session.revision) == ("mine", 0, 3)


async def test_while_a_turn_runs_the_history_is_left_alone(core: Core, project: Project) -> None:
    ids = await filled(core, project, 2)
    turn, gate = await running(core)
    for call in (
        core.history.add(project.project_id, "s1", [MessageDraft("user", "x")]),
        core.history.clear(project.project_id, "s1"),
        core.history.rollback(project.project_id, "s1", ids[0]),
    ):
        with pytest.raises(SessionBusy) as caught:
            await call
        assert caught.value.data == {"turnId": turn.address.turn_id}
    gate.opened.set()
    await turn.result()
    assert len(await contents(core, project)) == 4


async def test_the_trash_gives_back_what_it_got(core: Core, project: Project) -> None:
    await filled(core, project, 2)
    await core.states.set(project.project_id, "s1", {"k": 1})
    await core.history.delete(project.project_id, "s1")
    with pytest.raises(SessionNotFound):
        await core.sessions.get(project.project_id, "s1")
    assert await core.sessions.all(project.project_id) == []
    restored = await core.history.restore(project.project_id, "s1")
    assert restored.deleted_at is None
    assert await contents(core, project) == ["0", "1"]
    assert await core.states.get(project.project_id, "s1") == {"k": 1}
    assert core.publisher.kinds("s1")[-2:] == ["deleted", "created"]


async def test_restoring_what_is_not_in_the_trash_is_refused(core: Core, project: Project) -> None:
    await filled(core, project, 1)
    with pytest.raises(InvalidInput, match="not in the trash"):
        await core.history.restore(project.project_id, "s1")
    with pytest.raises(SessionNotFound):
        await core.history.restore(project.project_id, "s9")


async def test_deleting_twice_is_not_found_and_for_good_reaches_into_the_trash(core: Core, project: Project) -> None:
    await filled(core, project, 1)
    await core.history.delete(project.project_id, "s1")
    with pytest.raises(SessionNotFound):
        await core.history.delete(project.project_id, "s1")
    await core.history.delete(project.project_id, "s1", permanent=True)
    with pytest.raises(SessionNotFound):
        await core.history.restore(project.project_id, "s1")
    assert await filled(core, project, 1)


async def test_the_place_of_a_deleted_current_session_is_taken_by_the_newest_of_its_scope(
    core: Core, project: Project
) -> None:
    for session_id in ("a", "b", "c"):
        await core.sessions.create(project, session_id=session_id)
    await core.sessions.create(project, session_id="f", scope="file", uri="file:///a")
    await core.sessions.update(project.project_id, "a", {"label": "touched"})
    await core.sessions.update(project.project_id, "b", {"archived": True})
    await core.history.delete(project.project_id, "c")
    current = await core.sessions.current(project, "workspace", None)
    assert current is not None
    assert current.session_id == "a"
    await core.history.delete(project.project_id, "a")
    assert await core.sessions.current(project, "workspace", None) is None
    await core.history.delete(project.project_id, "f", permanent=True)
    assert await core.sessions.current(project, "file", "file:///a") is None


async def test_deleting_another_session_leaves_the_current_one(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="a")
    await core.sessions.create(project, session_id="b")
    await core.history.delete(project.project_id, "a")
    assert await core.sessions.current_ids(project.project_id) == {"b"}


async def test_deleting_stops_the_turn_and_those_that_wait(core: Core, project: Project) -> None:
    await filled(core, project, 0)
    turn, _ = await running(core)
    waiting = await core.turns.begin(await core.request("next", session_id="s1", queue=True))
    assert isinstance(waiting, RunningTurn)
    waiting.released.set()
    await core.history.delete(project.project_id, "s1")
    assert (await turn.result()).stop_reason == "cancelled"
    assert (await waiting.result()).stop_reason == "cancelled"
    assert core.turns.running_in(project.project_id, "s1") is None


async def test_the_trash_is_emptied_of_what_is_old(core: Core, project: Project) -> None:
    moment = FIRST_MOMENT
    world = attrs.evolve(core.world, now=lambda: moment)
    core.conversations.world = world
    for session_id in ("old", "new", "kept"):
        await core.sessions.create(project, session_id=session_id)
    await core.history.delete(project.project_id, "old")
    moment += timedelta(days=6)
    await core.history.delete(project.project_id, "new")
    moment += timedelta(days=2)
    assert await core.history.empty_trash(7) == 1
    assert [session.session_id for session in core.store.trashed(project.project_id)] == ["new"]
    assert len(await core.sessions.all(project.project_id)) == 1


async def test_a_full_disk_leaves_everything_as_it_was(core: Core, project: Project) -> None:
    await filled(core, project, 2)
    before = await core.sessions.get(project.project_id, "s1")
    for method in ("append", "replace", "trash", "create"):
        core.store.faults_at[method] = StorageFull("x")
    for call in (
        core.history.add(project.project_id, "s1", [MessageDraft("user", "x")]),
        core.history.clear(project.project_id, "s1"),
        core.history.delete(project.project_id, "s1"),
        core.history.fork(project, "s1", new_session_id="f1"),
    ):
        with pytest.raises(StorageFull):
            await call
    assert await contents(core, project) == ["0", "1"]
    assert await core.sessions.get(project.project_id, "s1") == before
    assert await core.sessions.current_ids(project.project_id) == {"s1"}


async def test_a_session_that_is_begun_anew_is_told_of_after_the_one_that_went(core: Core, project: Project) -> None:
    await filled(core, project, 2, session_id="other")
    await filled(core, project, 2)
    core.publisher.changes.clear()
    held = Held(core, "purge")
    deleting = asyncio.create_task(core.history.delete(project.project_id, "s1", permanent=True))
    await held.reached.wait()
    beginning = asyncio.create_task(core.sessions.get_or_create(project, "s1", scope="workspace", uri=None))
    await asyncio.sleep(0)
    held.let_on()
    await asyncio.gather(deleting, beginning)
    assert core.publisher.kinds("s1") == ["deleted", "created"]
    assert await core.sessions.current_ids(project.project_id) == {"s1"}
