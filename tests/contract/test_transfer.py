import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from core import Core
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Attachment, Project
from rejoinder.domain.errors import InvalidInput, SessionNotFound, StorageFull
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.importing import ImportReport
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryDraft, MemoryFilter
from rejoinder.services.transfer import Transfer

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1b"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def transfer(core: Core) -> Transfer:
    return core.transfer


async def filled(core: Core, project: Project, session_id: str = "s1") -> None:
    """A session with a branch, an attachment, a state and a system prompt."""
    drafts = [
        MessageDraft("user", "why?", attachments=(Attachment("file:///x", text="code"),)),
        MessageDraft("assistant", "because"),
        MessageDraft("user", "left behind"),
    ]
    await core.sessions.create(
        project, session_id=session_id, name="Plans", system="be kind", metadata={"k": [1]}, messages=drafts
    )
    tree = await core.conversations.tree(project.project_id, session_id)
    await core.history.rollback(project.project_id, session_id, tree.all()[1].message_id)
    await core.states.set(project.project_id, session_id, {"a": {"b": None}})


async def other_project(core: Core, tmp_path: Path) -> Project:
    folder = tmp_path / "other"
    folder.mkdir()
    return await core.projects.of_folder(folder)


async def test_what_goes_out_comes_in_again_without_loss(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    content = await transfer.export_json(project.project_id, ["s1"])
    other = await other_project(core, tmp_path)
    assert await transfer.import_(other, content) == ImportReport(1, 3, 0)
    before, after = [await core.sessions.get(p.project_id, "s1") for p in (project, other)]
    assert (after.name, after.system, after.metadata, after.head) == (
        before.name,
        before.system,
        before.metadata,
        before.head,
    )
    assert core.store.messages(other.project_id, "s1") == core.store.messages(project.project_id, "s1")
    assert await core.states.get(other.project_id, "s1") == {"a": {"b": None}}
    page = await core.history.page(other.project_id, "s1")
    assert [placed.message.content for placed in page.messages] == ["why?", "because"]


async def test_short_memory_goes_out_and_comes_in_once(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    tree = await core.conversations.tree(project.project_id, "s1")
    origin = Origin(session_id="s1", message_id=tree.all()[1].message_id)
    for user, kind, text in (("ann", "short", "her note"), ("default", "short", SECRET), ("ann", "long", "for good")):
        draft = MemoryDraft(text=text, kind=kind, metadata={"n": 1})  # type: ignore[arg-type]
        await core.memories.add(project.project_id, user, draft, origin, config=RecallConfig())
    before = await core.memories.of_session(project.project_id, "s1")
    assert [entry.user_id for entry in before] == ["ann", "default"]
    content = await transfer.export_json(project.project_id, None)
    assert SECRET not in content and "for good" not in content
    other = await other_project(core, tmp_path)
    for expected in (ImportReport(1, 3, 0), ImportReport(0, 0, 1)):
        assert await transfer.import_(other, content) == expected
        assert await core.memories.of_session(other.project_id, "s1") == before
    for forgotten in before:
        await core.memories.delete(other.project_id, forgotten.user_id, forgotten.memory_id)
    await transfer.import_(other, content)
    assert await core.memories.of_session(other.project_id, "s1") == []
    await core.history.delete(other.project_id, "s1", permanent=True)
    await transfer.import_(other, content)
    assert await core.memories.of_session(other.project_id, "s1") == before


@pytest.mark.parametrize(
    "change",
    [
        {"memoryId": "no id"},
        {"text": " "},
        {"text": 5},
        {"kind": "eternal"},
        {"quality": 7},
        {"metadata": ["x"]},
        {"userId": ""},
        {"createdAt": "today"},
    ],
    ids=str,
)
async def test_memory_that_is_not_as_it_should_be_changes_nothing(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path, change: dict[str, Any]
) -> None:
    await filled(core, project)
    await core.memories.add(
        project.project_id, "ann", MemoryDraft(text="x", kind="short"), Origin(session_id="s1"), config=RecallConfig()
    )
    content = json.loads(await transfer.export_json(project.project_id, None))
    content["sessions"][0]["memories"][0] |= change
    other = await other_project(core, tmp_path)
    with pytest.raises(InvalidInput, match="session 0"):
        await transfer.import_(other, json.dumps(content))
    assert await core.sessions.all(other.project_id) == []


async def test_what_a_file_says_of_other_sessions_and_for_good_does_not_come_in(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    await core.memories.add(
        project.project_id, "ann", MemoryDraft(text="x", kind="short"), Origin(session_id="s1"), config=RecallConfig()
    )
    content = json.loads(await transfer.export_json(project.project_id, None))
    (entry,) = content["sessions"][0]["memories"]
    others = {"memoryId": "m2", "kind": "long"}, {"memoryId": "m3", "source": {"sessionId": "s9", "messageId": "m"}}
    content["sessions"][0]["memories"] += [{**entry, **other} for other in others]
    other = await other_project(core, tmp_path)
    await transfer.import_(other, json.dumps(content))
    entries = await core.memories.page(other.project_id, MemoryFilter(user_id="ann"))
    assert [(one.source.session_id, one.source.message_id) for one in entries.entries] == [("s1", None)] * 2


async def test_all_sessions_go_out_when_none_is_named(core: Core, project: Project, transfer: Transfer) -> None:
    for session_id in ("s1", "s2"):
        await filled(core, project, session_id)
    sessions = json.loads(await transfer.export_json(project.project_id, None))["sessions"]
    assert {item["session"]["sessionId"] for item in sessions} == {"s1", "s2"}
    with pytest.raises(SessionNotFound):
        await transfer.export_json(project.project_id, ["s9"])


async def test_what_is_there_is_left_as_it_is(core: Core, project: Project, transfer: Transfer) -> None:
    await filled(core, project)
    content = await transfer.export_json(project.project_id, None)
    await core.sessions.update(project.project_id, "s1", {"name": "changed"})
    assert await transfer.import_(project, content) == ImportReport(0, 0, 1)
    assert (await core.sessions.get(project.project_id, "s1")).name == "changed"


async def test_a_session_that_a_file_holds_twice_comes_in_once(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    content = json.loads(await transfer.export_json(project.project_id, None))
    content["sessions"] *= 2
    other = await other_project(core, tmp_path)
    assert await transfer.import_(other, json.dumps(content)) == ImportReport(1, 3, 1)


async def test_a_dry_run_counts_and_changes_nothing(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    content = await transfer.export_json(project.project_id, None)
    other = await other_project(core, tmp_path)
    assert await transfer.import_(other, content, dry_run=True) == ImportReport(1, 3, 0)
    assert await core.sessions.all(other.project_id) == []


async def test_a_plain_list_of_messages_is_a_new_session(core: Core, project: Project, transfer: Transfer) -> None:
    content = json.dumps([{"role": "user", "content": "Why so? Tell."}, {"role": "assistant", "content": "so"}])
    assert await transfer.import_(project, content) == ImportReport(1, 2, 0)
    (session,) = await core.sessions.all(project.project_id)
    assert (session.name, session.message_count) == ("Why so?", 2)
    path = await core.sessions.path(session)
    assert [(m.role, m.content, m.source) for m in path] == [
        ("user", "Why so? Tell.", "import"),
        ("assistant", "so", "import"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "5",
        '"x"',
        "{}",
        '{"format": "other"}',
        '{"format": "rejoinder-sessions", "version": 2, "sessions": []}',
        '{"format": "rejoinder-sessions", "version": 1}',
        '{"format": "rejoinder-sessions", "version": 1, "sessions": [5]}',
        '{"format": "rejoinder-sessions", "version": 1, "sessions": [{}]}',
        "[5]",
        '[{"role": "robot", "content": "x"}]',
        '[{"role": ["user"], "content": "x"}]',
        '[{"role": "user", "content": 5}]',
        '[{"role": "user"}]',
        "[" * 100_000,
        '"\\ud800"',
    ],
    ids=lambda content: content[:60],
)
async def test_what_is_no_export_is_refused_and_changes_nothing(
    core: Core, project: Project, transfer: Transfer, content: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await transfer.import_(project, content)
    assert caught.value.data["key"] == "content"
    assert len(caught.value.message) < 500
    assert await core.sessions.all(project.project_id) == []


BROKEN: dict[str, Change] = {
    "an ID that leads elsewhere": lambda item: item["session"].update(sessionId="../x"),
    "a name that is no text": lambda item: item["session"].update(name=5),
    "a label that is no text": lambda item: item["session"].update(label=["x"]),
    "metadata that is no table": lambda item: item["session"].update(metadata=[1]),
    "a scope that is none": lambda item: item["session"].update(scope="everywhere"),
    "a flag that is none": lambda item: item["session"].update(pinned="no"),
    "a count that is none": lambda item: item["session"].update(messageCount="3"),
    "a time without its zone": lambda item: item["session"].update(updatedAt="2026-01-01T00:00:00"),
    "a missing key": lambda item: item["session"].pop("scope"),
    "content that is no text": lambda item: item["messages"][0].update(content=5),
    "a role that is none": lambda item: item["messages"][0].update(role="robot"),
    "a source that is none": lambda item: item["messages"][0].update(source="radio"),
    "an ID that is a number": lambda item: item["messages"][0].update(messageId=5),
    "attachments that are none": lambda item: item["messages"][0].update(attachments=[{"uri": 5}]),
    "messages that are no list": lambda item: item.update(messages=5),
    "a state that is no table": lambda item: item.update(state=[1, 2]),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
async def test_a_file_that_is_not_whole_changes_nothing(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path, change: Change
) -> None:
    for session_id in ("s1", "s2"):
        await filled(core, project, session_id)
    content = json.loads(await transfer.export_json(project.project_id, None))
    change(content["sessions"][1])
    other = await other_project(core, tmp_path)
    with pytest.raises(InvalidInput) as caught:
        await transfer.import_(other, json.dumps(content))
    assert "session 1" in caught.value.message
    assert await core.sessions.all(other.project_id) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda messages: messages.reverse(),
        lambda messages: messages[0].update(parentId=messages[1]["messageId"]),
        lambda messages: messages[1].update(messageId=messages[0]["messageId"]),
        lambda messages: messages[0].update(parentId=messages[0]["messageId"]),
        lambda messages: messages.clear(),
    ],
    ids=["turned round", "in a circle", "the same ID twice", "its own parent", "none"],
)
async def test_messages_in_disorder_make_a_session_that_can_be_read(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path, change: Callable[[list[Any]], object]
) -> None:
    await filled(core, project)
    content = json.loads(await transfer.export_json(project.project_id, None))
    change(content["sessions"][0]["messages"])
    other = await other_project(core, tmp_path)
    try:
        await transfer.import_(other, json.dumps(content))
    except InvalidInput:
        assert await core.sessions.all(other.project_id) == []
        return
    session = await core.sessions.get(other.project_id, "s1")
    page = await core.history.page(other.project_id, "s1")
    assert len(page.messages) == session.message_count
    await core.history.add(other.project_id, "s1", [MessageDraft("user", "on")])
    assert (await core.sessions.get(other.project_id, "s1")).message_count == session.message_count + 1


async def test_markdown_is_the_active_path_for_people(core: Core, project: Project, transfer: Transfer) -> None:
    await filled(core, project)
    assert await transfer.export_markdown(project.project_id, ["s1"]) == (
        "# Plans\n\n## User\n\nwhy?\n\n## Assistant\n\nbecause\n"
    )


async def test_markdown_comes_in_again_as_text(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    content = await transfer.export_markdown(project.project_id, None)
    other = await other_project(core, tmp_path)
    for kind in ("markdown", None):
        assert await transfer.import_(other, content, format=kind, dry_run=True) == ImportReport(1, 2, 0)
    assert await transfer.import_(other, content) == ImportReport(1, 2, 0)
    (session,) = await core.sessions.all(other.project_id)
    assert session.name == "Plans" and await transfer.export_markdown(other.project_id, None) == content
    assert await transfer.import_(other, content, format="markdown") == ImportReport(0, 0, 1)
    with pytest.raises(InvalidInput, match="content: it has no heading like `## User`"):
        await transfer.import_(other, "Why?", format="markdown")


async def test_a_markdown_file_comes_in_once_and_then_what_is_new_in_it(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await filled(core, project)
    file = tmp_path / "plans.md"
    file.write_text(await transfer.export_markdown(project.project_id, None))
    other = await other_project(core, tmp_path)
    report = await transfer.import_path(other, str(file))
    assert (report.detected, report.sessions, report.messages) == ("markdown", 1, 2)
    assert (await transfer.import_path(other, str(file))).skipped == 1
    file.write_text(file.read_text() + "\n## User\n\nand then?\n")
    report = await transfer.import_path(other, str(file), format="markdown")
    assert (report.sessions, report.messages) == (1, 1)
    (tmp_path / "notes.md").write_text("# Notes\n\nNobody speaks.\n")
    with pytest.raises(InvalidInput, match=r"path: notes\.md"):
        await transfer.import_path(other, str(tmp_path / "notes.md"))


async def test_no_secret_goes_out(core: Core, project: Project, transfer: Transfer) -> None:
    await core.sessions.create(project, session_id="s1", system=SECRET)
    await core.history.add(project.project_id, "s1", [MessageDraft("user", f"it is {SECRET}")])
    for content in (
        await transfer.export_json(project.project_id, None),
        await transfer.export_markdown(project.project_id, None),
    ):
        assert SECRET not in content
        assert "it is [masked:github-token:" in content


async def test_a_full_disk_is_told(core: Core, project: Project, transfer: Transfer, tmp_path: Path) -> None:
    await filled(core, project)
    content = await transfer.export_json(project.project_id, None)
    other = await other_project(core, tmp_path)
    core.store.faults_at["create"] = StorageFull("x")
    with pytest.raises(StorageFull):
        await transfer.import_(other, content)
    assert await core.sessions.all(other.project_id) == []


async def test_what_came_in_is_there_after_a_restart(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    await transfer.import_(project, '[{"role": "user", "content": "why?"}]')
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    (session,) = await again.sessions.all(project.project_id)
    assert [m.content for m in await again.sessions.path(session)] == ["why?"]
    await again.close()


async def test_what_two_bring_in_at_once_comes_once(core: Core, project: Project, transfer: Transfer) -> None:
    for session_id in ("s1", "s2", "s3"):
        await filled(core, project, session_id)
    content = await transfer.export_json(project.project_id, None)
    for session_id in ("s1", "s2", "s3"):
        await core.history.delete(project.project_id, session_id, permanent=True)
    done = await asyncio.gather(*(transfer.import_(project, content) for _ in range(2)))
    assert [one.sessions + one.skipped for one in done] == [3, 3]
    assert sum(one.sessions for one in done) == 3
    assert [await core.texts(session_id) for session_id in ("s1", "s2", "s3")] == [["why?", "because"]] * 3


async def test_what_is_made_and_thrown_away_while_a_file_comes_in_stays_in_the_trash(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    other = await other_project(core, tmp_path)
    for session_id in ("s1", "s2"):
        await filled(core, project, session_id)
    content = await transfer.export_json(project.project_id, ["s1", "s2"])
    made = attrs.evolve(await core.sessions.get(project.project_id, "s2"), project_id=other.project_id)
    await core.memories.of_session(other.project_id, "s1")
    core.store.calls.clear()
    async with core.conversations.lock(other.project_id, "s2"):
        coming = asyncio.create_task(transfer.import_(other, content))
        while "put_state" not in core.store.calls:
            await asyncio.sleep(0)
        for _ in range(5):
            await core.io(int)  # the first has come, and the second is looked for
        await core.io(core.store.create, made)
        await core.io(core.store.trash, attrs.evolve(made, deleted_at=made.created_at))
    report = await coming
    assert [arrival.reason for arrival in report.arrivals] == [None, "it is in the trash"]
    assert [session.session_id for session in await core.sessions.trashed(other.project_id)] == ["s2"]
