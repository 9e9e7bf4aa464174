"""What a turn shows that waits for a decision is not stored as a message yet, and is kept all the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from core import Core
from fake_tools import tool
from pictures import png
from rejoinder.domain.conversation import Attachment
from rejoinder.domain.errors import NotFound
from rejoinder.domain.images import image_of
from rejoinder.domain.prompt import Finished, TextDelta, ToolAsked
from rejoinder.services.copying import copy_all, totals
from rejoinder.services.memory_requests import MemoryFilter
from stores_kit import STORES, reopened
from turns_kit import begun, said

IMAGE = image_of(png(), name="x.png")


@pytest.fixture(params=[store for store in STORES if store != "redis"])
async def core(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Core]:
    """A session in which something was remembered, and in which a turn with an image waits."""
    folder = tmp_path / "project"
    folder.mkdir()
    core = Core(reopened(request.param, tmp_path / "data", None).store, folder)
    core.model.info = attrs.evolve(core.model.info, vision=True)
    await said(core, "/remember tea at five", session_id="s1")
    core.tool_source.there = [tool()]
    core.model.script(TextDelta("Noting."), ToolAsked("c1", "note", '{"text": "milk"}'), Finished("end_turn"))
    shown = Attachment("image:x.png", mime_type="image/png", digest=IMAGE.digest)
    turn = await begun(core, "note it", session_id="s1", tools=("note",), images=(IMAGE,), attachments=(shown,))
    await turn.waits_for("c1")
    await core.turns.drain()
    await turn.result()
    yield core
    await core.close()


async def kept(core: Core, session_id: str = "s1") -> bytes:
    project = await core.project()
    return await core.io(core.store.attachment, project.project_id, session_id, IMAGE.digest)


async def test_forgetting_what_was_said_before_leaves_it(core: Core) -> None:
    project = await core.project()
    (entry,) = (await core.memories.page(project.project_id, MemoryFilter(user_id="default"))).entries
    await core.memories.delete(project.project_id, "default", entry.memory_id)
    assert await kept(core) == IMAGE.data


async def test_clearing_takes_it_along(core: Core) -> None:
    await core.history.clear((await core.project()).project_id, "s1")
    with pytest.raises(NotFound):
        await kept(core)


async def test_a_fork_in_which_nothing_waits_has_it_not(core: Core) -> None:
    await core.history.fork(await core.project(), "s1", new_session_id="f1")
    with pytest.raises(NotFound):
        await kept(core, "f1")


async def test_an_export_holds_it(core: Core) -> None:
    project = await core.project()
    content = await core.transfer.export_json(project.project_id, ["s1"])
    await core.history.delete(project.project_id, "s1", permanent=True)
    await core.transfer.import_(project, content)
    assert await kept(core) == IMAGE.data


async def test_a_copy_of_the_store_holds_it(core: Core, tmp_path: Path) -> None:
    target = reopened("tinydb", tmp_path / "copy", None).store
    await core.io(copy_all, core.store._inner, target)
    assert totals(target) == await core.io(totals, core.store._inner)
    assert target.attachment((await core.project()).project_id, "s1", IMAGE.digest) == IMAGE.data
    target.close()
