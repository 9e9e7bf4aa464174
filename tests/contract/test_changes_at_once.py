"""What several clients do at the same time, and what is broken off, leaves memory and store saying the same."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from held_store import Held

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import SessionBusy
from rejoinder.services.drafting import MessageDraft
from turns_kit import said

NOTED = [MessageDraft("user", "noted"), MessageDraft("assistant", "yes")]


async def stored(core: Core, project: Project, session_id: str) -> list[str]:
    """What the store has, in the order of its coming."""
    return [one.content for one in await core.io(core.store.messages, project.project_id, session_id)]


async def test_what_was_being_written_for_a_client_that_has_gone_is_no_branch_beside_what_follows(
    core: Core, project: Project
) -> None:
    await said(core, "one", session_id="s")
    held = Held(core, "append")
    adding = asyncio.create_task(core.history.add(project.project_id, "s", NOTED))
    await held.reached.wait()
    adding.cancel()
    await asyncio.wait([adding])
    held.let_on()
    await said(core, "two", session_id="s")
    core.conversations.reloaded(project.project_id)  # as after a start
    assert await core.texts("s") == ["one", "answer 1", "noted", "yes", "two", "answer 2"]


async def test_what_is_added_and_said_at_the_same_time_follow_each_other(core: Core, project: Project) -> None:
    await said(core, "one", session_id="s")
    for number in range(10):
        adding, saying = core.history.add(project.project_id, "s", NOTED), said(core, f"{number}", session_id="s")
        added, _ = await asyncio.gather(adding, saying, return_exceptions=True)
        assert isinstance(added, SessionBusy | list)
    assert await core.texts("s") == await stored(core, project, "s")


async def test_a_project_can_be_used_whose_first_request_was_cancelled(core: Core, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    await core.project()
    go_on, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    busy = asyncio.create_task(core.io(lambda: (loop.call_soon_threadsafe(begun.set), go_on.wait())))
    await begun.wait()
    opening = asyncio.create_task(core.projects.of_folder(folder))
    while not any(one.name == "new" for one in await core.projects.all()):
        await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    go_on.set()
    await busy
    await said(core, "Hello?", project=await core.projects.of_folder(folder), session_id="s")


async def test_a_session_that_is_chosen_while_the_current_one_is_deleted_is_the_current_one(
    core: Core, project: Project
) -> None:
    chosen, *_ = [await core.sessions.create(project, session_id=name) for name in ("chosen", "newest", "gone")]
    held = Held(core, "trash")
    deleting = asyncio.create_task(core.history.delete(project.project_id, "gone"))
    await held.reached.wait()
    using: list[asyncio.Task[Any]] = []
    loop = asyncio.get_running_loop()
    # while those are read of which one is to take its place
    core.store.before["sessions"] = lambda: loop.call_soon_threadsafe(
        lambda: using.append(asyncio.ensure_future(core.sessions.use(chosen)))
    )
    held.let_on()
    await deleting
    await using[0]
    assert (await core.projects.get(project.project_id)).current["workspace"] == "chosen"


async def test_what_is_changed_while_a_project_is_linked_to_another_folder_stays(
    core: Core, project: Project, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    own = await core.projects.of_folder(moved)  # an editor has it open
    looking, go_on = asyncio.Event(), threading.Event()
    loop, fingerprint = asyncio.get_running_loop(), core.repository.fingerprint

    def slow(folder: Path) -> tuple[str | None, str | None]:
        loop.call_soon_threadsafe(looking.set)
        go_on.wait()
        return fingerprint(folder)

    core.repository.fingerprint = slow  # type: ignore[method-assign]
    linking = asyncio.create_task(core.projects.relink(project.project_id, moved))
    await looking.wait()
    new = await core.sessions.create(project, name="new")
    await core.projects.trust(project.project_id, trusted=True)
    assert await core.projects.of_folder(moved) == own
    go_on.set()
    linked = await linking
    assert (linked.trusted, linked.current["workspace"]) == (True, new.session_id)
    assert [one for one in await core.projects.all() if str(moved) in one.paths] == [linked]


async def test_a_current_session_that_was_chosen_twice_is_kept_over_a_start(
    core: Core, project: Project, tmp_path: Path
) -> None:
    chosen, _ = [await core.sessions.create(project, session_id=name) for name in ("a", "b")]
    go_on = threading.Event()
    busy = asyncio.create_task(core.io(go_on.wait))
    using = asyncio.create_task(core.sessions.use(chosen))
    while (await core.projects.get(project.project_id)).current["workspace"] != "a":
        await asyncio.sleep(0)
    using.cancel()
    await asyncio.wait([using])
    go_on.set()
    await busy
    await core.sessions.use(chosen)
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    current = (await again.projects.get(project.project_id)).current["workspace"]
    await again.close()
    assert current == "a"
