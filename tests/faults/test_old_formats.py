"""A data folder that an older version wrote is read and brought up to date, and a newer one is left alone."""

import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from fakes import message, session
from rejoinder.adapters.journal_format import FORMAT
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.tinydb_history_project import folder_name
from rejoinder.domain.errors import StorageCorrupt

TIME = "2025-01-02T03:04:05Z"
PROJECT = {
    "projectId": "p",
    "userId": "default",
    "name": "Shop",
    "paths": ["/shop"],
    "createdAt": TIME,
    "rootCommit": None,
    "inner": None,
    "trusted": False,
    "current": {"workspace": "s"},
}
SESSION = {
    **dict.fromkeys(("label", "description", "uri", "draft", "model", "system", "forkedFrom", "deletedAt")),
    "sessionId": "s",
    "projectId": "p",
    "userId": "default",
    "name": "Plans",
    "titled": True,
    "scope": "workspace",
    "pinned": False,
    "archived": False,
    "createdAt": TIME,
    "updatedAt": TIME,
    "messageCount": 2,
    "revision": 1,
    "head": "a",
    "metadata": {},
    "usage": [1, 2, 0.5, None],
}
QUESTION = {
    "messageId": "q",
    "turnId": "t",
    "userId": "default",
    "role": "user",
    "source": "chat",
    "content": "Why?",
    "createdAt": TIME,
}
ANSWER = {**QUESTION, "messageId": "a", "parentId": "q", "role": "assistant", "content": "So."}


def line(payload: Any) -> bytes:
    data = orjson.dumps(payload)
    return b'["%08x",%b]\n' % (zlib.crc32(data), data)


def old_file(path: Path, *operations: Any, version: int = 0) -> None:
    """A journal of format 0: its records are single operations."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line({"format": version, "file": "0f" * 16}), line({"complete": True}), *map(line, operations)]
    path.write_bytes(b"".join(lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of format 0 with one session."""
    projects = tmp_path / "projects"
    inner = projects / folder_name("p")
    old_file(tmp_path / "projects.1.jsonl", ["put", "projects", "1", PROJECT])
    old_file(inner / "sessions.1.jsonl", ["put", "project", "1", PROJECT])
    journal = inner / "sessions" / folder_name("s") / "messages.1.jsonl"
    old_file(
        journal,
        ["put", "session", "1", SESSION],
        ["put", "messages", "1", QUESTION],
        ["put", "messages", "2", ANSWER],
        ["put", "state", "1", {"userId": "default", "values": {"k": 1}}],
    )
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_older_format_is_brought_up_to_date_and_kept_as_it_was(folder: Path) -> None:
    before = files(folder)
    for _ in range(2):
        store = TinyDbHistory(folder)
        assert [project.name for project in store.projects()] == ["Shop"]
        assert [m.content for m in store.messages("p", "s")] == ["Why?", "So."]
        assert (store.session("p", "s").name, store.state("p", "s")) == ("Plans", {"k": 1})
        assert store.faults() == []
        store.close()
    after = files(folder)
    assert {name: data for name, data in after.items() if ".format0-" in name} == {
        f"{name}.format0-1": data for name, data in before.items()
    }
    journals = list(folder.rglob("*.jsonl"))
    assert len(journals) == 3
    assert all(b'"format":%d' % FORMAT in path.read_bytes().split(b"\n")[0] for path in journals)


def test_what_is_written_to_it_goes_on_in_todays_format(folder: Path) -> None:
    store = TinyDbHistory(folder)
    more = message("q2", "a", content="And?")
    store.append(session("s", project_id="p", head="q2", message_count=3), [more])
    store.close()
    again = TinyDbHistory(folder)
    assert [m.content for m in again.messages("p", "s")] == ["Why?", "So.", "And?"]
    again.close()


def test_what_is_to_be_forgotten_leaves_no_copy_of_the_old_format(folder: Path) -> None:
    store = TinyDbHistory(folder)
    store.replace(session("s", project_id="p", head=None), [])
    store.close()
    assert not any(b"Why?" in data for data in files(folder).values())


def test_a_damaged_line_of_an_older_format_costs_that_line(folder: Path) -> None:
    (journal,) = folder.glob("projects/*/sessions/*/messages.1.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"Why?", b"Who?")
    journal.write_bytes(b"".join(lines))
    store = TinyDbHistory(folder)
    assert [m.content for m in store.messages("p", "s")] == ["So."]
    (fault,) = store.faults()
    assert "damaged" in fault
    store.close()
    kept = [name for name in files(folder) if "messages" in name]
    assert sorted(name.rpartition(".")[2] for name in kept) == ["damaged-1", "format0-1", "jsonl"]


def test_a_newer_format_is_refused_and_left_alone(folder: Path) -> None:
    old_file(folder / "projects.1.jsonl", [["put", "projects", "1", PROJECT]], version=FORMAT + 1)
    before = files(folder)
    with pytest.raises(StorageCorrupt) as caught:
        TinyDbHistory(folder)
    assert "newer" in caught.value.message
    assert files(folder) == before


def test_one_session_of_a_newer_format_stays_as_it_is_and_the_others_go_on(folder: Path) -> None:
    inner = folder / "projects" / folder_name("p") / "sessions" / folder_name("new")
    newer = [["put", "session", "1", {**SESSION, "sessionId": "new"}]]
    old_file(inner / "messages.1.jsonl", newer, version=FORMAT + 1)
    before = (inner / "messages.1.jsonl").read_bytes()
    store = TinyDbHistory(folder)
    assert [one.session_id for one in store.sessions("p")] == ["s"]
    (fault,) = store.faults()
    assert "newer" in fault
    store.close()
    assert (inner / "messages.1.jsonl").read_bytes() == before
