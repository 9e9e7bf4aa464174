"""What a project remembers and knows, in an archive and back."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import attrs
import pytest

from core import Core
from fakes import ticking_world
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.domain.conversation import Project
from rejoinder.services.backups import Backups

ENTRIES = {"a": {"text": "of a"}, "b": {"text": "of b"}, "b/0": {"text": "part of b"}, "b/1": {"text": "more of b"}}


def backups_of(core: Core, data: Path, changed: list[str]) -> Backups:
    transfer = core.transfer
    archives = ZipArchives(data, program="1.2.3")
    return Backups(
        *(core.conversations, core.projects, core.history, transfer, core.running, archives),
        records_changed=changed.append,
    )


@pytest.fixture
async def archive(core: Core, project: Project, tmp_path: Path) -> Path:
    """A backup of a project that remembers something."""
    await core.io(core.store.put_records, project.project_id, "memory", ENTRIES)
    await backups_of(core, tmp_path / "data", []).create(str(tmp_path / "all.zip"))
    return tmp_path / "all.zip"


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Core]:
    """Another data folder."""
    (tmp_path / "there").mkdir()
    ids = count(1)
    world = attrs.evolve(ticking_world(), new_id=lambda: f"there{next(ids)}")
    core = Core(TinyDbHistory(tmp_path / "other data"), tmp_path / "there", world=world)
    yield core
    await core.close()


async def test_records_come_back_elsewhere(archive: Path, project: Project, elsewhere: Core, tmp_path: Path) -> None:
    changed: list[str] = []
    await backups_of(elsewhere, tmp_path / "other data", changed).restore(str(archive))
    assert dict(elsewhere.store.records(project.project_id, "memory")) == ENTRIES
    assert changed == [project.project_id]
    await backups_of(elsewhere, tmp_path / "other data", changed).restore(str(archive))
    assert changed == [project.project_id]


@pytest.mark.parametrize("replace", [None, False, True])
async def test_what_is_here_and_differs_gives_way_only_when_asked(
    core: Core, project: Project, archive: Path, tmp_path: Path, replace: bool | None
) -> None:
    put, drop = core.store.put_records, core.store.drop_records
    here = {"b": {"text": "of b, corrected"}, "b/2": {"text": "a part that is here alone"}, "c": {"text": "of c"}}
    await core.io(put, project.project_id, "memory", here)
    await core.io(drop, project.project_id, "memory", ["a", "b/0"])
    restored = await backups_of(core, tmp_path / "data", []).restore(str(archive), replace=replace)
    found = dict(core.store.records(project.project_id, "memory"))
    assert found["a"] == ENTRIES["a"] and found["c"] == here["c"]
    if replace:
        assert found == {**ENTRIES, "c": here["c"]}
        assert restored.kept is not None
        with ZipArchives(tmp_path / "data", program="1").opened(restored.kept) as before:
            assert before.records(project.project_id, "memory")["b"] == here["b"]
    else:
        assert found["b"] == here["b"] and "b/0" not in found and "b/2" in found
        assert restored.kept is None
