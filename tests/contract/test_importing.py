"""Sessions of other programs, read from stores as these programs write them."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

import foreign_kit as kit
from core import Core
from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.importing import ImportReport
from rejoinder.services.memory_requests import MemoryFilter
from rejoinder.services.transfer import Transfer


@pytest.fixture
def transfer(core: Core) -> Transfer:
    return core.transfer


@pytest.fixture(params=kit.ALL, ids=str)
def store(request: pytest.FixtureRequest) -> kit.Store:
    return kit.ALL[request.param]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    return folder


async def path_of(core: Core, project: Project, session_id: str) -> list[Message]:
    return await core.sessions.path(await core.sessions.get(project.project_id, session_id))


def said(messages: list[Message]) -> tuple[tuple[str, str], ...]:
    return tuple((each.role, each.content) for each in messages if each.role != "system")


def ferry(report: ImportReport, store: kit.Store) -> str:
    """The ID that the conversation has here."""
    return store.session or report.arrivals[0].session_id


def state_of(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file of a folder with its time and content."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest()) for path in files}


async def test_a_store_is_recognised_and_its_conversation_comes_in(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = store.write(place)
    report = await transfer.import_path(project, str(path))
    assert (report.detected, report.skipped, report.problems[1:]) == (store.format, 0, [])
    session = await core.sessions.get(project.project_id, ferry(report, store))
    messages = await core.sessions.path(session)
    assert said(messages) == kit.TALK
    assert session.message_count == len(messages)
    assert {message.source for message in messages} <= {"import", "chat"}
    assert len(await core.sessions.all(project.project_id)) == report.sessions == len(report.arrivals)


async def test_a_dry_run_says_the_same_and_stores_nothing(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = str(store.write(place))
    would = await transfer.import_path(project, path, dry_run=True)
    assert await core.sessions.all(project.project_id) == []
    came = await transfer.import_path(project, path)
    assert came == would and came.sessions
    assert [(each.session_id, each.name, each.new) for each in came.arrivals] == [
        (each.session_id, each.name, each.new) for each in would.arrivals
    ]


async def test_a_second_time_adds_nothing(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = str(store.write(place))
    first = await transfer.import_path(project, path)
    again = await transfer.import_path(project, path)
    assert again == ImportReport(0, 0, first.sessions)
    assert {each.outcome for each in again.arrivals} == {"known"}
    assert said(await path_of(core, project, ferry(first, store))) == kit.TALK


async def test_of_a_conversation_that_has_grown_only_what_is_new_comes(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = str(store.write(place))
    first = await transfer.import_path(project, path)
    before = await path_of(core, project, ferry(first, store))
    store.grow(place)
    assert await transfer.import_path(project, path, dry_run=True) == ImportReport(1, 2, first.sessions - 1)
    grown = await transfer.import_path(project, path)
    assert grown == ImportReport(1, 2, first.sessions - 1)
    after = await path_of(core, project, ferry(first, store))
    assert after[: len(before)] == before
    assert said(after) == (*kit.TALK, *kit.MORE)
    assert (await core.sessions.get(project.project_id, ferry(first, store))).message_count == len(after)


async def test_what_is_damaged_is_named_and_the_rest_comes_in(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = store.write(place)
    whole = await transfer.import_path(project, str(path), dry_run=True)
    store.hurt(place)
    report = await transfer.import_path(project, str(path))
    assert report.sessions >= whole.sessions
    assert len(report.problems) > len(whole.problems)
    assert all(problem.place and problem.reason for problem in report.problems)
    assert said(await path_of(core, project, ferry(report, store)))[:2] == kit.TALK


async def test_nothing_of_theirs_is_changed(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = store.write(place)
    before = state_of(place)
    await transfer.import_path(project, str(path))
    assert state_of(place) == before


async def test_who_goes_on_here_keeps_his_end_and_finds_the_new_beside_it(
    core: Core, project: Project, transfer: Transfer, store: kit.Store, place: Path
) -> None:
    path = str(store.write(place))
    first = await transfer.import_path(project, path)
    session_id = ferry(first, store)
    await core.history.add(project.project_id, session_id, [MessageDraft("user", "And the gulls?")])
    mine = [message.message_id for message in await path_of(core, project, session_id)]
    store.grow(place)
    assert (await transfer.import_path(project, path)).messages == 2
    session = await core.sessions.get(project.project_id, session_id)
    tree = await core.conversations.tree(project.project_id, session_id)
    assert [message.message_id for message in await core.sessions.path(session)] == mine
    assert {text for _, text in kit.MORE} <= {message.content for message in tree.all()}
    assert (await transfer.import_path(project, path)).messages == 0


async def test_what_was_removed_here_stays_away(core: Core, project: Project, transfer: Transfer, place: Path) -> None:
    path = str(kit.write_continue(place))
    await transfer.import_path(project, path)
    await core.history.clear(project.project_id, "c-1")
    await core.history.delete(project.project_id, "c-2")
    again = await transfer.import_path(project, path)
    assert again == ImportReport(0, 0, 2)
    assert [each.reason for each in again.arrivals] == ["its messages were removed here", "it is in the trash"]
    assert await path_of(core, project, "c-1") == []


async def test_a_session_of_ones_own_is_never_touched(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    await core.sessions.create(project, session_id="c-1", name="mine")
    report = await transfer.import_path(project, str(kit.write_continue(place)))
    assert report.sessions == report.skipped == 1
    assert (await core.sessions.get(project.project_id, "c-1")).name == "mine"


async def test_secrets_are_masked_on_the_way_in(core: Core, project: Project, transfer: Transfer, place: Path) -> None:
    secret = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
    kit.dump(place / "x.json", [{"role": "user", "content": f"my key is {secret}"}])
    report = await transfer.import_path(project, str(place / "x.json"))
    (message,) = await path_of(core, project, report.arrivals[0].session_id)
    assert secret not in message.content and "my key is" in message.content
    assert secret not in str(await core.io(core.store.messages, project.project_id, report.arrivals[0].session_id))


async def session_of(core: Core, project: Project, session_id: str) -> tuple[Session, list[Message]]:
    session = await core.sessions.get(project.project_id, session_id)
    return session, await core.sessions.path(session)


async def test_continue_keeps_title_time_model_images_files_and_calls(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    await transfer.import_path(project, str(kit.write_continue(place)))
    session, (question, answer, last) = await session_of(core, project, "c-2")
    assert (session.name, session.created_at.year, session.metadata["workspace"]) == ("A picture", 2023, "file:///p")
    image, file = question.attachments
    assert (image.mime_type, image.digest) == ("image/png", sha256(kit.PNG).hexdigest())
    stored = await core.io(core.store.attachment, project.project_id, "c-2", image.digest)
    assert stored == kit.PNG
    assert (file.uri, file.text) == ("file:///p/quay.py", "BOATS = 3")
    assert answer.model == "Big Model" and answer.usage is not None and answer.usage.tokens == 9
    (call,) = answer.tool_calls
    assert (call.name, call.args, call.status, call.output) == (
        "read_file",
        {"filepath": "quay.py"},
        "done",
        "BOATS = 3",
    )
    assert last.content == "Three boats."


async def test_codecompanion_keeps_title_time_model_buffers_and_calls(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    await transfer.import_path(project, str(kit.write_codecompanion(place)))
    session, (question, answer, _) = await session_of(core, project, "1700000100")
    assert (session.name, session.updated_at.timestamp()) == ("Chat 1700000100", 1700000150)
    assert [attachment.uri for attachment in question.attachments] == ["file:///p/q.lua"]
    assert answer.model == "small"
    assert [(call.name, call.args, call.output) for call in answer.tool_calls] == [
        ("cmd_runner", {"cmd": "ls"}, "q.lua")
    ]
    _, (system, *_) = await session_of(core, project, "1700000000")
    assert (system.role, system.content) == ("system", "Be brief.")


async def test_eca_keeps_title_times_model_and_calls(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    report = await transfer.import_path(project, str(kit.write_eca(place)))
    assert not any("api-key" in str(each) for each in report.arrivals)
    session, (question, looked, answer) = await session_of(core, project, "e-2")
    assert (session.name, session.created_at.timestamp(), session.updated_at.timestamp()) == (
        "Chat e-2",
        1700000000,
        1700000005,
    )
    assert (question.content, question.created_at.microsecond) == ("List it.", 10_000)
    assert [(call.name, call.args, call.output) for call in looked.tool_calls] == [
        ("eca__ls", {"path": "/p"}, "quay.py")
    ]
    assert (answer.content, answer.model) == ("One file.", "maker/big")


async def test_aider_keeps_times_model_and_code_and_leaves_its_remarks(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    report = await transfer.import_path(project, str(kit.write_aider(place)))
    assert [problem.reason for problem in report.problems] == ["nobody said anything"]
    first, second = report.arrivals
    session, (_, answer) = await session_of(core, project, first.session_id)
    assert (session.created_at.astimezone().hour, answer.model) == (7, "maker/big")
    _, (question, code) = await session_of(core, project, second.session_id)
    assert question.content == "Write two lines:\none, and two"
    assert code.content == "quay.py\n```python\n# a comment\nBOATS = 3\n```"
    assert (await transfer.import_path(project, str(place), dry_run=True)).detected == "aider"


async def test_llm_keeps_times_model_usage_images_and_calls(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    await transfer.import_path(project, str(kit.write_llm(place)))
    session, (_, answer) = await session_of(core, project, "l-1")
    assert (session.name, session.system, session.created_at.isoformat()) == (
        "The ferry",
        "Be brief.",
        "2024-05-06T07:08:01+00:00",
    )
    assert answer.usage is not None and (answer.model, answer.usage.tokens, answer.usage.seconds) == ("big", 16, 1.5)
    _, (question, looked, seen) = await session_of(core, project, "l-2")
    assert [attachment.digest for attachment in question.attachments] == [sha256(kit.PNG).hexdigest()]
    assert [(call.name, call.args, call.output) for call in looked.tool_calls] == [("look", {"far": True}, "a sail")]
    assert seen.content == "A boat."
    assert said(await path_of(core, project, "r4")) == kit.OTHER


async def test_praison_keeps_state_and_memory(core: Core, project: Project, place: Path) -> None:
    transfer = core.transfer
    path = str(kit.write_praison(place))
    would = await transfer.import_path(project, path, dry_run=True)
    assert (would.detected, would.sessions, would.arrivals[0].memories) == ("praison", 1, 2)
    assert await core.sessions.all(project.project_id) == []
    await transfer.import_path(project, path)
    assert await core.states.get(project.project_id, "p-1") == {"tide": "low", "boats": 3}
    page = await core.memories.page(project.project_id, MemoryFilter(user_id="default"))
    assert {(one.text, one.kind, one.quality, one.source.session_id) for one in page.entries} == {
        ("The ferry is late today.", "short", 0.4, "p-1"),
        ("The captain likes tea.", "long", 0.9, "p-1"),
    }
    assert await transfer.import_path(project, path) == ImportReport(0, 0, 1)
    await core.memories.delete(project.project_id, "default", page.entries[0].memory_id)
    kit.grow_praison(place)
    kit.hurt_praison(place)
    grown = await transfer.import_path(project, path)
    assert (grown.sessions, grown.arrivals[0].memories) == (1, 1)
    assert {problem.place for problem in grown.problems} == {"p-0/long_term.db", "p-1/short_term.db: entry z"}
    page = await core.memories.page(project.project_id, MemoryFilter(user_id="default"))
    assert len(page.entries) == 2 and "The mate likes coffee." in [one.text for one in page.entries]


@pytest.mark.parametrize("name", ["continue", "codecompanion", "aider", "praison"])
async def test_what_belonged_to_another_folder_comes_into_its_project_when_asked(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path, name: str
) -> None:
    theirs = tmp_path / "theirs"
    (theirs / ".git").mkdir(parents=True)
    path = kit.write_praison(theirs) if name == "praison" else kit.ALL[name].write(theirs)
    for file in theirs.rglob("*.json"):
        told = file.read_text()
        told = told.replace('"file:///p"', json.dumps(theirs.as_uri())).replace('"cwd": "/p"', f'"cwd": "{theirs}"')
        file.write_text(told)
    would = await transfer.import_path(project, str(path), dry_run=True, own_projects=True)
    assert {one.folder for one in would.arrivals} == {str(theirs)} and would.sessions
    assert [one.project_id for one in await core.projects.all()] == [project.project_id]
    came = await transfer.import_path(project, str(path), own_projects=True)
    assert came == would and {one.folder for one in came.arrivals} == {str(theirs)}
    (its,) = [one for one in await core.projects.all() if one.paths == (str(theirs),)]
    assert await core.sessions.all(project.project_id) == []
    assert len(await core.sessions.all(its.project_id)) == came.sessions and not its.trusted
    remembered = (await core.memories.page(its.project_id, MemoryFilter(user_id="default"))).entries
    assert len(remembered) == sum(one.memories for one in came.arrivals) == (2 if name == "praison" else 0)
    again = await transfer.import_path(project, str(path), own_projects=True)
    assert (again.sessions, again.skipped) == (0, came.sessions)


async def test_without_a_folder_that_may_be_a_project_the_current_one_takes_it(
    core: Core, project: Project, transfer: Transfer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for number, folder in enumerate(("/no/such/folder", "relative", "", "/", str(home), "a" * 5000)):
        chat = kit.load(kit.write_codecompanion(place / str(number)) / "chats/1700000000.json")
        kit.dump(place / f"{number}.json", {**chat, "save_id": f"chat-{number}", "cwd": folder})
        report = await transfer.import_path(project, str(place / f"{number}.json"), own_projects=True)
        assert [one.folder for one in report.arrivals] == [None]
    assert len(await core.sessions.all(project.project_id)) == 6
    assert len(await core.projects.all()) == 1


async def test_what_came_into_the_current_project_before_grows_there(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    path = kit.write_codecompanion(place)
    gone = place / "gone"
    moved = await core.projects.of_folder(_made(place / "moved"))
    chats = [path / "chats/1700000000.json", path / "chats/1700000100.json"]
    for file, folder in zip(chats, (place, gone), strict=True):
        kit.dump(file, {**kit.load(file), "cwd": str(folder)})
    await transfer.import_path(project, str(chats[0]))
    kit.grow_codecompanion(place)
    await core.projects.relink(moved.project_id, _made(gone))
    await core.projects.relink(moved.project_id, place / "moved")
    gone.rmdir()
    report = await transfer.import_path(project, str(path), own_projects=True)
    assert [(one.outcome, one.folder) for one in report.arrivals] == [("grown", None), ("new", str(place / "moved"))]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_a_database_that_is_open_elsewhere_is_read_with_what_is_not_in_its_file_yet(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    path = kit.write_llm(place)
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("PRAGMA journal_mode = WAL")
        with theirs:
            theirs.execute(
                "INSERT INTO responses (id, prompt, response, datetime_utc) VALUES ('w', 'new?', 'yes', '2024-06-01')"
            )
        log = path.with_name("logs.db-wal")
        assert log.stat().st_size
        before = (path.read_bytes(), log.read_bytes())
        await transfer.import_path(project, str(path))
        assert (path.read_bytes(), log.read_bytes()) == before
    assert said(await path_of(core, project, "w")) == (("user", "new?"), ("assistant", "yes"))


async def test_a_read_only_folder_will_do(core: Core, project: Project, transfer: Transfer, place: Path) -> None:
    path = kit.write_llm(place)
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("PRAGMA journal_mode = WAL")
    names = sorted(place.iterdir())
    assert (await transfer.import_path(project, str(path))).sessions == 3
    assert sorted(place.iterdir()) == names


def nothings(folder: Path) -> Iterator[Path]:
    """What is nothing that can be brought in."""
    (folder / "empty").mkdir()
    yield folder / "empty"
    for name, content in [
        ("blank.json", b""),
        ("noise", b"\xff\xfe\xfd"),
        ("half.json", b'[{"role": "user"'),
        ("other.json", b'{"a": 1}'),
        ("broken.db", b"SQLite format 3\0" + b"\xff" * 4096),
        ("marks.transit.json", b'["^ ","~:chats",["^ ","x","^9"]]'),
        ("deep.transit.json", b'["~#x",' * 900 + b"1" + b"]" * 900),
    ]:
        (folder / name).write_bytes(content)
        yield folder / name
    os.mkfifo(folder / "pipe.json")
    yield folder / "pipe.json"


async def test_what_is_nothing_known_is_refused_with_a_reason_and_changes_nothing(
    core: Core, project: Project, transfer: Transfer, tmp_path: Path
) -> None:
    folder = tmp_path / "nothings"
    folder.mkdir()
    for path in nothings(folder):
        with pytest.raises(InvalidInput) as caught:
            await transfer.import_path(project, str(path))
        assert caught.value.data["key"] == "path" and path.name in caught.value.message, path
    with pytest.raises(InvalidInput):
        await transfer.import_path(project, "here/x.json")
    with pytest.raises(InvalidInput):
        await transfer.import_path(project, str(folder), format="word")
    with pytest.raises(NotFound):
        await transfer.import_path(project, str(folder / "gone"))
    assert await core.sessions.all(project.project_id) == []


async def test_values_that_no_store_can_hold_are_made_ones_that_it_can(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": '{"n": 1e999, "big": 123456789012345678901234567890}'}}
    (place / "odd.json").write_text(
        '{"session_id": "odd", "name": "' + "n" * 5000 + '", "created_at": "0001-01-01T00:00:00+14:00",'
        ' "metadata": {"x": 123456789012345678901234567890, "half": "\\ud800"},'
        ' "messages": [{"role": "user", "content": "half \\ud800", "timestamp": 1e300},'
        ' {"role": "assistant", "content": "so", "tool_calls": [' + json.dumps(call) + "]}]}"
    )
    await transfer.import_path(project, str(place / "odd.json"))
    session, (question, answer) = await session_of(core, project, "odd")
    assert (len(session.name), session.metadata["half"], question.content) == (200, "?", "half ?")
    assert answer.tool_calls[0].args == {"n": None, "big": "123456789012345678901234567890"}


async def test_a_folder_that_may_not_be_read_and_a_name_that_cannot_be(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    for name in ("x" * 5000, "nul\0"):
        with pytest.raises(NotFound):
            await transfer.import_path(project, str(place / name))


async def test_a_folder_in_which_several_programs_keep_theirs(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    kit.write_aider(place)
    kit.write_llm(place)
    report = await transfer.import_path(project, str(place))
    assert (report.detected, report.sessions) == ("llm, aider", 5)
    assert await transfer.import_path(project, str(kit.write_aider(place))) == ImportReport(0, 0, 2)


async def test_a_link_in_a_folder_leads_nowhere(core: Core, project: Project, transfer: Transfer, place: Path) -> None:
    path = kit.write_toon(place)
    kit.dump(place / "elsewhere.json", {"session_id": "far", "messages": kit.plain(kit.OTHER)})
    (path / "near.json").symlink_to(place / "elsewhere.json")
    report = await transfer.import_path(project, str(path))
    assert "far" not in [each.session_id for each in report.arrivals]


async def test_progress_is_told_and_what_came_before_a_stop_stays(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    class Enough(Exception):
        """Stands for a client that cancels."""

    def stop(what: str, done: int, total: int) -> None:
        told.append(done)
        raise Enough

    told: list[int] = []
    path = str(kit.write_toon(place))
    with pytest.raises(Enough):
        await transfer.import_path(project, path, on_progress=stop)
    assert told == [1]
    assert len(await core.sessions.all(project.project_id)) == 1
    assert await transfer.import_path(project, path) == ImportReport(1, 2, 1)


async def test_what_has_grown_and_comes_in_twice_at_once_grows_once(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    store = kit.ALL["llm"]
    path = str(store.write(place))
    first = await transfer.import_path(project, path)
    store.grow(place)
    session_id = ferry(first, store)
    async with core.conversations.lock(project.project_id, session_id):
        coming = [asyncio.create_task(transfer.import_path(project, path)) for _ in range(2)]
        before = core.store.calls.count("session")
        while core.store.calls.count("session") < before + 2:
            await asyncio.sleep(0)
    done = await asyncio.gather(*coming)
    assert sum(one.messages for one in done) == len(kit.MORE)
    messages = core.store.messages(project.project_id, session_id)
    assert len({message.message_id for message in messages}) == len(messages)
    assert said(await path_of(core, project, session_id)) == (*kit.TALK, *kit.MORE)


async def test_a_conversation_that_two_bring_in_at_once_comes_once(
    core: Core, project: Project, transfer: Transfer, place: Path
) -> None:
    path = str(kit.ALL["llm"].write(place))
    done = await asyncio.gather(*(transfer.import_path(project, path) for _ in range(2)))
    there = await core.sessions.all(project.project_id)
    assert sum(one.sessions for one in done) == len(there)
    assert {arrival.outcome for one in done for arrival in one.arrivals} == {"new", "known"}
