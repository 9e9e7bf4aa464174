"""What is kept of a project whose folder has moved names its files where they are now."""

import shutil
from functools import partial
from pathlib import Path

import attrs
import pytest

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Attachment, Citation, Message, Place, Project, Session
from rejoinder.domain.homes import home_of
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.finding import Query
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


async def test_who_still_works_in_a_copy_left_behind_has_the_same_sessions(core: Core, tmp_path: Path) -> None:
    session = await filled(core)
    before, there = core.folder, tmp_path / "moved"
    shutil.copytree(before, there)
    project = await core.projects.relink(session.project_id, there)
    left = (before / "pool.py").as_uri()
    assert (await core.sessions.current_or_new(project, "file", left)).session_id == session.session_id
    assert [one.session_id for one in (await core.sessions.page(project.project_id, uri=left)).sessions] == [
        session.session_id
    ]
    made = await core.sessions.create(project, scope="file", uri=left)
    assert made.uri == (there / "pool.py").as_uri()


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
