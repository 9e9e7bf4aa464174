import asyncio
from typing import Any

import pytest

from core import Core
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import Ambiguous, InvalidInput, SessionNotFound
from rejoinder.services.drafting import MessageDraft

HOSTILE = ["../x", "a/b", "a\0", "x" * 10_000, ""]


async def names(core: Core, project: Project, **wanted: Any) -> list[str]:
    return [session.name for session in (await core.sessions.page(project.project_id, **wanted)).sessions]


async def test_a_new_session_has_a_dated_name_and_is_the_current_one(core: Core, project: Project) -> None:
    made = await core.sessions.create(project)
    assert made.name.startswith("Session 2026-01-02 ")
    assert not made.titled
    assert await core.sessions.current(project, "workspace", None) == made
    assert await core.sessions.current_ids(project.project_id) == {made.session_id}
    assert core.publisher.kinds(made.session_id) == ["created"]


async def test_what_is_given_is_kept(core: Core, project: Project) -> None:
    fields: dict[str, Any] = {"name": "Plans", "label": "p", "description": "all of them", "metadata": {"a": [1]}}
    made = await core.sessions.create(project, session_id="s:1", system="be kind", **fields)
    found = await core.sessions.get(project.project_id, "s:1")
    assert found == made
    assert (found.name, found.label, found.description, found.metadata) == tuple(fields.values())
    assert (found.system, found.titled, found.revision, found.message_count) == ("be kind", True, 0, 0)


async def test_first_messages_are_a_chain(core: Core, project: Project) -> None:
    drafts = [MessageDraft("user", "hello"), MessageDraft("assistant", "good day")]
    made = await core.sessions.create(project, messages=drafts)
    assert made.message_count == 2
    path = await core.sessions.path(made)
    assert [(m.role, m.content, m.source) for m in path] == [
        ("user", "hello", "manual"),
        ("assistant", "good day", "manual"),
    ]
    assert (path[0].parent_id, path[1].parent_id) == (None, path[0].message_id)
    assert made.head == path[1].message_id


@pytest.mark.parametrize("session_id", HOSTILE)
async def test_what_is_no_id_is_refused_everywhere(core: Core, project: Project, session_id: str) -> None:
    for call in (
        core.sessions.get(project.project_id, session_id),
        core.sessions.create(project, session_id=session_id),
        core.sessions.get_or_create(project, session_id),
        core.history.delete(project.project_id, session_id),
        core.history.restore(project.project_id, session_id),
        core.history.page(project.project_id, session_id),
    ):
        with pytest.raises(InvalidInput):
            await call


async def test_a_session_that_is_not_there_is_not_found(core: Core, project: Project) -> None:
    with pytest.raises(SessionNotFound) as caught:
        await core.sessions.get(project.project_id, "none")
    assert caught.value.data == {"sessionId": "none"}


async def test_projects_do_not_see_each_others_sessions(core: Core, project: Project) -> None:
    outside = await core.projects.of_folder(None)
    one = await core.sessions.create(project, session_id="same", name="inside")
    other = await core.sessions.create(outside, session_id="same", name="outside")
    assert (await core.sessions.get(project.project_id, "same")) == one
    assert (await core.sessions.get(outside.project_id, "same")) == other


async def test_each_scope_has_its_own_current_session(core: Core, project: Project) -> None:
    work = await core.sessions.current_or_new(project, "workspace", "file:///a")
    a = await core.sessions.current_or_new(project, "file", "file:///a")
    b = await core.sessions.current_or_new(project, "file", "file:///b")
    free = await core.sessions.current_or_new(project, "none", None)
    assert len({session.session_id for session in (work, a, b, free)}) == 4
    assert (work.uri, a.uri, b.uri, free.uri) == (None, "file:///a", "file:///b", None)
    assert await core.sessions.current_or_new(project, "file", "file:///a") == a
    assert await core.sessions.current_or_new(project, "workspace", None) == work


async def test_outside_of_a_project_there_is_one_session_whatever_the_scope(core: Core) -> None:
    outside = await core.projects.of_folder(None)
    first = await core.sessions.current_or_new(outside, "workspace", None)
    assert (first.session_id, first.scope) == ("default", "none")
    for scope in ("workspace", "file", "none"):
        assert await core.sessions.current_or_new(outside, scope, "file:///a") == first  # type: ignore[arg-type]


async def test_outside_of_a_project_one_can_go_on_when_the_default_session_was_deleted(core: Core) -> None:
    outside = await core.projects.of_folder(None)
    await core.sessions.current_or_new(outside, "none", None)
    await core.history.delete(outside.project_id, "default")
    again = await core.sessions.current_or_new(outside, "none", None)
    assert again.session_id != "default"


async def test_two_at_once_make_one_session(core: Core, project: Project) -> None:
    scoped = await asyncio.gather(*(core.sessions.current_or_new(project, "workspace", None) for _ in range(4)))
    named = await asyncio.gather(*(core.sessions.get_or_create(project, "mine") for _ in range(4)))
    assert len({session.session_id for session in scoped}) == 1
    assert {session.session_id for session in named} == {"mine"}
    assert len(await core.sessions.all(project.project_id)) == 2


async def test_using_a_session_makes_it_the_current_one(core: Core, project: Project) -> None:
    first = await core.sessions.create(project)
    second = await core.sessions.create(project)
    assert await core.sessions.current(project, "workspace", None) == second
    await core.sessions.use(first)
    assert await core.sessions.current(project, "workspace", None) == first


async def test_a_reference_is_an_id_a_name_or_a_prefix(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="abcd-1", name="Plans")
    await core.sessions.create(project, session_id="abcd-2", name="Other")
    assert (await core.sessions.by_ref(project.project_id, "Plans")).session_id == "abcd-1"
    assert (await core.sessions.by_ref(project.project_id, "abcd-2")).session_id == "abcd-2"
    with pytest.raises(Ambiguous):
        await core.sessions.by_ref(project.project_id, "abcd")
    with pytest.raises(SessionNotFound):
        await core.sessions.by_ref(project.project_id, "zzzz")


async def test_a_change_moves_revision_and_time_and_is_told(core: Core, project: Project) -> None:
    made = await core.sessions.create(project, session_id="s1")
    changed = await core.sessions.update(project.project_id, "s1", {"label": "x", "pinned": True, "metadata": {"k": 1}})
    assert (changed.label, changed.pinned, changed.metadata) == ("x", True, {"k": 1})
    assert changed.revision == made.revision + 1
    assert changed.updated_at > made.updated_at
    assert core.publisher.kinds("s1") == ["created", "updated"]
    assert await core.sessions.get(project.project_id, "s1") == changed


async def test_a_draft_moves_neither(core: Core, project: Project) -> None:
    made = await core.sessions.create(project, session_id="s1")
    changed = await core.sessions.update(project.project_id, "s1", {"draft": "half a thou"})
    assert changed.draft == "half a thou"
    assert (changed.revision, changed.updated_at) == (made.revision, made.updated_at)
    assert (await core.sessions.get(project.project_id, "s1")).draft == "half a thou"


async def test_an_empty_text_clears_a_field_and_an_empty_name_brings_back_a_dated_one(
    core: Core, project: Project
) -> None:
    await core.sessions.create(project, session_id="s1", name="Plans", label="x", system="y")
    changed = await core.sessions.update(project.project_id, "s1", {"label": "", "system": "", "name": ""})
    assert (changed.label, changed.system, changed.titled) == (None, None, False)
    assert changed.name.startswith("Session 2026-01-02")


async def test_what_may_not_be_changed_is_refused(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1")
    with pytest.raises(InvalidInput):
        await core.sessions.update(project.project_id, "s1", {"head": "x"})


async def test_changes_at_once_all_count(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1")
    changes = [{"label": "l"}, {"description": "d"}, {"pinned": True}, {"model": "m"}]
    await asyncio.gather(*(core.sessions.update(project.project_id, "s1", change) for change in changes))
    found = await core.sessions.get(project.project_id, "s1")
    assert (found.label, found.description, found.pinned, found.model, found.revision) == ("l", "d", True, "m", 4)


async def test_a_list_has_pinned_ones_first_then_the_newest(core: Core, project: Project) -> None:
    for name in ("a", "b", "c"):
        await core.sessions.create(project, session_id=name, name=name)
    await core.sessions.update(project.project_id, "a", {"pinned": True})
    await core.sessions.update(project.project_id, "b", {"label": "touched"})
    assert await names(core, project) == ["a", "b", "c"]


async def test_a_list_can_be_narrowed(core: Core, project: Project) -> None:
    await core.sessions.create(project, name="Parser work", description="the GRAMMAR")
    await core.sessions.create(project, name="of a file", scope="file", uri="file:///a")
    await core.sessions.create(project, session_id="old", name="old")
    await core.sessions.update(project.project_id, "old", {"archived": True})
    assert await names(core, project, query="grammar") == ["Parser work"]
    assert await names(core, project, scope="file") == ["of a file"]
    assert await names(core, project, uri="file:///a") == ["of a file"]
    assert await names(core, project, archived=True) == ["old"]
    assert await names(core, project) == ["of a file", "Parser work"]


async def test_pages_hold_while_sessions_come_and_go(core: Core, project: Project) -> None:
    for number in range(10):
        await core.sessions.create(project, session_id=f"s{number}", name=f"s{number}")
    first = await core.sessions.page(project.project_id, limit=4)
    assert [session.name for session in first.sessions] == ["s9", "s8", "s7", "s6"]
    await core.sessions.create(project, session_id="new", name="new")
    await core.history.delete(project.project_id, "s6")
    await core.history.delete(project.project_id, "s3")
    await core.sessions.update(project.project_id, "s9", {"pinned": True})
    second = await core.sessions.page(project.project_id, limit=4, cursor=first.next_cursor)
    assert [session.name for session in second.sessions] == ["s5", "s4", "s2", "s1"]
    third = await core.sessions.page(project.project_id, limit=4, cursor=second.next_cursor)
    assert [session.name for session in third.sessions] == ["s0"]
    assert third.next_cursor is None


async def test_pages_lead_over_the_end_of_the_pinned_ones(core: Core, project: Project) -> None:
    for number in range(4):
        await core.sessions.create(project, session_id=f"s{number}", name=f"s{number}")
    await core.sessions.update(project.project_id, "s0", {"pinned": True})
    seen, cursor = [], None
    for _ in range(5):
        page = await core.sessions.page(project.project_id, limit=1, cursor=cursor)
        seen += [session.name for session in page.sessions]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["s0", "s3", "s2", "s1"]


@pytest.mark.parametrize("limit", [0, -5, 10**9])
async def test_a_limit_is_brought_into_bounds(core: Core, project: Project, limit: int) -> None:
    await core.sessions.create(project)
    assert len((await core.sessions.page(project.project_id, limit=limit)).sessions) == 1


async def test_listing_reads_no_messages(core: Core, project: Project) -> None:
    await core.sessions.create(project, messages=[MessageDraft("user", "x")])
    core.store.calls.clear()
    await core.sessions.page(project.project_id)
    assert core.store.calls == ["sessions"]


async def test_state_is_merged_replaced_and_cleared(core: Core, project: Project) -> None:
    project_id = project.project_id
    await core.sessions.create(project, session_id="s1")
    assert await core.states.set(project_id, "s1", {"a": 1, "b": {"c": [None]}}) == {"a": 1, "b": {"c": [None]}}
    assert await core.states.set(project_id, "s1", {"a": 2}) == {"a": 2, "b": {"c": [None]}}
    assert await core.states.clear(project_id, "s1", "b") == {"a": 2}
    assert await core.states.clear(project_id, "s1", "never") == {"a": 2}
    assert await core.states.set(project_id, "s1", {"z": 0}, replace=True) == {"z": 0}
    assert await core.states.get(project_id, "s1") == {"z": 0}
    assert await core.states.clear(project_id, "s1", None) == {}


async def test_states_set_at_once_are_all_there(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1")
    await core.states.set(project.project_id, "s1", {"gone": 1})
    sets = [core.states.set(project.project_id, "s1", {f"k{n}": n}) for n in range(6)]
    clearing = core.states.clear(project.project_id, "s1", "gone")
    await asyncio.gather(*sets[:3], clearing, *sets[3:])
    assert await core.states.get(project.project_id, "s1") == {f"k{n}": n for n in range(6)}


async def test_a_session_that_is_not_there_has_no_state(core: Core, project: Project) -> None:
    for call in (
        core.states.get(project.project_id, "s9"),
        core.states.set(project.project_id, "s9", {}),
        core.states.clear(project.project_id, "s9", None),
    ):
        with pytest.raises(SessionNotFound):
            await call


async def test_what_is_archived_is_no_longer_current(core: Core, project: Project) -> None:
    for session_id in ("s1", "s2", "s3"):
        await core.sessions.create(project, session_id=session_id)
    await core.sessions.update(project.project_id, "s2", {"archived": True})
    assert (await core.projects.get(project.project_id)).current["workspace"] == "s3"
    await core.sessions.update(project.project_id, "s3", {"archived": True})
    assert (await core.projects.get(project.project_id)).current["workspace"] == "s1"
    page = await core.sessions.page(project.project_id, archived=True)
    assert {session.session_id for session in page.sessions} == {"s2", "s3"}
    await core.sessions.update(project.project_id, "s1", {"archived": True})
    assert "workspace" not in (await core.projects.get(project.project_id)).current


async def test_the_trash_is_listed_archived_or_not(core: Core, project: Project) -> None:
    for session_id in ("s1", "s2", "s3"):
        await core.sessions.create(project, session_id=session_id)
    await core.sessions.update(project.project_id, "s1", {"archived": True})
    for session_id in ("s1", "s2"):
        await core.history.delete(project.project_id, session_id)
    page = await core.sessions.page(project.project_id, trashed=True)
    assert {session.session_id for session in page.sessions} == {"s1", "s2"}
    page = await core.sessions.page(project.project_id, trashed=True, archived=True)
    assert [session.session_id for session in page.sessions] == ["s1"]


@pytest.mark.parametrize("cursor", ["xx", "", "1 s1", "9" * 5000])
async def test_what_is_no_cursor_is_refused(core: Core, project: Project, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await core.sessions.page(project.project_id, cursor=cursor)
    assert caught.value.data["key"] == "cursor"


async def test_a_name_is_found_however_its_accents_are_written(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1", name="\u00e9clair")
    assert (await core.sessions.by_ref(project.project_id, "e\u0301clair")).session_id == "s1"


async def test_a_session_of_a_file_needs_a_file(core: Core, project: Project) -> None:
    with pytest.raises(InvalidInput) as caught:
        await core.sessions.create(project, scope="file")
    assert caught.value.data["key"] == "uri"
    assert (await core.sessions.current_or_new(project, "file", None)).scope == "workspace"
