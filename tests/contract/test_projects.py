import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from held_store import Held

from core import Core
from fakes import FakeRepository
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput, NotFound, StorageFull
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.knowledge import Addition
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryDraft
from rejoinder.services.projects import NO_PROJECT, Projects


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    made = tuple(tmp_path / name for name in ("one", "two", "three"))
    for folder in made:
        folder.mkdir()
    return made  # type: ignore[return-value]


async def test_a_folder_is_one_project_whoever_asks(core: Core, folders: tuple[Path, ...]) -> None:
    found = await asyncio.gather(*(core.projects.of_folder(folders[0]) for _ in range(5)))
    assert len({project.project_id for project in found}) == 1
    assert found[0].name == "one"
    assert found[0].paths == (str(folders[0].resolve()),)


async def test_a_folder_that_is_looked_up_while_its_project_comes_from_elsewhere_is_that_one(
    core: Core, folders: tuple[Path, ...]
) -> None:
    reached, let_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    class SlowRepository(FakeRepository):
        def fingerprint(self, folder: Path) -> tuple[str | None, str | None]:
            """As the port says, when the test lets it."""
            loop.call_soon_threadsafe(reached.set)
            let_on.wait(60)
            return super().fingerprint(folder)

    projects = Projects(core.store, core.io, SlowRepository(), core.world)
    opening = asyncio.create_task(projects.of_folder(folders[0]))
    await asyncio.wait_for(reached.wait(), 60)
    archived = Project(project_id="p", name="one", paths=(str(folders[0]),), created_at=core.world.now())
    coming = asyncio.create_task(projects.adopt(archived))
    await core.io(int)
    let_on.set()
    await opening
    assert await coming
    assert (await projects.of_folder(folders[0])).project_id == "p"
    assert [one.project_id for one in await projects.all() if one.paths] == ["p"]


async def test_a_link_to_a_folder_is_the_same_project(core: Core, folders: tuple[Path, ...], tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folders[0])
    assert (await core.projects.of_folder(link)).project_id == (await core.projects.of_folder(folders[0])).project_id


async def test_without_a_folder_there_is_one_project_too(core: Core) -> None:
    one, other = await core.projects.of_folder(None), await core.projects.of_folder(None)
    assert one == other
    assert (one.project_id, one.paths) == (NO_PROJECT, ())


async def test_a_moved_repository_is_found_again(core: Core, folders: tuple[Path, ...]) -> None:
    for folder in folders:
        core.repository.prints[folder] = ("c0ffee", "")
    before = await core.projects.of_folder(folders[0])
    folders[0].rmdir()
    after = await core.projects.of_folder(folders[1])
    assert after.project_id == before.project_id
    assert after.paths == (str(folders[1]), str(folders[0]))


async def test_what_is_found_by_its_fingerprint_has_to_be_trusted_anew(core: Core, folders: tuple[Path, ...]) -> None:
    for folder in folders:
        core.repository.prints[folder] = ("c0ffee", "")
    before = await core.projects.of_folder(folders[0])
    await core.projects.trust(before.project_id, trusted=True)
    folders[0].rmdir()
    after = await core.projects.of_folder(folders[1])
    assert (after.project_id, after.trusted) == (before.project_id, False)


async def test_a_folder_of_a_project_with_sessions_is_not_taken_unless_asked(
    core: Core, folders: tuple[Path, ...]
) -> None:
    old, other = [await core.projects.of_folder(folder) for folder in folders[:2]]
    await core.sessions.create(other, session_id="s")
    with pytest.raises(InvalidInput) as caught:
        await core.projects.relink(old.project_id, folders[1])
    assert caught.value.data["key"] == "path"
    assert (await core.projects.of_folder(folders[1])).project_id == other.project_id
    await core.projects.relink(old.project_id, folders[1], replace=True)
    assert (await core.projects.of_folder(folders[1])).project_id == old.project_id
    assert await core.sessions.get(other.project_id, "s")


async def trash_one(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s")
    await core.history.delete(project.project_id, "s")


async def remember_two(core: Core, project: Project) -> None:
    for text in ("The pool is shared.", "Connections are lent."):
        await core.memories.add(project.project_id, "default", MemoryDraft(text=text), Origin(), config=RecallConfig())


async def learn_one(core: Core, project: Project) -> None:
    addition = Addition(project_id=project.project_id, source="The tea is at five.", kind="text", folder=None)
    await core.knowledge.add(addition, lambda *_: None)


@pytest.mark.parametrize(
    ("fill", "told"),
    [
        (trash_one, "1 session in the trash"),
        (remember_two, "2 entries of memory"),
        (learn_one, "1 document of knowledge"),
    ],
)
async def test_nor_is_that_of_a_project_that_holds_something_else(
    core: Core, folders: tuple[Path, ...], fill: Callable[[Core, Project], Awaitable[None]], told: str
) -> None:
    old, other = [await core.projects.of_folder(folder) for folder in folders[:2]]
    await fill(core, other)
    with pytest.raises(InvalidInput, match=f"which has {told}") as caught:
        await core.projects.relink(old.project_id, folders[1])
    assert caught.value.data["key"] == "path"
    assert (await core.projects.of_folder(folders[1])).project_id == other.project_id
    await core.projects.relink(old.project_id, folders[1], replace=True)
    assert (await core.projects.of_folder(folders[1])).project_id == old.project_id


async def test_a_clone_beside_its_origin_is_a_project_of_its_own(core: Core, folders: tuple[Path, ...]) -> None:
    for folder in folders:
        core.repository.prints[folder] = ("c0ffee", "")
    assert (await core.projects.of_folder(folders[0])).project_id != (
        await core.projects.of_folder(folders[1])
    ).project_id


async def test_of_two_that_are_gone_neither_is_taken(core: Core, folders: tuple[Path, ...]) -> None:
    for folder in folders:
        core.repository.prints[folder] = ("c0ffee", "")
    known = {(await core.projects.of_folder(folder)).project_id for folder in folders[:2]}
    for folder in folders[:2]:
        folder.rmdir()
    assert (await core.projects.of_folder(folders[2])).project_id not in known


@pytest.mark.parametrize("other", [("c0ffee", "inner"), ("beef", ""), (None, None)])
async def test_another_fingerprint_is_another_project(
    core: Core, folders: tuple[Path, ...], other: tuple[str | None, str | None]
) -> None:
    core.repository.prints[folders[0]] = ("c0ffee", "")
    core.repository.prints[folders[1]] = other
    before = await core.projects.of_folder(folders[0])
    folders[0].rmdir()
    assert (await core.projects.of_folder(folders[1])).project_id != before.project_id


async def test_folders_without_a_repository_never_fit_by_fingerprint(core: Core, folders: tuple[Path, ...]) -> None:
    before = await core.projects.of_folder(folders[0])
    folders[0].rmdir()
    assert (await core.projects.of_folder(folders[1])).project_id != before.project_id


async def test_relinking_moves_a_project_and_takes_the_folder_from_another(
    core: Core, folders: tuple[Path, ...]
) -> None:
    old, mistaken = [await core.projects.of_folder(folder) for folder in folders[:2]]
    linked = await core.projects.relink(old.project_id, folders[1])
    assert linked.paths == (str(folders[1]), str(folders[0]))
    assert (await core.projects.of_folder(folders[1])).project_id == old.project_id
    assert (await core.projects.get(mistaken.project_id)).paths == ()


async def test_a_project_without_a_folder_takes_no_clone(core: Core, folders: tuple[Path, ...]) -> None:
    for folder in folders:
        core.repository.prints[folder] = ("c0ffee", "")
    old, mistaken = [await core.projects.of_folder(folder) for folder in folders[:2]]
    await core.projects.relink(old.project_id, folders[1])
    assert (await core.projects.of_folder(folders[2])).project_id not in (old.project_id, mistaken.project_id)


async def test_relinking_to_what_is_no_folder_is_refused(core: Core, project: Project, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        await core.projects.relink(project.project_id, tmp_path / "nowhere")
    with pytest.raises(NotFound):
        await core.projects.relink("nobody", tmp_path)


async def test_everything_is_there_after_a_restart(core: Core, project: Project, tmp_path: Path) -> None:
    await core.projects.trust(project.project_id, trusted=True)
    await core.projects.set_current(project.project_id, "workspace", "s1")
    await core.projects.set_current(project.project_id, "none", "s2")
    await core.projects.set_current(project.project_id, "none", None)
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    found = await again.project()
    assert (found.project_id, found.trusted, found.current) == (project.project_id, True, {"workspace": "s1"})
    await again.close()


async def test_what_could_not_be_stored_is_not_believed(core: Core, project: Project) -> None:
    core.store.faults_at["put_project"] = StorageFull("x")
    with pytest.raises(StorageFull):
        await core.projects.set_current(project.project_id, "workspace", "s1")
    assert (await core.projects.get(project.project_id)).current == {}
    core.store.faults_at.clear()
    await core.projects.set_current(project.project_id, "workspace", "s1")
    assert core.store.projects()[0].current == {"workspace": "s1"}


async def test_changes_at_once_all_count(core: Core, project: Project) -> None:
    await asyncio.gather(*(core.projects.set_current(project.project_id, f"file:{n}", f"s{n}") for n in range(8)))
    assert len(core.store.projects()[0].current) == 8


@pytest.mark.parametrize("way", ["relink", "adopt"])
async def test_what_changes_while_a_folder_is_taken_over_is_kept(
    core: Core, folders: tuple[Path, ...], way: str
) -> None:
    projects = core.projects
    old, other = [await projects.of_folder(folder) for folder in folders[:2]]
    held = Held(core, "sessions")
    if way == "relink":
        taking = asyncio.create_task(projects.relink(old.project_id, folders[1]))
    else:
        coming = Project(project_id="p", name="two", paths=other.paths, created_at=core.world.now())
        taking = asyncio.create_task(projects.adopt(coming))
    await asyncio.wait_for(held.reached.wait(), 60)
    using = asyncio.create_task(projects.set_current(other.project_id, "workspace", "s"))
    await asyncio.sleep(0)
    held.let_on()
    await asyncio.gather(taking, using)
    after = await projects.get(other.project_id)
    assert (after.paths, after.current) == ((), {"workspace": "s"})
