"""The service of knowledge over a real store, with reading and pages faked."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from held_store import Held

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, SourceUnreadable, StorageFull
from rejoinder.domain.knowledge import GONE, KnowledgeItem
from rejoinder.services.knowledge import Addition
from rejoinder.services.knowledge_reading import HowToRead
from rejoinder.services.rereading import LOOK_SECONDS

T = TypeVar("T")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    folder = tmp_path / "project"
    folder.mkdir()
    core = Core(TinyDbHistory(tmp_path / "data"), folder)
    yield core
    await core.close()


async def add(core: Core, source: str, **fields: Any) -> KnowledgeItem:
    project = await core.project()
    given = {"project_id": project.project_id, "source": source, "folder": core.folder, **fields}
    return await core.knowledge.add(Addition(**given), lambda *_: None)


async def texts(core: Core, query: str, **fields: Any) -> list[str]:
    project = await core.project()
    return [hit.text for hit in await core.knowledge.search(project.project_id, query, **fields)]


async def listed(core: Core, session_id: str | None = None) -> list[KnowledgeItem]:
    return await core.knowledge.items((await core.project()).project_id, session_id)


async def test_the_kind_of_a_source_is_found_out(core: Core) -> None:
    (core.folder / "a b.md").write_text("words")
    (core.folder / "docs").mkdir()
    (core.folder / "docs" / "c.md").write_text("more words")
    core.pages.pages["https://example.com/x"] = "page"
    assert (await add(core, "a b.md")).kind == "file"
    assert (await add(core, (core.folder / "a b.md").as_uri())).source == "a b.md"
    assert (await add(core, "docs")).kind == "folder"
    assert (await add(core, "https://example.com/x")).kind == "url"
    assert (await add(core, "The tea is at five.")).kind == "text"
    assert (await add(core, "tea", title="Tea")).kind == "text"
    assert (await add(core, "a b.md", kind="text")).kind == "text"
    for missing in ("missing.pdf", "my missing.pdf", "docs/missing"):
        with pytest.raises(NotFound):
            await add(core, missing)
    for wrong, kind in (("", None), ("docs", "file"), ("a b.md", "folder")):
        with pytest.raises(InvalidInput):
            await add(core, wrong, kind=kind)


async def test_a_path_leaves_the_project_only_with_leave(core: Core, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("words")
    (core.folder / "link.md").symlink_to(outside)
    for source in (str(outside), "../outside.md", "link.md", outside.as_uri()):
        with pytest.raises(NotTrusted):
            await add(core, source)
    assert (await add(core, str(outside), allow_outside=True)).source == str(outside)


async def test_files_that_promise_secrets_stay_out(core: Core) -> None:
    (core.folder / "id_rsa").write_text("words")
    with pytest.raises(NotTrusted, match="secrets"):
        await add(core, "id_rsa")


async def test_after_a_project_has_moved_its_files_are_where_they_are_now(core: Core, tmp_path: Path) -> None:
    project = await core.project()
    for name, text in (("docs/a.md", "the lamp is lit"), ("docs/deep/b c.md", "the lamp is out"), ("c.md", "a lamp")):
        (core.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (core.folder / name).write_text(text)
    outside = tmp_path / "outside.md"
    outside.write_text("the lamp of others")
    for source in ("docs", "c.md", str(outside)):
        await add(core, source, allow_outside=True)
    await add(core, "a lamp that is only told of", kind="text")

    async def uris() -> set[str]:
        hits = await core.knowledge.search(project.project_id, "lamp")
        return {hit.uri for hit in hits if hit.uri.startswith("file:")}

    def of(folder: Path) -> set[str]:
        return {(folder / name).as_uri() for name in ("docs/a.md", "docs/deep/b c.md", "c.md")} | {outside.as_uri()}

    assert await uris() == of(core.folder)
    moved = tmp_path / "moved"
    core.folder.rename(moved)
    await core.projects.relink(project.project_id, moved)
    core.extraction.read.clear()
    assert await uris() == of(moved)
    assert core.extraction.read == []
    (moved / "docs/deep/b c.md").write_text("the lamp is gone")
    core.knowledge.files_changed(project.project_id)
    assert await uris() == of(moved) and core.extraction.read == ["b c.md"]
    assert {item.error for item in await core.knowledge.items(project.project_id)} == {None}
    inner = moved / "docs"
    await core.knowledge.clear(project.project_id)
    await core.projects.relink(project.project_id, inner)
    (inner / "a.md").write_text("the lamp is lit anew")
    await core.knowledge.add(Addition(project_id=project.project_id, source=".", folder=inner), lambda *_: None)
    assert await uris() == {(inner / name).as_uri() for name in ("a.md", "deep/b c.md")}
    await core.projects.relink(project.project_id, moved)
    assert await uris() == of(moved) - {outside.as_uri()}


async def test_the_same_source_is_read_anew_and_keeps_its_id(core: Core) -> None:
    note = core.folder / "a.md"
    note.write_text("first")
    first = await add(core, "a.md")
    note.write_text("second\n\nthird")
    second = await add(core, "a.md")
    assert second.knowledge_id == first.knowledge_id and second.added_at == first.added_at
    assert [item.passages for item in await listed(core)] == [2]
    assert await texts(core, "first") != ["first"]
    both = await asyncio.gather(*(add(core, "The same text twice.") for _ in range(2)))
    assert both[0].knowledge_id == both[1].knowledge_id and len(await listed(core)) == 2


async def test_what_was_found_before_stays_when_reading_anew_fails(core: Core) -> None:
    note = core.folder / "a.md"
    note.write_text("the lamp is lit")
    await add(core, "a.md")
    note.write_bytes(b"\0\0\0")
    with pytest.raises(SourceUnreadable):
        await add(core, "a.md")
    core.store.faults_at["put_records"] = StorageFull("x")
    note.write_text("something else")
    with pytest.raises(StorageFull):
        await add(core, "a.md")
    core.store.faults_at.clear()
    core.knowledge.reloaded((await core.project()).project_id)
    assert [item.passages for item in await listed(core)] == [1]
    project_id = (await core.project()).project_id
    assert len(await core.io(core.store.records, project_id, "knowledge")) == 2


async def test_a_cancelled_addition_leaves_nothing(core: Core) -> None:
    core.extraction.gate = asyncio.Event()
    task = asyncio.create_task(add(core, "A text that is never read."))
    while not core.extraction.read:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await listed(core) == [] and core.extraction.open_now == 0


async def test_a_cancel_that_comes_while_it_is_stored_comes_too_late(core: Core) -> None:
    task = asyncio.create_task(add(core, "A text that is stored."))
    core.store.before["put_records"] = lambda: task.get_loop().call_soon_threadsafe(task.cancel) and None
    assert (await task).knowledge_id == (await listed(core))[0].knowledge_id


async def test_changed_files_are_read_before_a_search_and_no_more_often_than_needed(core: Core) -> None:
    folder = core.folder / "docs"
    folder.mkdir()
    for name in ("a.md", "b.md"):
        (folder / name).write_text(f"the {name} lamp")
    await add(core, "docs")
    project_id = (await core.project()).project_id
    await texts(core, "lamp")
    core.extraction.read.clear()
    (folder / "a.md").write_text("a changed lamp")
    (folder / "c.md").write_text("a new lamp")
    (folder / "b.md").unlink()
    core.knowledge.files_changed(project_id)
    assert sorted(await texts(core, "lamp")) == ["a changed lamp", "a new lamp"]
    assert core.extraction.read == ["a.md", "c.md"]
    (folder / "c.md").write_text("a lamp for later")
    assert "a new lamp" in await texts(core, "lamp"), "it was looked at only just now"
    for _ in range(int(LOOK_SECONDS)):
        found = await texts(core, "lamp")
    assert "a lamp for later" in found


async def test_a_touched_file_is_not_read_again(core: Core) -> None:
    note = core.folder / "a.md"
    note.write_text("the lamp")
    item = await add(core, "a.md")
    await texts(core, "lamp")
    core.extraction.read.clear()
    note.touch()
    core.knowledge.files_changed((await core.project()).project_id)
    assert await texts(core, "lamp") == ["the lamp"] and not core.extraction.read
    assert (await listed(core))[0].updated_at == item.updated_at


async def test_a_file_that_is_gone_or_broken_keeps_its_passages_and_says_so(core: Core) -> None:
    note = core.folder / "a.md"
    note.write_text("the lamp")
    await add(core, "a.md")
    project_id = (await core.project()).project_id
    for change, error in (
        (note.unlink, GONE),
        (lambda: note.write_text("the lamp again"), None),
        (lambda: note.write_bytes(b"\0"), "a.md: no text."),
    ):
        change()
        core.knowledge.files_changed(project_id)
        assert (await texts(core, "lamp"))[0].startswith("the lamp")
        assert (await listed(core))[0].error == error
    reads = len(core.extraction.read)
    core.knowledge.files_changed(project_id)
    await texts(core, "lamp")
    assert len(core.extraction.read) == reads


async def test_a_link_in_the_place_of_a_file_is_not_followed(core: Core, tmp_path: Path) -> None:
    note, outside = core.folder / "a.md", tmp_path / "outside.md"
    note.write_text("the lamp")
    outside.write_text("another lamp altogether")
    await add(core, "a.md")
    note.unlink()
    note.symlink_to(outside)
    core.knowledge.files_changed((await core.project()).project_id)
    assert await texts(core, "lamp") == ["the lamp"]
    assert (await listed(core))[0].error == GONE


async def test_a_folder_tells_what_it_could_not_read(core: Core) -> None:
    folder = core.folder / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("words")
    (folder / "b.md").write_bytes(b"\0")
    item = await add(core, "docs")
    assert item.error == "1 of 2 files cannot be read: b.md: no text." and item.passages == 1
    (folder / "a.md").unlink()
    with pytest.raises(SourceUnreadable, match="No file of docs"):
        await add(core, "docs")


async def test_what_the_project_ignores_stays_out_of_its_folders_too(core: Core) -> None:
    folder = core.folder / "docs"
    folder.mkdir()
    (core.folder / ".rejoinderignore").write_text("docs/private.md\n")
    (folder / ".gitignore").write_text("*.log\n")
    for name in ("open.md", "private.md", "draft.md", "x.log", ".env"):
        (folder / name).write_text(f"the lamp of {name}")
    item = await add(core, "docs", how=HowToRead(ignore=("docs/draft.md",)))
    assert {file.path for file in item.files} == {".gitignore", "open.md"}
    core.extraction.read.clear()
    core.knowledge.files_changed((await core.project()).project_id)
    assert await texts(core, "lamp") == ["the lamp of open.md"] and not core.extraction.read


async def test_large_documents_are_kept_in_several_records(core: Core) -> None:
    (core.folder / "a.md").write_text("\n\n".join(f"{number} " + "word " * 2000 for number in range(60)))
    item = await add(core, "a.md")
    project_id = (await core.project()).project_id
    records = await core.io(core.store.records, project_id, "knowledge")
    assert item.parts == len(records) - 1 > 1
    (core.folder / "a.md").write_text("short")
    assert (await add(core, "a.md")).parts == 1
    records = await core.io(core.store.records, project_id, "knowledge")
    assert set(records) == {item.knowledge_id, f"{item.knowledge_id}/1.0"}


async def test_parts_whose_item_was_never_stored_are_removed(core: Core) -> None:
    item = await add(core, "Sound and whole.")
    project_id = (await core.project()).project_id
    parts = {f"{name}/9.0": {"passages": []} for name in (item.knowledge_id, "gone")}
    await core.io(core.store.put_records, project_id, "knowledge", parts)
    core.knowledge.reloaded(project_id)
    assert await texts(core, "sound") == ["Sound and whole."]
    records = await core.io(core.store.records, project_id, "knowledge")
    assert set(records) == {item.knowledge_id, f"{item.knowledge_id}/0.0"}


async def test_what_counts_in_a_session_is_listed_and_cleared_there(core: Core) -> None:
    project_id = (await core.project()).project_id
    await add(core, "Everybody knows this.")
    await add(core, "Only one knows this.", session_id="s1")
    assert len(await listed(core)) == 1 and len(await listed(core, "s1")) == 2
    assert await core.knowledge.clear(project_id, "s1") == 1
    assert await core.knowledge.clear(project_id) == 1
    assert await core.knowledge.clear(project_id) == 0
    with pytest.raises(NotFound):
        await core.knowledge.remove(project_id, "none")


async def test_a_damaged_record_costs_no_other(core: Core) -> None:
    project_id = (await core.project()).project_id
    await add(core, "Sound and whole.")
    await core.io(core.store.put_records, project_id, "knowledge", {"broken": {"kind": "file"}})
    core.knowledge.reloaded(project_id)
    assert [item.kind for item in await listed(core)] == ["text"]
    assert await texts(core, "sound") == ["Sound and whole."]


async def test_what_is_added_while_others_write_stands_beside_theirs(core: Core) -> None:
    project_id = (await core.project()).project_id
    for text in ("tea", "milk"):
        await add(core, text, kind="text")
    loop = asyncio.get_running_loop()
    # as when a restore has brought records in
    core.store.before["put_records"] = lambda: loop.call_soon_threadsafe(core.knowledge.reloaded, project_id) and None
    await add(core, "sugar", kind="text")
    assert [item.source for item in await listed(core)] == ["sugar", "milk", "tea"]


async def test_what_is_removed_while_others_write_is_gone(core: Core) -> None:
    project_id = (await core.project()).project_id
    tea, _ = [await add(core, text, kind="text") for text in ("tea", "milk")]
    loop = asyncio.get_running_loop()
    core.store.before["drop_records"] = lambda: loop.call_soon_threadsafe(core.knowledge.reloaded, project_id) and None
    await core.knowledge.remove(project_id, tea.knowledge_id)
    assert [item.source for item in await listed(core)] == ["milk"]


class SlowToBegin(ThreadPoolExecutor):
    """All threads beside the store's: what is given to them first, such as records to decode, waits until it may."""

    def __init__(self) -> None:
        super().__init__(max_workers=2)
        self._let_on = threading.Event()
        self._is_first = True
        asyncio.get_running_loop().set_default_executor(self)

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """As any executor does."""
        is_first, self._is_first = self._is_first, False

        def work() -> T:
            if is_first:
                self._let_on.wait(10)
            return function(*args, **kwargs)

        return super().submit(work)

    def let_on(self) -> None:
        """Have it done."""
        self._let_on.set()


async def test_what_others_write_while_the_list_is_read_is_in_it(core: Core) -> None:
    project_id = (await core.project()).project_id
    item = await add(core, "tea", kind="text")
    core.knowledge.reloaded(project_id)
    threads = SlowToBegin()
    core.store.calls.clear()
    listing = asyncio.create_task(core.knowledge.items(project_id))
    while "records" not in core.store.calls:
        await asyncio.sleep(0)
    records = await core.io(core.store.records, project_id, "knowledge")
    theirs = {id_.replace(item.knowledge_id, "theirs"): dict(record) for id_, record in records.items()}
    await core.io(core.store.put_records, project_id, "knowledge", theirs)
    core.knowledge.reloaded(project_id)
    threads.let_on()
    assert len(await listing) == 2
    assert len(await listed(core)) == 2


async def test_parts_whose_item_is_being_stored_stay(core: Core) -> None:
    project_id = (await core.project()).project_id
    await add(core, "tea", kind="text")
    held = Held(core, "put_records")
    adding = asyncio.create_task(add(core, "milk in the morning", kind="text"))
    await held.reached.wait()
    core.knowledge.reloaded(project_id)
    threads = SlowToBegin()
    # it reads the parts that are there, and not yet the item that names them
    listing = asyncio.create_task(core.knowledge.items(project_id))
    await asyncio.sleep(0)
    held.let_on()
    await adding
    threads.let_on()
    await listing
    assert await texts(core, "morning") == ["milk in the morning"]


async def test_an_engine_that_goes_while_a_file_is_read_anew_leaves_it_whole(core: Core, tmp_path: Path) -> None:
    project_id = (await core.project()).project_id
    (core.folder / "a.md").write_text("a lamp at five")
    await add(core, "a.md")
    (core.folder / "a.md").write_text("a lamp at six, as ever")
    core.knowledge.files_changed(project_id)
    # behind the new passages comes the item that names them
    held = Held(core, "put_records", passes=1)
    searching = asyncio.create_task(texts(core, "lamp"))
    await held.reached.wait()
    closing = asyncio.create_task(core.knowledge.close())
    for _ in range(5):
        await asyncio.sleep(0)
    held.let_on()
    await asyncio.wait([closing, searching])
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    assert await texts(again, "lamp") == ["a lamp at six, as ever"]
    await again.close()
