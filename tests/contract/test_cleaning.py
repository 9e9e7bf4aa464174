import asyncio
from datetime import timedelta
from typing import Any

import attrs
import pytest

from core import Core
from fakes import FIRST_MOMENT
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput
from rejoinder.services.cleaning import Candidate, Cleaning, CleaningRules
from rejoinder.services.drafting import MessageDraft
from turns_kit import at_gate, said

DAY = timedelta(days=1)


@pytest.fixture
def cleaning(core: Core) -> Cleaning:
    return Cleaning(core.conversations, core.sessions, core.history, core.projects, core.running)


async def made(core: Core, project: Project, session_id: str, messages: int = 0, **fields: Any) -> None:
    """A session that was last used when the clock began, unless `fields` say otherwise."""
    drafts = [MessageDraft("assistant" if at % 2 else "user", f"text {at}") for at in range(messages)]
    session = await core.sessions.create(project, session_id=session_id, messages=drafts)
    await core.io(core.store.put, attrs.evolve(session, **{"updated_at": FIRST_MOMENT, **fields}))


async def left(core: Core, project: Project) -> set[str]:
    return {session.session_id for session in await core.sessions.all(project.project_id)}


def told(candidates: list[Candidate]) -> dict[str, tuple[str, int]]:
    return {each.session.session_id: (each.reason, each.messages) for each in candidates}


async def test_a_dry_run_tells_and_changes_nothing(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "empty")
    await made(core, project, "long", 10)
    rules = CleaningRules(empty=True, keep_messages=4)
    before = await core.texts("long")
    found = await cleaning.clean(project.project_id, rules)
    assert told(found) == {"empty": ("empty", 0), "long": ("long", 6)}
    assert all(each.bytes > 0 for each in found)
    assert await left(core, project) == {"empty", "long"}
    assert await core.texts("long") == before


async def test_empty_sessions_go_to_the_trash(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "empty")
    await made(core, project, "used", 1)
    await made(core, project, "typed", draft="not sent yet")
    await made(core, project, "pinned", pinned=True)
    await cleaning.clean(project.project_id, CleaningRules(empty=True), dry_run=False)
    assert await left(core, project) == {"used", "typed", "pinned"}
    await core.history.restore(project.project_id, "empty")
    assert "empty" in await left(core, project)


async def test_old_sessions_go_unless_they_are_pinned(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "old", 2, updated_at=FIRST_MOMENT - 31 * DAY)
    await made(core, project, "archived", 2, updated_at=FIRST_MOMENT - 31 * DAY, archived=True)
    await made(core, project, "young", 2, updated_at=FIRST_MOMENT - 29 * DAY)
    await made(core, project, "kept", 2, updated_at=FIRST_MOMENT - 99 * DAY, pinned=True)
    found = await cleaning.clean(project.project_id, CleaningRules(older_than=30), dry_run=False)
    assert told(found) == {"old": ("old", 2), "archived": ("old", 2)}
    assert await left(core, project) == {"young", "kept"}


async def test_a_long_session_keeps_its_newest_messages_and_what_the_system_says(
    core: Core, project: Project, cleaning: Cleaning
) -> None:
    drafts = [MessageDraft("system", "Be brief."), *(MessageDraft("user", f"text {at}") for at in range(10))]
    await core.sessions.create(project, session_id="long", system="prompt", messages=drafts)
    await made(core, project, "short", 3)
    await cleaning.clean(project.project_id, CleaningRules(keep_messages=3), dry_run=False)
    assert await core.texts("long") == ["Be brief.", "text 7", "text 8", "text 9"]
    session = await core.sessions.get(project.project_id, "long")
    assert (session.message_count, session.system) == (4, "prompt")
    assert await core.texts("short") == ["text 0", "text 1", "text 2"]
    await core.close()
    assert not any(b"text 6" in path.read_bytes() for path in core.folder.parent.rglob("*.jsonl"))


async def test_what_is_kept_begins_with_a_question(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "long", 10)
    await cleaning.clean(project.project_id, CleaningRules(keep_messages=3), dry_run=False)
    assert await core.texts("long") == ["text 8", "text 9"]
    assert await cleaning.clean(project.project_id, CleaningRules(keep_messages=3), dry_run=False) == []


async def test_a_session_with_a_running_turn_is_left_alone(core: Core, project: Project, cleaning: Cleaning) -> None:
    turn, gate = await at_gate(core, session_id="busy")
    rules = CleaningRules(empty=True, older_than=1, keep_messages=1)
    assert await cleaning.clean(project.project_id, rules, dry_run=False) == []
    gate.opened.set()
    await turn.result()


@pytest.mark.parametrize(
    "rules",
    [
        CleaningRules(),
        CleaningRules(older_than=0),
        CleaningRules(older_than=-5, empty=True),
        CleaningRules(keep_messages=0),
        CleaningRules(older_than=10**12),
    ],
    ids=str,
)
async def test_rules_that_make_no_sense_are_refused(
    core: Core, project: Project, cleaning: Cleaning, rules: CleaningRules
) -> None:
    await made(core, project, "empty")
    with pytest.raises(InvalidInput):
        await cleaning.clean(project.project_id, rules, dry_run=False)
    assert await left(core, project) == {"empty"}


async def test_retention_takes_nothing_unless_it_is_asked_for(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "old", 2, updated_at=FIRST_MOMENT - 31 * DAY)
    await made(core, project, "empty")
    assert await cleaning.retain(None) == 0
    assert await cleaning.retain(30) == 1
    assert await left(core, project) == {"empty"}


async def looked_through(core: Core) -> None:
    """Wait until the sessions were listed, and the first that is to go was looked at."""
    while "size" not in core.store.calls and "messages" not in core.store.calls:
        await asyncio.sleep(0)


async def test_what_is_used_while_others_go_stays(core: Core, project: Project, cleaning: Cleaning) -> None:
    for name in ("a", "b", "c", "d", "e", "f"):
        await made(core, project, name, 2, updated_at=FIRST_MOMENT - 31 * DAY)
    order = [session.session_id for session in await core.sessions.all(project.project_id)]
    first, asked, typed, pinned, busy, last = order
    async with core.conversations.lock(project.project_id, first):
        rules = CleaningRules(older_than=30)
        going = asyncio.create_task(cleaning.clean(project.project_id, rules, dry_run=False))
        await looked_through(core)
        await said(core, "I go on with it", session_id=asked)
        await core.sessions.update(project.project_id, typed, {"draft": "not sent yet"})
        await core.sessions.update(project.project_id, pinned, {"pinned": True})
        turn, gate = await at_gate(core, session_id=busy)
    assert set(told(await going)) == {first, last}
    assert await left(core, project) == {asked, typed, pinned, busy}
    gate.opened.set()
    assert (await turn.result()).stop_reason == "end_turn"


async def test_what_is_typed_just_before_it_goes_keeps_it(core: Core, project: Project, cleaning: Cleaning) -> None:
    await made(core, project, "empty")
    async with core.conversations.lock(project.project_id, "empty"):
        typing = asyncio.create_task(core.sessions.update(project.project_id, "empty", {"draft": "not sent yet"}))
        await asyncio.sleep(0)
        going = asyncio.create_task(cleaning.clean(project.project_id, CleaningRules(empty=True), dry_run=False))
        await looked_through(core)
    await typing
    assert await going == []
    assert (await core.sessions.get(project.project_id, "empty")).draft == "not sent yet"


async def test_a_long_session_that_is_used_meanwhile_keeps_its_messages(
    core: Core, project: Project, cleaning: Cleaning
) -> None:
    for name in ("a", "b", "c", "d"):
        await made(core, project, name, 6)
    first, pinned, busy, last = [session.session_id for session in await core.sessions.all(project.project_id)]
    async with core.conversations.lock(project.project_id, first):
        rules = CleaningRules(keep_messages=2)
        going = asyncio.create_task(cleaning.clean(project.project_id, rules, dry_run=False))
        await looked_through(core)
        await core.sessions.update(project.project_id, pinned, {"pinned": True})
        turn, gate = await at_gate(core, session_id=busy)
    assert told(await going) == {first: ("long", 4), last: ("long", 4)}
    gate.opened.set()
    await turn.result()
    assert [len(await core.texts(name)) for name in (first, pinned, busy, last)] == [2, 6, 8, 2]
