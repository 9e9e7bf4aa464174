"""A turn's text is the session's draft until the turn is stored; what is typed meanwhile is never lost for it."""

import pytest

from core import Core
from fakes import Gate
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import ModelUnavailable
from turns_kit import BROKEN, at_gate, begun


async def type_in(core: Core, project: Project, text: str) -> None:
    """Another client, or the same one, keeps what its user types."""
    await core.sessions.update(project.project_id, "s", {"draft": text})


async def draft(core: Core, project: Project) -> str | None:
    """What the session has as its draft."""
    return (await core.sessions.get(project.project_id, "s")).draft


async def test_what_is_typed_while_a_turn_waits_for_another_one_stays(core: Core, project: Project) -> None:
    _, gate = await at_gate(core, session_id="s", text="one")
    queued = await begun(core, "two", session_id="s", queue=True)
    await type_in(core, project, "three")
    gate.opened.set()
    await queued.result()
    assert await draft(core, project) == "three"


async def test_what_the_text_was_made_of_goes_with_it(core: Core, project: Project) -> None:
    _, gate = await at_gate(core, session_id="s", text="one")
    await type_in(core, project, "tw")
    queued = await begun(core, "two, and more", session_id="s", queue=True)
    await type_in(core, project, "two")  # a draft on its way, behind the message that it became
    gate.opened.set()
    await queued.result()
    assert await draft(core, project) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("and then", "why?\n\nand then"), ("", "why?"), ("why? because", "why? because")],
    ids=["more", "cleared", "given back"],
)
async def test_a_failed_text_is_offered_again_before_what_was_typed_meanwhile(
    core: Core, project: Project, typed: str, kept: str
) -> None:
    gate = Gate()
    core.model.script(gate, BROKEN)
    turn = await begun(core, "why?", session_id="s")
    await gate.reached.wait()
    await type_in(core, project, typed)
    gate.opened.set()
    with pytest.raises(ModelUnavailable):
        await turn.result()
    assert await draft(core, project) == kept
