"""Files that the Python client reads and writes: exports of several programs, and sessions of its own."""

import base64
import json
from pathlib import Path

import pytest

from rejoinder_client import Message, RejoinderError, saved
from rejoinder_client.errors import InvalidParams, NotFound
from rejoinder_client.foreign import read_export
from rejoinder_client.messages import new_messages


def test_a_file_is_recognised_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "list.toon").write_text('[{"role": "user", "content": "ü"}]', encoding="utf-8")
    (tmp_path / "agent.json").write_bytes(b"SQLite format 3\0rest")
    text = read_export(tmp_path / "list.toon")
    assert (text.format, text.content) == ("json", '[{"role": "user", "content": "ü"}]')
    database = read_export(str(tmp_path / "agent.json"))
    assert (database.format, base64.b64decode(database.content)) == ("sqlite", b"SQLite format 3\0rest")


def test_a_folder_is_read_with_the_messages_of_each_session(tmp_path: Path) -> None:
    (tmp_path / "sessions.json").write_text('{"sessions": []}')
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "messages.json").write_text(f'["{name}"]')
    found = read_export(tmp_path)
    assert (found.format, json.loads(found.content)) == (
        "agno",
        {"sessions": {"sessions": []}, "messages": {"a": ["a"], "b": ["b"]}},
    )


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "sessions.json").write_text("{")
    for path, error in [("noise", InvalidParams), ("folder", InvalidParams), ("nothing", NotFound)]:
        with pytest.raises(RejoinderError, match=path) as caught:
            read_export(tmp_path / path)
        assert type(caught.value) is error and caught.value.hint


def test_messages_come_in_all_forms() -> None:
    given = [Message.user("a"), {"role": "assistant", "content": "b", "createdAt": "2025-01-02T03:04:05Z", "x": 1}]
    first, second = new_messages(given)
    assert (first, second.role, second.content, second.created_at) == (
        given[0],
        "assistant",
        "b",
        "2025-01-02T03:04:05Z",
    )
    for wrong in ({"role": "user"}, {"role": "nobody", "content": "x"}, {"role": "user", "content": 5}):
        with pytest.raises(InvalidParams, match=r"role|content") as caught:
            new_messages([wrong])
        assert caught.value.hint


def test_a_file_is_written_whole_and_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        saved.write(path, {"a": object()})
    assert path.read_text() == "old" and [path] == list(tmp_path.iterdir())
    saved.write(path, {"a": 1})
    assert saved.read(path) == {"a": 1} and path.stat().st_mode & 0o777 == 0o600
