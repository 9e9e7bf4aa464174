import asyncio
import errno
import os
import stat
import threading
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from itertools import count
from pathlib import Path

import attrs
import orjson
import pytest
from held_store import cancelled_at

from core import Core
from fakes import ticking_world
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.adapters.zip_files import MANIFEST
from rejoinder.domain.conversation import Attachment, Project
from rejoinder.domain.errors import InvalidInput, SessionBusy, StorageFull
from rejoinder.domain.memory import Memory
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.summaries import Summary
from rejoinder.services.backups import Backups, Restored
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.knowledge import Addition
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryChange, MemoryDraft
from turns_kit import at_gate, said

PICTURE = b"picture"
PICTURE_ID = sha256(PICTURE).hexdigest()


class HeldArchives(ZipArchives):
    """Archives whose writing takes as long as a test needs; `writing` says that it has begun."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, program="1.2.3")
        self.loop = asyncio.get_running_loop()
        self.writing = asyncio.Event()
        self.let_on = threading.Event()

    def write(self, snapshot: Path, target: Path, stopped: Callable[[], bool] = lambda: False) -> int:
        """As the port says."""
        self.loop.call_soon_threadsafe(self.writing.set)
        self.let_on.wait(10)
        return super().write(snapshot, target, stopped)


def backups_of(core: Core, data: Path, archives: ZipArchives | None = None) -> Backups:
    transfer = core.transfer
    archives = archives or ZipArchives(data, program="1.2.3")
    changed = (core.memories.reloaded, core.knowledge.reloaded, core.recalling.reloaded)
    return Backups(
        *(core.conversations, core.projects, core.history, transfer, core.running, archives),
        records_changed=lambda project_id: [tell(project_id) for tell in changed] and None,
    )


@pytest.fixture
def backups(core: Core, tmp_path: Path) -> Backups:
    return backups_of(core, tmp_path / "data")


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[Core, Backups]]:
    """Another data folder, as on another computer."""
    folder = tmp_path / "there"
    folder.mkdir()
    ids = count(1)
    world = attrs.evolve(ticking_world(), new_id=lambda: f"there{next(ids)}")
    core = Core(TinyDbHistory(tmp_path / "other data"), folder, world=world)
    yield core, backups_of(core, tmp_path / "other data")
    await core.close()


async def filled(core: Core, project: Project) -> None:
    """A session with everything that there is, one in the trash, and one in the project of no folder."""
    first = MessageDraft("user", "why?", attachments=(Attachment("file:///p.png", digest=PICTURE_ID),))
    session = await core.sessions.create(
        project, session_id="s", name="Plans", system="kind", messages=[first, MessageDraft("assistant", "so")]
    )
    await core.io(core.store.attach, project.project_id, "s", PICTURE)
    await core.states.set(project.project_id, "s", {"a": [1]})
    summary = Summary(through=session.head or "", text="short", model="m", created_at=core.world.now())
    await core.io(core.store.put_summary, session, summary)
    await core.sessions.create(project, session_id="gone", messages=[MessageDraft("user", "trashed")])
    await core.history.delete(project.project_id, "gone")
    await core.sessions.create(await core.projects.of_folder(None), session_id="free")


async def exported(core: Core, project_id: str) -> bytes:
    transfer = core.transfer
    return orjson.dumps(orjson.loads(await transfer.export_json(project_id, None)), option=orjson.OPT_SORT_KEYS)


async def test_what_is_lost_comes_back_as_it_was(
    core: Core, project: Project, backups: Backups, elsewhere: tuple[Core, Backups], tmp_path: Path
) -> None:
    await filled(core, project)
    other, there = elsewhere
    made = await backups.create(str(tmp_path / "all.zip"))
    assert (made.projects, made.sessions, made.bytes) == (2, 3, (tmp_path / "all.zip").stat().st_size)
    assert stat.S_IMODE((tmp_path / "all.zip").stat().st_mode) == 0o600
    assert await there.restore(str(tmp_path / "all.zip")) == Restored(2, 3, 0, 0, None)
    for project_id in (project.project_id, "default"):
        assert await exported(other, project_id) == await exported(core, project_id)
    assert other.store.attachment(project.project_id, "s", PICTURE_ID) == PICTURE
    assert other.store.summaries(project.project_id, "s") == core.store.summaries(project.project_id, "s")
    assert other.store.trashed(project.project_id) == core.store.trashed(project.project_id)
    assert await there.restore(str(tmp_path / "all.zip")) == Restored(0, 0, 0, 3, None)
    assert not list(tmp_path.glob("*data/*-*/"))


async def test_a_project_that_comes_in_is_found_by_its_folder_and_not_trusted(
    core: Core, project: Project, backups: Backups, elsewhere: tuple[Core, Backups], tmp_path: Path
) -> None:
    await core.projects.trust(project.project_id, trusted=True)
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    other, there = elsewhere
    await there.restore(str(tmp_path / "all.zip"))
    found = await other.projects.of_folder(core.folder)
    assert (found.project_id, found.trusted) == (project.project_id, False)


async def test_a_folder_that_is_a_project_here_stays_that_one(
    core: Core, project: Project, backups: Backups, elsewhere: tuple[Core, Backups], tmp_path: Path
) -> None:
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    other, there = elsewhere
    mine = await other.projects.of_folder(core.folder)
    await other.sessions.create(mine, session_id="mine")
    mine = await other.projects.of_folder(core.folder)
    await there.restore(str(tmp_path / "all.zip"))
    assert await other.projects.of_folder(core.folder) == mine
    assert (await other.projects.get(project.project_id)).paths == ()


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_folder_that_was_only_opened_here_is_the_archives(
    core: Core, project: Project, backups: Backups, elsewhere: tuple[Core, Backups], tmp_path: Path, trusted: bool
) -> None:
    await filled(core, project)
    await core.projects.trust(project.project_id, trusted=not trusted)
    await backups.create(str(tmp_path / "all.zip"))
    other, there = elsewhere
    opened = await other.projects.of_folder(core.folder)
    await other.projects.trust(opened.project_id, trusted=trusted)
    await there.restore(str(tmp_path / "all.zip"))
    found = await other.projects.of_folder(core.folder)
    assert (found.project_id, found.trusted) == (project.project_id, trusted)
    assert (await other.projects.get(opened.project_id)).paths == ()


async def test_what_is_here_is_replaced_only_when_asked_and_kept(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await filled(core, project)
    archive = str(tmp_path / "all.zip")
    await backups.create(archive)
    await core.history.add(project.project_id, "s", [MessageDraft("user", "new")])
    await core.history.delete(project.project_id, "gone", permanent=True)
    now = await exported(core, project.project_id)
    with pytest.raises(InvalidInput) as caught:
        await backups.restore(archive)
    assert caught.value.data["key"] == "replace"
    assert await exported(core, project.project_id) == now
    assert await backups.restore(archive, replace=False) == Restored(0, 1, 0, 2, None)
    assert await core.texts("s") == ["why?", "so", "new"]
    done = await backups.restore(archive, replace=True)
    assert (done.replaced, done.skipped) == (1, 2)
    assert await core.texts("s") == ["why?", "so"]
    assert done.kept is not None
    assert (await core.projects.get(project.project_id)).current["workspace"] == "s"
    await backups.restore(str(done.kept), replace=True)
    assert await core.texts("s") == ["why?", "so", "new"]


async def test_nothing_is_replaced_under_a_running_turn(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    await core.history.add(project.project_id, "s", [MessageDraft("user", "new")])
    turn, gate = await at_gate(core, session_id="s")
    with pytest.raises(SessionBusy):
        await backups.restore(str(tmp_path / "all.zip"), replace=True)
    gate.opened.set()
    await turn.result()


async def archived(core: Core, project: Project, backups: Backups, archive: str) -> None:
    """An archive of a session to which something was added since."""
    await filled(core, project)
    await remembered(core, project, "tea at five")
    await backups.create(archive)
    await core.history.add(project.project_id, "s", [MessageDraft("user", "new")])


async def keeping(core: Core, tmp_path: Path) -> tuple[HeldArchives, "asyncio.Task[Restored]"]:
    """A restore that writes what it is to replace to an archive, and stands still there."""
    archives = HeldArchives(tmp_path / "data")
    backups = backups_of(core, tmp_path / "data", archives)
    restoring = asyncio.create_task(backups.restore(str(tmp_path / "all.zip"), replace=True))
    await archives.writing.wait()
    return archives, restoring


async def remembered(core: Core, project: Project, text: str) -> Memory:
    draft, origin = MemoryDraft(text=text, kind="short"), Origin(session_id="s")
    return await core.memories.add(project.project_id, "default", draft, origin, config=RecallConfig())


async def added(core: Core, project: Project, text: str) -> None:
    addition = Addition(project_id=project.project_id, source=text, folder=None, kind="text", session_id="s")
    await core.knowledge.add(addition, lambda *_: None)


USES: dict[str, Callable[[Core, Project], Awaitable[object]]] = {
    "a turn": lambda core, _: said(core, "precious", session_id="s"),
    "a draft": lambda core, project: core.sessions.update(project.project_id, "s", {"draft": "precious"}),
    "its state": lambda core, project: core.states.set(project.project_id, "s", {"precious": True}),
    "its memory": lambda core, project: remembered(core, project, "precious"),
    "its knowledge": lambda core, project: added(core, project, "precious"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
async def test_a_session_that_is_used_while_it_is_kept_is_left_alone(
    core: Core,
    project: Project,
    backups: Backups,
    tmp_path: Path,
    use: Callable[[Core, Project], Awaitable[object]],
) -> None:
    await archived(core, project, backups, str(tmp_path / "all.zip"))
    archives, restoring = await keeping(core, tmp_path)
    await use(core, project)
    before = await exported(core, project.project_id)
    archives.let_on.set()
    done = await restoring
    assert (done.sessions, done.replaced, done.skipped) == (0, 0, 3)
    assert b"precious" in before and await exported(core, project.project_id) == before


async def test_a_turn_that_begins_while_its_session_is_kept_goes_on(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await archived(core, project, backups, str(tmp_path / "all.zip"))
    archives, restoring = await keeping(core, tmp_path)
    # answered once more, which nothing is stored of before its end
    question = (await core.sessions.get(project.project_id, "s")).head
    turn, gate = await at_gate(core, session_id="s", text="", parent_id=question)
    archives.let_on.set()
    assert (await restoring).replaced == 0
    gate.opened.set()
    assert (await turn.result()).stop_reason == "end_turn"
    assert await core.texts("s") == ["why?", "so", "new", " rest"]


async def test_memory_that_is_corrected_while_it_is_kept_is_left_alone(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    draft = MemoryDraft(text="tea at five", kind="long")
    entry = await core.memories.add(project.project_id, "default", draft, Origin(), config=RecallConfig())
    key = (project.project_id, "default", entry.memory_id)
    await backups.create(str(tmp_path / "all.zip"))
    await core.memories.update(*key, MemoryChange(text="tea at six"))
    archives, restoring = await keeping(core, tmp_path)
    await core.memories.update(*key, MemoryChange(text="tea at seven"))
    archives.let_on.set()
    await restoring
    assert (await core.memories.get(*key)).text == "tea at seven"
    await backups.restore(str(tmp_path / "all.zip"), replace=True)
    assert (await core.memories.get(*key)).text == "tea at five"


async def test_who_goes_away_while_a_session_is_replaced_leaves_one_of_both(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await archived(core, project, backups, str(tmp_path / "all.zip"))
    core.publisher.changes.clear()
    await cancelled_at(core, "purge", asyncio.create_task(backups.restore(str(tmp_path / "all.zip"), replace=True)))
    assert await core.texts("s") == ["why?", "so"]
    assert await core.states.get(project.project_id, "s") == {"a": [1]}
    assert core.store.attachment(project.project_id, "s", PICTURE_ID) == PICTURE
    assert core.publisher.kinds("s") == ["deleted", "created"]
    assert await core.sessions.current_ids(project.project_id) == {"s"}


async def test_who_goes_away_while_a_session_comes_in_has_it_whole(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    await core.history.delete(project.project_id, "s", permanent=True)
    await cancelled_at(core, "create", asyncio.create_task(backups.restore(str(tmp_path / "all.zip"))))
    assert await core.states.get(project.project_id, "s") == {"a": [1]}
    assert core.store.attachment(project.project_id, "s", PICTURE_ID) == PICTURE


async def test_who_goes_away_while_memory_comes_in_finds_it(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    draft = MemoryDraft(text="tea at five", kind="long")
    entry = await core.memories.add(project.project_id, "default", draft, Origin(), config=RecallConfig())
    await backups.create(str(tmp_path / "all.zip"))
    await core.memories.delete(project.project_id, "default", entry.memory_id)
    await cancelled_at(core, "put_records", asyncio.create_task(backups.restore(str(tmp_path / "all.zip"))))
    assert (await core.memories.get(project.project_id, "default", entry.memory_id)).text == "tea at five"


async def test_a_session_that_could_not_be_replaced_is_not_shown_as_if_it_were_here(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await archived(core, project, backups, str(tmp_path / "all.zip"))
    core.publisher.changes.clear()
    core.store.faults_at["create"] = StorageFull("x")
    with pytest.raises(StorageFull):
        await backups.restore(str(tmp_path / "all.zip"), replace=True)
    core.store.faults_at.clear()
    assert core.publisher.kinds("s") == ["deleted"]
    assert await core.sessions.current_ids(project.project_id) == set()
    (kept,) = (tmp_path / "data" / "backups").iterdir()
    await backups.restore(str(kept))
    assert await core.texts("s") == ["why?", "so", "new"]


async def test_what_two_bring_in_at_once_comes_once(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    for session_id in ("s1", "s2", "s3"):
        await said(core, "one", session_id=session_id)
    await backups.create(str(tmp_path / "all.zip"))
    for session_id in ("s1", "s2", "s3"):
        await core.history.delete(project.project_id, session_id, permanent=True)
    done = await asyncio.gather(*(backups.restore(str(tmp_path / "all.zip")) for _ in range(2)))
    assert [one.sessions + one.skipped for one in done] == [3, 3]
    assert sum(one.sessions for one in done) == 3
    assert [await core.texts(session_id) for session_id in ("s1", "s2", "s3")] == [
        ["one", f"answer {n}"] for n in (1, 2, 3)
    ]


async def test_a_snapshot_holds_what_there_was_at_its_moment(core: Core, project: Project, tmp_path: Path) -> None:
    await filled(core, project)
    archives = ZipArchives(tmp_path / "data", program="1")
    # from here on there is room in the file for what comes later
    await core.history.add(project.project_id, "s", [MessageDraft("user", "and?")])
    snapshot = await core.io(archives.snapshot)
    await core.history.add(project.project_id, "s", [MessageDraft("user", "later")])
    await core.history.delete(project.project_id, "s", permanent=True)
    archives.write(snapshot, tmp_path / "all.zip")
    with archives.opened(tmp_path / "all.zip") as store:
        assert [m.content for m in store.messages(project.project_id, "s")] == ["why?", "so", "and?"]
        assert store.faults() == []


async def test_a_place_that_is_taken_or_none_is_refused(
    core: Core, project: Project, backups: Backups, tmp_path: Path
) -> None:
    await filled(core, project)
    (tmp_path / "there.zip").write_bytes(b"mine")
    for path in (str(tmp_path / "there.zip"), "relative.zip", str(tmp_path / "no" / "such" / "x.zip"), "", "/\0"):
        with pytest.raises(InvalidInput):
            await backups.create(path)
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    for path in ("relative.zip", str(tmp_path / "nothing.zip"), str(tmp_path)):
        with pytest.raises(InvalidInput):
            await backups.restore(path)


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    with zipfile.ZipFile(source) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    change(files)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def manifest(**fields: object) -> bytes:
    return orjson.dumps({"format": "rejoinder-backup", "version": 1, **fields})


CHANGES: dict[str, Callable[[dict[str, bytes]], object]] = {
    "no manifest": lambda files: files.pop(MANIFEST),
    "another manifest": lambda files: files.update({MANIFEST: b"[]"}),
    "a manifest that is no JSON": lambda files: files.update({MANIFEST: b"{"}),
    "a newer version": lambda files: files.update({MANIFEST: manifest(version=2)}),
    "a path that leads out": lambda files: files.update({"projects/../../evil": b"x"}),
    "an absolute path": lambda files: files.update({"/projects/evil": b"x"}),
    "a file of another kind": lambda files: files.update({"engine.lock": b"x"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_what_is_no_archive_restores_nothing(
    core: Core,
    project: Project,
    backups: Backups,
    elsewhere: tuple[Core, Backups],
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
) -> None:
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    rewritten(tmp_path / "all.zip", tmp_path / "bad.zip", change)
    other, there = elsewhere
    with pytest.raises(InvalidInput) as caught:
        await there.restore(str(tmp_path / "bad.zip"))
    assert caught.value.data["key"] == "path"
    assert await other.projects.all() == []
    assert not list(tmp_path.rglob("evil"))
    assert not list((tmp_path / "other data").glob("unpacked-*"))


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
async def test_a_broken_archive_restores_nothing(
    core: Core,
    project: Project,
    backups: Backups,
    elsewhere: tuple[Core, Backups],
    tmp_path: Path,
    place: float,
) -> None:
    await filled(core, project)
    await backups.create(str(tmp_path / "all.zip"))
    data = bytearray((tmp_path / "all.zip").read_bytes())
    at = int(len(data) * place)
    (tmp_path / "cut.zip").write_bytes(data[:at])
    data[at : at + 64] = b"\xff" * 64
    (tmp_path / "flipped.zip").write_bytes(data)
    other, there = elsewhere
    for name in ("cut.zip", "flipped.zip"):
        with pytest.raises(InvalidInput):
            await there.restore(str(tmp_path / name))
        assert await other.projects.all() == []


async def test_a_full_disk_leaves_no_half_archive(core: Core, project: Project, tmp_path: Path) -> None:
    await filled(core, project)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    archives = ZipArchives(tmp_path / "data", program="1", sync=full)
    snapshot = await core.io(archives.snapshot)
    with pytest.raises(StorageFull):
        archives.write(snapshot, tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()
    assert not list((tmp_path / "data").glob("snapshot-*"))


async def test_what_a_dead_process_left_is_cleared(tmp_path: Path) -> None:
    for name in ("snapshot-x/projects", "unpacked-y/projects"):
        (tmp_path / name).mkdir(parents=True)
    ZipArchives(tmp_path, program="1").clear()
    assert list(tmp_path.iterdir()) == []
