"""Knowledge that counts in one session alone goes with it: into forks, exports and imports."""

import json
from pathlib import Path
from typing import Any

import pytest

from core import Core
from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.knowledge import URI
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.knowledge import Addition

SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
async def session(core: Core, project: Project) -> Session:
    """A session with a file and a text of its own, beside a text that counts everywhere."""
    session = await core.sessions.create(project, session_id="s1", messages=[MessageDraft("user", "why?")])
    (core.folder / "notes.md").write_text("The lamp is lit.")
    await add(core, project, "notes.md", session_id="s1")
    await add(core, project, f"A lamp that is told of, {SECRET}", kind="text", session_id="s1")
    await add(core, project, "A lamp for all.", kind="text")
    return session


async def add(core: Core, project: Project, source: str, **fields: Any) -> None:
    addition = Addition(project_id=project.project_id, source=source, folder=core.folder, **fields)
    await core.knowledge.add(addition, lambda *_: None)


async def found(core: Core, project_id: str, session_id: str) -> dict[str, str]:
    """The texts about lamps that count in a session, each with its place."""
    hits = await core.knowledge.search(project_id, "lamp", session_id=session_id)
    return {hit.text.partition(",")[0]: hit.uri for hit in hits}


async def test_a_fork_has_a_copy_that_is_its_own(core: Core, project: Project, session: Session) -> None:
    for beginning in (None, [MessageDraft("system", "In short.")]):
        fork = await core.history.fork(project, "s1", beginning=beginning)
        before = await found(core, project.project_id, "s1")
        there = await found(core, project.project_id, fork.session_id)
        assert there.keys() == before.keys() == {"The lamp is lit.", "A lamp that is told of", "A lamp for all."}
        assert there["The lamp is lit."] == (core.folder / "notes.md").as_uri()
        own = {document.item.knowledge_id for document in await core.knowledge.of_session(project.project_id, "s1")}
        copies = await core.knowledge.of_session(project.project_id, fork.session_id)
        assert own.isdisjoint(document.item.knowledge_id for document in copies)
        assert there["A lamp that is told of"].removeprefix(URI) == copies[1].item.knowledge_id
        await core.history.delete(project.project_id, fork.session_id, permanent=True)
        assert await found(core, project.project_id, "s1") == before
    fork = await core.history.fork(project, "s1")
    await core.history.delete(project.project_id, "s1", permanent=True)
    (core.folder / "notes.md").write_text("The lamp is out.")
    core.knowledge.files_changed(project.project_id)
    assert "The lamp is out." in await found(core, project.project_id, fork.session_id)


async def test_it_goes_out_and_comes_in_once(core: Core, project: Project, session: Session, tmp_path: Path) -> None:
    before = await found(core, project.project_id, "s1")
    content = await core.transfer.export_json(project.project_id, ["s1"])
    assert SECRET not in content and "for all" not in content
    (tmp_path / "other").mkdir()
    other = await core.projects.of_folder(tmp_path / "other")
    await core.transfer.import_(other, content, dry_run=True)
    assert await core.knowledge.items(other.project_id, "s1") == []
    for _ in range(2):
        await core.transfer.import_(other, content)
        assert await found(core, other.project_id, "s1") == {key: before[key] for key in before if "all" not in key}
        assert await core.knowledge.items(other.project_id) == []
    await core.history.delete(other.project_id, "s1", permanent=True)
    assert await found(core, other.project_id, "s1") == {}
    await core.transfer.import_(other, content)
    assert len(await found(core, other.project_id, "s1")) == 2


async def test_a_file_that_comes_in_has_no_other_file_read(
    core: Core, project: Project, session: Session, tmp_path: Path
) -> None:
    private = tmp_path / "private.md"
    private.write_text("The lamp is hidden here.")
    content = json.loads(await core.transfer.export_json(project.project_id, ["s1"]))
    document = content["sessions"][0]["knowledge"][0]
    document |= {"source": str(private), "files": [["", 1, 1, "0" * 64, None]], "sessionId": "s9"}
    (tmp_path / "other").mkdir()
    other = await core.projects.of_folder(tmp_path / "other")
    core.extraction.read.clear()
    await core.transfer.import_(other, json.dumps(content))
    assert set(await found(core, other.project_id, "s1")) == {"The lamp is lit.", "A lamp that is told of"}
    assert core.extraction.read == []


@pytest.mark.parametrize(
    "change",
    [
        {"knowledgeId": "a/b"},
        {"kind": "spell"},
        {"contents": [["text", "file:///x", [0, 0, 0]]]},
        {"contents": [[5, "file:///x", [0, 0, 0, 0], None]]},
        {"addedAt": "2026-01-01T00:00:00"},
        {"title": None},
    ],
    ids=str,
)
async def test_what_is_not_as_it_should_be_changes_nothing(
    core: Core, project: Project, session: Session, tmp_path: Path, change: dict[str, Any]
) -> None:
    content = json.loads(await core.transfer.export_json(project.project_id, ["s1"]))
    content["sessions"][0]["knowledge"][0] |= change
    (tmp_path / "other").mkdir()
    other = await core.projects.of_folder(tmp_path / "other")
    with pytest.raises(InvalidInput, match="session 0"):
        await core.transfer.import_(other, json.dumps(content))
    assert await core.sessions.all(other.project_id) == []
