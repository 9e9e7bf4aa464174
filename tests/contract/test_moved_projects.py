"""What is kept of a project whose folder has moved names its files where they are now."""

import shutil
from functools import partial
from pathlib import Path

import attrs
import pytest

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.domain.conversation import Attachment, Citation, Message, Place, Project, Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.homes import home_of
from rejoinder.domain.knowledge import KnowledgeItem, Passage, ReadFile
from rejoinder.domain.knowledge_records import encode_item, encode_passages, part_ids
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.backups import Backups, Restored
from rejoinder.services.finding import Query
from rejoinder.services.knowledge import Addition
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryDraft, MemoryFilter

PLACE = Place(0, 0, 1, 0)


async def say(core: Core, session: Session, number: int) -> None:
    """Store a message about the project's file."""
    uri = (core.folder / "pool.py").as_uri()
    message = Message(
        message_id=f"m{number}",
        turn_id="t",
        role="user",
        source="chat",
        content=f"The pool, for the {number}th time.",
        created_at=core.world.now(),
        parent_id=f"m{number - 1}" if number else None,
        attachments=(Attachment(uri), Attachment("file:///elsewhere/other.py")),
        citations=(Citation(uri, PLACE, "pool.py:1"), Citation("rejoinder:/memory/x", PLACE, "x")),
    )
    step = partial(attrs.evolve, head=message.message_id, message_count=number + 1)
    await core.conversations.change(session.project_id, session.session_id, step, adding=lambda _: [message])


async def filled(core: Core) -> Session:
    """A session of a file with messages about it, and an entry of the memory that came from it."""
    file = core.folder / "pool.py"
    file.write_text("POOL = 1\n")
    project = await core.project()
    session = await core.sessions.current_or_new(project, "file", file.as_uri())
    for number in range(2):
        await say(core, session, number)
    origin = Origin(uri=file.as_uri(), path=file)
    draft = MemoryDraft(text="The pool is shared.")
    await core.memories.add(project.project_id, "default", draft, origin, config=RecallConfig())
    assert await about(core, file.as_uri()) == 2
    return session


async def about(core: Core, uri: str) -> int:
    """How many messages are found that are about a file."""
    query = Query(text="pool", sources=("message",), file_uri=uri)
    return len((await core.finding.find((await core.project()).project_id, query)).hits)


async def assert_at(core: Core, session: Session, folder: Path) -> None:
    """Everything names the file as it is in that folder."""
    uri, project_id = (folder / "pool.py").as_uri(), session.project_id
    project = await core.projects.get(project_id)
    assert project.paths[0] == str(folder)
    assert (await core.sessions.get(project_id, session.session_id)).uri == uri
    assert [one.session_id for one in (await core.sessions.page(project_id, uri=uri)).sessions] == [session.session_id]
    current = await core.sessions.current(project, "file", uri)
    assert current is not None and current.session_id == session.session_id
    assert (await core.sessions.current_or_new(project, "file", uri)).session_id == session.session_id
    for placed in (await core.history.page(project_id, session.session_id)).messages:
        assert [one.uri for one in placed.message.attachments] == [uri, "file:///elsewhere/other.py"]
        assert [one.uri for one in placed.message.citations] == [uri, "rejoinder:/memory/x"]
    (entry,) = (await core.memories.page(project_id, MemoryFilter(user_id="default"))).entries
    assert entry.source.uri == uri
    assert await about(core, uri) == len(await core.texts(session.session_id))
    assert f'"{uri}"' in await core.transfer.export_json(project_id, [session.session_id])


async def test_a_moved_folder_s_files_are_found_and_opened_where_they_are_now(core: Core, tmp_path: Path) -> None:
    session = await filled(core)
    before, there = core.folder, tmp_path / "moved"
    before.rename(there)
    (there / "pool.py").write_text("changed since\n")
    core.folder = there
    await core.projects.relink(session.project_id, there)
    await assert_at(core, session, there)
    # what is said from now on stands beside it
    await say(core, session, 2)
    await assert_at(core, session, there)
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), there)
    await assert_at(again, session, there)
    there.rename(before)
    again.folder = before
    await again.project()
    await assert_at(again, session, before)
    await again.close()


async def test_a_repository_that_is_found_again_takes_its_files_along(core: Core, tmp_path: Path) -> None:
    there = tmp_path / "moved"
    for folder in (core.folder, there):
        core.repository.prints[folder] = ("c0ffee", "")
    session = await filled(core)
    core.folder.rename(there)
    core.folder = there
    await core.project()
    await assert_at(core, session, there)


@pytest.mark.parametrize("fingerprint", [("c0ffee", ""), (None, None)], ids=["repository", "none"])
@pytest.mark.parametrize("is_copy", [True, False])
async def test_what_is_in_a_former_folder_beside_the_present_one_is_a_project_of_its_own(
    core: Core, tmp_path: Path, is_copy: bool, fingerprint: tuple[str | None, str | None]
) -> None:
    session = await filled(core)
    before, there = core.folder, tmp_path / "moved"
    core.repository.prints.update({before: fingerprint, there: fingerprint})
    shutil.copytree(before, there)
    if not is_copy:
        shutil.rmtree(before)
    await core.projects.trust(session.project_id, trusted=True)
    await core.projects.relink(session.project_id, there)
    if not is_copy:
        # as long as nothing is there, its name means the project
        assert (await core.project()).project_id == session.project_id
        before.mkdir()
        (before / "pool.py").write_text("another one\n")
    own = await core.project()
    assert (own.paths, own.trusted) == ((str(before),), False)
    assert (await core.projects.get(session.project_id)).paths == (str(there),)
    uri = (before / "pool.py").as_uri()
    made = await core.sessions.current_or_new(own, "file", uri)
    assert (made.project_id, made.uri) == (own.project_id, uri)
    assert await core.projects.names(own.project_id, uri) == (uri,)
    assert (await core.project()).project_id == own.project_id
    core.folder = there
    await assert_at(core, session, there)
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), there)
    await assert_at(again, session, there)
    assert (await again.projects.of_folder(before)).project_id == own.project_id
    await again.close()


async def test_a_former_folder_may_be_taken_from_the_project_that_it_became(core: Core, tmp_path: Path) -> None:
    session = await filled(core)
    before, there = core.folder, tmp_path / "moved"
    shutil.copytree(before, there)
    await core.projects.relink(session.project_id, there)
    own = await core.project()
    linked = await core.projects.relink(session.project_id, before)
    assert (linked.paths, linked.vacated) == ((str(before), str(there)), ())
    assert (await core.projects.get(own.project_id)).paths == ()
    await assert_at(core, session, before)


@pytest.mark.parametrize(
    ("found", "trusted"), [(("c0ffee", ""), True), (("beef", ""), False), (("c0ffee", "inner"), False)]
)
async def test_a_project_that_is_back_is_trusted_if_it_is_the_same_repository(
    core: Core, tmp_path: Path, found: tuple[str, str], trusted: bool
) -> None:
    before, there = core.folder, tmp_path / "moved"
    core.repository.prints.update({before: ("c0ffee", ""), there: ("c0ffee", "")})
    project = await core.project()
    before.rename(there)
    await core.projects.relink(project.project_id, there)
    await core.projects.trust(project.project_id, trusted=True)
    there.rename(before)
    core.repository.prints[before] = found
    back = await core.project()
    assert (back.project_id, back.paths) == (project.project_id, (str(before), str(there)))
    assert (back.trusted, (back.root_commit, back.inner)) == (trusted, found)


async def test_what_is_no_repository_has_to_be_trusted_anew_when_it_is_back(core: Core, tmp_path: Path) -> None:
    project = await core.project()
    core.folder.rename(tmp_path / "moved")
    await core.projects.relink(project.project_id, tmp_path / "moved")
    await core.projects.trust(project.project_id, trusted=True)
    (tmp_path / "moved").rename(core.folder)
    back = await core.project()
    assert (back.project_id, back.trusted) == (project.project_id, False)


async def test_knowledge_from_another_platform_is_in_the_folder_here(core: Core) -> None:
    theirs = Project(project_id="p", name="shop", paths=(r"C:\Users\me\shop",), created_at=core.world.now())
    await core.projects.adopt(theirs)
    await know(core, "inside", "docs/a b.md", "file:///C:/Users/me/shop/docs/a%20b.md")
    await know(core, "outside", r"C:\Users\me\other.md", "file:///C:/Users/me/other.md")
    await core.projects.relink("p", core.folder)
    hits = await core.knowledge.search("p", "lamp")
    here = (core.folder / "docs" / "a b.md").as_uri()
    assert {hit.uri for hit in hits} == {here, "file:///C:/Users/me/other.md"}


async def test_knowledge_stays_at_home_when_a_former_folder_is_another_project_s(core: Core, tmp_path: Path) -> None:
    project, there = await core.project(), tmp_path / "moved"
    (core.folder / "a.md").write_text("a lamp is lit")
    addition = Addition(project_id=project.project_id, source="a.md", folder=core.folder)
    await core.knowledge.add(addition, lambda *_: None)
    shutil.copytree(core.folder, there)
    await core.projects.relink(project.project_id, there)
    assert (await core.project()).project_id != project.project_id
    hits = await core.knowledge.search(project.project_id, "lamp")
    assert [hit.uri for hit in hits] == [(there / "a.md").as_uri()]


async def test_a_project_that_lost_its_folder_takes_its_files_along_to_another(core: Core, tmp_path: Path) -> None:
    session = await filled(core)
    (tmp_path / "other").mkdir()
    other = await core.projects.of_folder(tmp_path / "other")
    await core.projects.relink(other.project_id, core.folder, replace=True)
    core.folder = tmp_path / "new"
    core.folder.mkdir()
    (core.folder / "pool.py").write_text("POOL = 1\n")
    await core.projects.relink(session.project_id, core.folder)
    await assert_at(core, session, core.folder)


async def know(core: Core, knowledge_id: str, source: str, uri: str) -> None:
    """Store knowledge that was read from a file somewhere else."""
    now = core.world.now()
    item = KnowledgeItem(
        knowledge_id=knowledge_id,
        source=source,
        title="lamps",
        kind="file",
        added_at=now,
        updated_at=now,
        parts=1,
        passages=1,
        files=(ReadFile(path="", size=1, modified=1, digest="x"),),
    )
    (part,) = encode_passages([Passage(text="a lamp is lit", uri=uri, place=PLACE)])
    records = {knowledge_id: encode_item(item), part_ids(item)[0]: part}
    await core.io(core.store.put_records, "p", "knowledge", records)


@pytest.mark.parametrize("when", ["before it moved", "after it moved"])
async def test_a_backup_that_says_the_same_of_a_moved_folder_replaces_nothing(
    core: Core, tmp_path: Path, when: str
) -> None:
    changed: list[str] = []
    archives = ZipArchives(tmp_path / "data", program="1")
    services = (core.conversations, core.projects, core.history, core.transfer, core.running)
    backups = Backups(*services, archives, records_changed=changed.append)
    session, there = await filled(core), tmp_path / "moved"
    archive = str(tmp_path / "all.zip")
    if when == "before it moved":
        await backups.create(archive)
    core.folder.rename(there)
    core.folder = there
    await core.projects.relink(session.project_id, there)
    if when == "after it moved":
        await backups.create(archive)
    for replace in (None, True):
        assert await backups.restore(archive, replace=replace) == Restored(0, 0, 0, 1, None)
    assert changed == []
    await assert_at(core, session, there)
    # what differs is still told from what does not
    await say(core, session, 2)
    with pytest.raises(InvalidInput):
        await backups.restore(archive)


@pytest.mark.parametrize(
    ("paths", "uri", "now"),
    [
        (("/b",), "file:///a/x.py", None),
        (("/b", "/a"), "file:///a/x%20y.py#1", "file:///b/x%20y.py#1"),
        (("/b", "/a"), "file:///ab/x.py", "file:///ab/x.py"),
        (("/b", "/a"), "untitled:/a/x.py", "untitled:/a/x.py"),
        (("/b c", "/a", "/a/inner"), "file:///a/inner/x.py", "file:///b%20c/x.py"),
        (("/a/b", "/a"), "file:///a/x.py", None),
        (("/a", "/a/b"), "file:///a/b/x.py", "file:///a/b/x.py"),
        (("/b", r"C:\Users\a"), "file:///C:/Users/a/x.py", "file:///b/x.py"),
        (("/b", "nothing"), "file:///a/x.py", None),
    ],
)
def test_where_a_file_is_now(core: Core, paths: tuple[str, ...], uri: str, now: str | None) -> None:
    home = home_of(Project(project_id="p", name="p", paths=paths, created_at=core.world.now()))
    assert (None if home is None else home.now(uri)) == now
