"""Files that the Python client reads and writes: exports of several programs, and sessions of its own."""

from pathlib import Path

import pytest

from rejoinder_client import Message, saved
from rejoinder_client.errors import InvalidParams
from rejoinder_client.messages import new_messages


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
