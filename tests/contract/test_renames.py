"""Files that are renamed outside of the editor keep their session."""

from pathlib import Path

import pytest

from core import Core
from rejoinder.domain.conversation import Project, Session

TEXT = "def pool():\n    return 1\n"


@pytest.fixture
async def session(core: Core, project: Project) -> Session:
    """The session of a file that is there."""
    (core.folder / "old.py").write_text(TEXT)
    return await core.sessions.current_or_new(project, "file", (core.folder / "old.py").as_uri())


async def found(core: Core, name: str) -> str:
    """The session that a file of the project uses."""
    project = await core.project()
    return (await core.sessions.current_or_new(project, "file", (core.folder / name).as_uri())).session_id


def moved(core: Core, old: str, new: str, text: str | None = None) -> None:
    (core.folder / new).parent.mkdir(exist_ok=True)
    (core.folder / old).rename(core.folder / new)
    if text is not None:
        (core.folder / new).write_text(text)


async def test_a_file_with_the_same_content_is_the_one_that_is_gone(core: Core, session: Session) -> None:
    moved(core, "old.py", "inner/new.py")
    assert await found(core, "inner/new.py") == session.session_id
    project = await core.project()
    uri = (core.folder / "inner" / "new.py").as_uri()
    assert (await core.sessions.get(project.project_id, session.session_id)).uri == uri
    assert project.current[f"file:{uri}"] == session.session_id


async def test_what_was_changed_between_two_uses_counts(core: Core, session: Session) -> None:
    (core.folder / "old.py").write_text(TEXT * 2)
    assert await found(core, "old.py") == session.session_id
    moved(core, "old.py", "new.py")
    assert await found(core, "new.py") == session.session_id


async def test_a_copy_is_another_file(core: Core, session: Session) -> None:
    (core.folder / "copy.py").write_text(TEXT)
    assert await found(core, "copy.py") != session.session_id


async def test_of_two_files_with_the_same_content_neither_is_taken(core: Core, session: Session) -> None:
    moved(core, "old.py", "new.py")
    (core.folder / "twin.py").write_text(TEXT)
    assert await found(core, "new.py") != session.session_id


async def test_of_two_that_are_gone_with_the_same_content_neither_is_taken(core: Core, session: Session) -> None:
    (core.folder / "twin.py").write_text(TEXT)
    other = await found(core, "twin.py")
    (core.folder / "twin.py").unlink()
    moved(core, "old.py", "new.py")
    assert await found(core, "new.py") not in (session.session_id, other)


async def test_another_content_is_another_file_unless_version_control_knows(core: Core, session: Session) -> None:
    moved(core, "old.py", "new.py", text="something else\n")
    assert await found(core, "new.py") != session.session_id
    core.repository.renamed["newer.py"] = ["old.py"]
    (core.folder / "newer.py").write_text("something else again\n")
    assert await found(core, "newer.py") == session.session_id


@pytest.mark.parametrize("text", ["", None])
async def test_nothing_is_told_by_an_empty_or_a_missing_file(core: Core, text: str | None) -> None:
    if text is not None:
        (core.folder / "old.py").write_text(text)
    before = await found(core, "old.py")
    (core.folder / "old.py").unlink(missing_ok=True)
    (core.folder / "new.py").write_text("")
    assert await found(core, "new.py") != before


async def test_files_of_a_project_that_has_moved_keep_theirs(core: Core, session: Session, tmp_path: Path) -> None:
    there = tmp_path / "moved"
    core.folder.rename(there)
    project = await core.projects.relink(session.project_id, there)
    (there / "old.py").write_text("changed since\n")
    again = await core.sessions.current_or_new(project, "file", (there / "old.py").as_uri())
    assert (again.session_id, again.uri) == (session.session_id, (there / "old.py").as_uri())
