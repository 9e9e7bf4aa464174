"""The contract of HistoryStore, for every store that there is. What is special to one stands at the end."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import attrs
import pytest

import redis_server
from rejoinder import platform
from rejoinder.adapters.journal_format import encode_line
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import (
    Attachment,
    Citation,
    ForkOrigin,
    Message,
    Place,
    Project,
    Session,
    ToolCall,
    Usage,
)
from rejoinder.domain.errors import InvalidInput, NotFound, SessionNotFound, StorageCorrupt
from rejoinder.domain.summaries import Summary
from stores_kit import STORES, Reopened, reopened

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PROJECT = Project(project_id="p", name="Shop", paths=("/home/u/shop", "/old/shop"), created_at=NOW)
SESSION = Session(session_id="../s:1", project_id="p", name="Plans", scope="workspace", created_at=NOW, updated_at=NOW)
SECOND = attrs.evolve(SESSION, session_id="second", name="Other")


def message(number: int, **fields: object) -> Message:
    parent = f"m{number - 1}" if number else None
    return Message(
        message_id=f"m{number}",
        turn_id=f"t{number // 2}",
        role="assistant" if number % 2 else "user",
        source="chat",
        content=f"content {number}",
        created_at=NOW + timedelta(seconds=number),
        **{"parent_id": parent, **fields},  # type: ignore[arg-type]
    )


FULL = message(
    7,
    user_id="somebody",
    attachments=(
        Attachment("file:///a.py", Place(1, 2, 3, 4), 5, "text\u2028 \U0001f600", "text/plain", "0" * 64),
        Attachment("u"),
    ),
    citations=(Citation("file:///b.py", Place(0, 0, 1, 0), "b.py:1", "m1"),),
    tool_calls=(ToolCall("c1", "grep", {"deep": [1, {"x": None}]}, "done", "found"),),
    model="m",
    usage=Usage(1, 2, 0.5, 0.01),
    stop_reason="max_tokens",
)


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path, redis: redis_server.RedisServer | None) -> Iterator[Reopened]:
    kept = reopened(request.param, tmp_path / "data", redis)
    kept.store.put_project(PROJECT)
    kept.store.create(SESSION, [message(0), message(1)])
    yield kept
    kept.store.close()


def test_projects_are_kept_and_replaced(kept: Reopened) -> None:
    full = attrs.evolve(PROJECT, root_commit="abc", inner="sub", trusted=True, current={"workspace": "second"})
    kept.store.put_project(full)
    other = attrs.evolve(PROJECT, project_id="q")
    kept.store.put_project(other)
    assert kept.store.projects() == [full, other]
    assert sorted(kept.again().projects(), key=lambda project: project.project_id) == [full, other]


def test_a_session_comes_back_with_all_its_fields(kept: Reopened) -> None:
    full = attrs.evolve(
        SECOND,
        user_id="somebody",
        label="l",
        description="d",
        uri="file:///x.py",
        scope="file",
        pinned=True,
        archived=True,
        file_digest="f" * 64,
        titled=True,
        message_count=3,
        revision=4,
        head="m1",
        draft="half a thou",
        model="m",
        system="s",
        forked_from=ForkOrigin("../s:1", "m0"),
        metadata={"a": [1, None, {"b": 2.5}]},
        usage=Usage(1, 2, 3.5, 0.25),
    )
    kept.store.create(full)
    assert kept.store.session("p", "second") == full
    assert kept.again().session("p", "second") == full


def test_messages_come_back_equal_and_in_order(kept: Reopened) -> None:
    session = attrs.evolve(SESSION, message_count=3, head="m7", revision=1)
    kept.store.append(session, [FULL])
    expected = [message(0), message(1), FULL]
    assert list(kept.store.messages("p", "../s:1")) == expected
    store = kept.again()
    assert list(store.messages("p", "../s:1")) == expected
    assert store.session("p", "../s:1") == session
    store.append(attrs.evolve(session, message_count=4), [message(8)])
    assert list(store.messages("p", "../s:1")) == [*expected, message(8)]


def test_what_messages_gave_does_not_change_later(kept: Reopened) -> None:
    before = kept.store.messages("p", "../s:1")
    kept.store.append(SESSION, [message(2)])
    assert list(before) == [message(0), message(1)]
    assert len(kept.store.messages("p", "../s:1")) == 3


def test_times_keep_their_moment(kept: Reopened) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-7)))
    kept.store.append(SESSION, [attrs.evolve(message(2), created_at=there)])
    moment = kept.again().messages("p", "../s:1")[-1].created_at
    assert moment == NOW
    assert moment.utcoffset() == timedelta(0)


def test_sessions_of_a_project_are_its_own(kept: Reopened) -> None:
    kept.store.put_project(attrs.evolve(PROJECT, project_id="q"))
    kept.store.create(attrs.evolve(SESSION, project_id="q", name="same ID elsewhere"))
    assert [session.name for session in kept.store.sessions("p")] == ["Plans"]
    assert [session.name for session in kept.again().sessions("q")] == ["same ID elsewhere"]
    assert kept.store.messages("q", "../s:1") == ()
    assert kept.store.sessions("unknown") == []


def test_an_id_is_taken_once(kept: Reopened) -> None:
    with pytest.raises(ValueError, match="exists already"):
        kept.store.create(SESSION)
    kept.store.trash(attrs.evolve(SESSION, deleted_at=NOW))
    with pytest.raises(ValueError, match="exists already"):
        kept.again().create(SESSION)


def test_a_session_needs_a_project(kept: Reopened) -> None:
    with pytest.raises(NotFound):
        kept.store.create(attrs.evolve(SESSION, project_id="unknown"))


@pytest.mark.parametrize("durable", [True, False])
def test_put_replaces_fields_and_keeps_messages(kept: Reopened, durable: bool) -> None:
    changed = attrs.evolve(SESSION, draft="unsent", metadata={"k": 1}, name="New")
    kept.store.put(changed, durable=durable)
    assert kept.store.session("p", "../s:1") == changed
    store = kept.again()
    assert store.session("p", "../s:1") == changed
    assert len(store.messages("p", "../s:1")) == 2
    store.put(attrs.evolve(changed, draft=None), durable=durable)
    assert kept.again().session("p", "../s:1").draft is None


def test_replace_leaves_only_what_it_is_given(kept: Reopened) -> None:
    changed = attrs.evolve(SESSION, message_count=1, head="m0")
    kept.store.replace(changed, [message(0)])
    assert list(kept.store.messages("p", "../s:1")) == [message(0)]
    store = kept.again()
    assert list(store.messages("p", "../s:1")) == [message(0)]
    assert store.session("p", "../s:1") == changed


def test_summaries_are_kept_with_the_messages_that_they_cover(kept: Reopened) -> None:
    first = Summary(through="m0", text="short", model="m", created_at=NOW)
    second, mended = attrs.evolve(first, through="m1"), attrs.evolve(first, text="shorter")
    for summary in (first, second, mended):
        kept.store.put_summary(attrs.evolve(SESSION, revision=7), summary)
    assert list(kept.store.summaries("p", SESSION.session_id)) == [mended, second]
    store = kept.again()
    assert list(store.summaries("p", SESSION.session_id)) == [mended, second]
    assert store.session("p", SESSION.session_id).revision == 7
    assert len(store.messages("p", SESSION.session_id)) == 2
    store.create(SECOND, [message(0)], summaries=[first])
    assert list(store.summaries("p", "second")) == [first]
    store.replace(SESSION, [message(0)])
    assert list(kept.again().summaries("p", SESSION.session_id)) == []


def test_the_size_of_a_session_grows_with_it_and_is_told_in_the_trash_too(kept: Reopened) -> None:
    before = kept.store.size("p", SESSION.session_id)
    kept.store.attach("p", SESSION.session_id, b"x" * 10_000)
    assert kept.store.size("p", SESSION.session_id) >= before + 10_000
    kept.store.trash(attrs.evolve(SESSION, deleted_at=NOW))
    assert kept.store.size("p", SESSION.session_id) >= before + 10_000
    with pytest.raises(SessionNotFound):
        kept.store.size("p", "nobody")


def test_state_is_replaced_as_a_whole(kept: Reopened) -> None:
    assert kept.store.state("p", "../s:1") == {}
    kept.store.put_state("p", "../s:1", {"a": [1], "b": None})
    kept.store.put_state("p", "../s:1", {"c": {"d": 1}})
    assert kept.store.state("p", "../s:1") == {"c": {"d": 1}}
    assert kept.again().state("p", "../s:1") == {"c": {"d": 1}}


def test_attachments_are_found_by_their_hash(kept: Reopened) -> None:
    digest = kept.store.attach("p", "../s:1", b"\x00\xff")
    assert kept.store.attach("p", "../s:1", b"\x00\xff") == digest
    assert kept.again().attachment("p", "../s:1", digest) == b"\x00\xff"
    for unknown in ("0" * 64, "../../messages.1.jsonl", ""):
        with pytest.raises(NotFound):
            kept.store.attachment("p", "../s:1", unknown)


def test_the_trash_and_back(kept: Reopened) -> None:
    kept.store.attach("p", "../s:1", b"data")
    deleted = attrs.evolve(SESSION, deleted_at=NOW)
    kept.store.trash(deleted)
    for store in kept.both():
        assert store.sessions("p") == []
        assert store.trashed("p") == [deleted]
        for use in (store.session, store.messages, store.state):
            with pytest.raises(SessionNotFound):
                use("p", "../s:1")
    kept.store.restore(SESSION)
    for store in kept.both():
        assert store.sessions("p") == [SESSION]
        assert store.trashed("p") == []
        assert len(store.messages("p", "../s:1")) == 2


def test_purging_is_for_good_wherever_a_session_is(kept: Reopened) -> None:
    kept.store.create(SECOND)
    kept.store.trash(attrs.evolve(SECOND, deleted_at=NOW))
    for session_id in ("../s:1", "second"):
        kept.store.purge("p", session_id)
        with pytest.raises(SessionNotFound):
            kept.store.purge("p", session_id)
    for store in kept.both():
        assert store.sessions("p") == store.trashed("p") == []
        assert store.faults() == []
    kept.store.create(SESSION)
    assert kept.store.messages("p", "../s:1") == ()


def test_a_session_that_is_not_there(kept: Reopened) -> None:
    store, unknown = kept.store, attrs.evolve(SESSION, session_id="unknown")
    uses: list[Callable[[], object]] = [
        lambda: store.session("p", "unknown"),
        lambda: store.session("unknown", "../s:1"),
        lambda: store.messages("p", "unknown"),
        lambda: store.append(unknown, [message(0)]),
        lambda: store.replace(unknown, []),
        lambda: store.put(unknown),
        lambda: store.put(unknown, durable=False),
        lambda: store.state("p", "unknown"),
        lambda: store.put_state("p", "unknown", {}),
        lambda: store.attach("p", "unknown", b""),
        lambda: store.attachment("p", "unknown", "0" * 64),
        lambda: store.trash(attrs.evolve(unknown, deleted_at=NOW)),
        lambda: store.restore(SESSION),
        lambda: store.purge("p", "unknown"),
    ]
    for use in uses:
        with pytest.raises(SessionNotFound):
            use()
    assert [session.session_id for session in kept.again().sessions("p")] == ["../s:1"]


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "\ud800"])
def test_a_value_that_json_cannot_hold_changes_nothing(kept: Reopened, value: object) -> None:
    store, spoilt = kept.store, attrs.evolve(SESSION, metadata={"deep": [value]})
    uses: list[Callable[[], object]] = [
        lambda: store.append(spoilt, [message(2)]),
        lambda: store.put(spoilt),
        lambda: store.put(spoilt, durable=False),
        lambda: store.replace(spoilt, []),
        lambda: store.put_state("p", "../s:1", {"x": value}),
        lambda: store.create(attrs.evolve(spoilt, session_id="new")),
        lambda: store.put_project(attrs.evolve(PROJECT, current={"x": value})),  # type: ignore[dict-item]
    ]
    for use in uses:
        with pytest.raises(InvalidInput) as caught:
            use()
        assert caught.value.hint
    for again in kept.both():
        assert again.sessions("p") == [SESSION]
        assert len(again.messages("p", "../s:1")) == 2
        assert again.state("p", "../s:1") == {}
        assert again.projects() == [PROJECT]


# What is special to TinyDbHistory: its files.


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with two sessions that were closed well."""
    store = TinyDbHistory(tmp_path / "data")
    store.put_project(PROJECT)
    store.create(SESSION, [message(0), message(1)])
    store.create(SECOND)
    store.close()
    yield tmp_path / "data"


def folders(data: Path, kind: str = "sessions") -> dict[str, Path]:
    """The sessions' folders by what their journals say that they are."""
    found: dict[str, Path] = {}
    for path in data.glob(f"projects/*/{kind}/*"):
        content = next(path.glob("messages.*")).read_bytes()
        found["second" if b'"second"' in content else "first"] = path
    return found


def everything(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_a_turn_is_one_durable_line(data: Path) -> None:
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        platform.sync_data(descriptor)

    store = TinyDbHistory(data, sync=sync)
    store.messages("p", "../s:1")
    file = next(folders(data)["first"].glob("messages.*"))
    lines, syncs = file.read_bytes().count(b"\n"), len(synced)
    store.append(attrs.evolve(SESSION, message_count=4), [message(2), message(3)])
    assert file.read_bytes().count(b"\n") == lines + 1
    assert synced[syncs:] == [file.stat().st_ino]
    store.put(attrs.evolve(SESSION, message_count=4, draft="d"), durable=False)
    assert len(synced) == syncs + 1
    store.close()


def test_listing_opens_no_message_file(data: Path) -> None:
    for folder in folders(data).values():
        file = next(folder.glob("messages.*"))
        file.write_bytes(b"x" * file.stat().st_size)
    store = TinyDbHistory(data)
    assert store.sessions("p") == [SESSION, SECOND]
    assert store.faults() == []
    store.close()


def test_every_acknowledged_turn_is_there_without_closing(data: Path) -> None:
    abandoned = TinyDbHistory(data)
    last = SESSION
    for number in range(2, 60):
        last = attrs.evolve(SESSION, message_count=number + 1, head=f"m{number}")
        abandoned.append(last, [message(number)])
    made = attrs.evolve(SECOND, session_id="made")
    abandoned.create(made)
    abandoned.trash(attrs.evolve(SECOND, deleted_at=NOW))

    store = TinyDbHistory(data)
    assert sorted(store.sessions("p"), key=lambda session: session.session_id) == [last, made]
    assert [session.session_id for session in store.trashed("p")] == ["second"]
    assert len(store.messages("p", "../s:1")) == 60
    assert store.faults() == []
    store.close()
    abandoned.close()


def test_a_draft_outlives_a_crash(data: Path) -> None:
    abandoned = TinyDbHistory(data)
    drafted = attrs.evolve(SESSION, draft="half a thou")
    abandoned.put(drafted, durable=False)
    abandoned.put_state("p", "../s:1", {"k": 1})
    store = TinyDbHistory(data)
    assert store.session("p", "../s:1") == drafted
    store.close()
    abandoned.close()


def test_the_registry_can_be_made_again(data: Path) -> None:
    store = TinyDbHistory(data)
    store.trash(attrs.evolve(SECOND, deleted_at=NOW))
    store.close()
    for registry in [*data.glob("projects.*"), *data.glob("projects/*/sessions.*")]:
        lines = registry.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if b'"projects"' not in line and b'"sessions"' not in line]
        registry.write_bytes(b"".join(kept))
    store = TinyDbHistory(data)
    assert store.projects() == [PROJECT]
    assert store.sessions("p") == [SESSION]
    assert store.trashed("p") == [attrs.evolve(SECOND, deleted_at=NOW)]
    store.close()


def test_a_folder_that_is_gone_is_told_of(data: Path) -> None:
    shutil.rmtree(folders(data)["second"])
    store = TinyDbHistory(data)
    assert store.sessions("p") == [SESSION]
    assert "'Other' is gone" in store.faults()[0]
    assert store.faults() == []
    store.close()


@pytest.mark.parametrize("moved", [False, True])
def test_a_move_to_the_trash_that_was_interrupted_is_finished(data: Path, moved: bool) -> None:
    project = next(data.glob("projects/*/"))
    registry = next(project.glob("sessions.*"))
    before, place = registry.read_bytes(), folders(data)["second"]
    store = TinyDbHistory(data)
    store.trash(attrs.evolve(SECOND, deleted_at=NOW))
    store.close()
    registry.write_bytes(before)
    if not moved:
        (project / "trash" / place.name).rename(place)
    store = TinyDbHistory(data)
    assert store.sessions("p") == [SESSION]
    assert [session.session_id for session in store.trashed("p")] == ["second"]
    store.restore(SECOND)
    assert store.session("p", "second") == SECOND
    store.close()


def test_what_was_on_its_way_is_cleared(data: Path) -> None:
    project = next(data.glob("projects/*/"))
    (project / "moving").mkdir(exist_ok=True)
    shutil.copytree(folders(data)["second"], project / "moving" / "unfinished.0")
    folders(data)["second"].rename(project / "moving" / f"{folders(data)['second'].name}.1")
    store = TinyDbHistory(data)
    assert store.sessions("p") == [SESSION]
    assert store.faults() == []
    assert list((project / "moving").iterdir()) == []
    assert b'"second"' not in everything(data)
    store.close()


def test_what_is_forgotten_is_gone_from_the_disk(data: Path) -> None:
    store = TinyDbHistory(data)
    secret = attrs.evolve(message(2), content="the SECRET word", attachments=(Attachment("u"),))
    digest = store.attach("p", "../s:1", b"SECRET picture")
    kept = store.attach("p", "../s:1", b"harmless picture")
    secret = attrs.evolve(secret, attachments=(Attachment("u", digest=digest), Attachment("u", digest=kept)))
    store.put(attrs.evolve(SESSION, draft="SECRET draft"), durable=False)
    store.append(attrs.evolve(SESSION, name="SECRET name"), [secret])
    store.put(SESSION)
    assert b"SECRET" in everything(data)
    store.replace(SESSION, [attrs.evolve(message(0), attachments=(Attachment("u", digest=kept),))])
    assert b"SECRET" not in everything(data)
    assert store.attachment("p", "../s:1", kept) == b"harmless picture"

    store.put(attrs.evolve(SECOND, draft="SECRET"), durable=False)
    store.append(attrs.evolve(SECOND, name="SECRET"), [secret])
    store.trash(attrs.evolve(SECOND, name="SECRET", deleted_at=NOW))
    assert b"SECRET" in everything(data)
    store.purge("p", "second")
    assert b"SECRET" not in everything(data)
    store.close()


def test_no_name_on_disk_is_what_a_client_sent(data: Path) -> None:
    names = [path.name for path in data.rglob("*")]
    assert not any("second" in name or "s:1" in name or name == "p" for name in names)


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = TinyDbHistory(tmp_path / "data")
        store.put_project(PROJECT)
        store.create(SESSION, [message(0)])
        store.attach("p", "../s:1", b"data")
        store.create(SECOND)
        store.trash(attrs.evolve(SECOND, deleted_at=NOW))
        store.replace(SESSION, [])
        store.close()
    finally:
        os.umask(before)
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_only_the_sessions_used_last_stay_in_memory(data: Path) -> None:
    store = TinyDbHistory(data, most_sessions=1)
    first = store.messages("p", "../s:1")
    assert store.messages("p", "../s:1") is first
    store.messages("p", "second")
    again = store.messages("p", "../s:1")
    assert again == first
    assert again is not first
    store.close()


def test_a_damaged_attachment_is_not_given_out(data: Path) -> None:
    store = TinyDbHistory(data)
    digest = store.attach("p", "../s:1", b"data")
    next(data.rglob(digest)).write_bytes(b"dato")
    with pytest.raises(StorageCorrupt):
        store.attachment("p", "../s:1", digest)
    store.close()


def test_a_session_of_a_newer_format_stays_as_it_is(data: Path) -> None:
    file = next(folders(data)["second"].glob("messages.*"))
    file.write_bytes(encode_line(b'{"format":9,"file":"00"}'))
    content = file.read_bytes()
    store = TinyDbHistory(data)
    assert store.sessions("p") == [SESSION, SECOND]
    assert "newer version" in store.faults()[0]
    with pytest.raises(StorageCorrupt):
        store.messages("p", "second")
    store.close()
    assert file.read_bytes() == content
