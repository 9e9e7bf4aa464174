import re
from datetime import UTC, datetime
from typing import Any

import pytest

from rejoinder.domain.foreign import ForeignMessage, moment, own_id
from rejoinder.domain.foreign_formats import read_sessions
from rejoinder.domain.identifiers import ID_PATTERN

TOLD = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]
READ = (ForeignMessage("user", "why?"), ForeignMessage("assistant", "so"))


def test_a_list_is_a_session_without_an_id() -> None:
    (session,) = read_sessions(TOLD)
    assert (session.session_id, session.name, session.messages) == (None, None, READ)


def test_an_object_with_messages_keeps_its_id_and_time() -> None:
    (session,) = read_sessions({"session_id": "my_project", "created_at": "2025-11-22T20:30:15", "messages": TOLD})
    assert (session.session_id, session.messages) == ("my_project", READ)
    assert session.created_at == datetime(2025, 11, 22, 20, 30, 15, tzinfo=UTC)


def test_a_folder_of_sessions_is_read_with_the_messages_of_each() -> None:
    listed = {
        "current_session_id": "b",
        "sessions": [
            {
                "session_id": "a",
                "name": "Python",
                "description": "studies",
                "created_at": "2024-07-19T18:01:05",
                "updated_at": "2024-07-20T18:01:05",
                "message_count": 2,
            },
            {"session_id": "b", "name": "Empty"},
        ],
    }
    said = {"a": [{**each, "timestamp": "2024-07-19T18:02:00"} for each in TOLD], "c": TOLD}
    first, empty, unlisted = read_sessions({"sessions": listed, "messages": said})
    assert (first.name, first.description) == ("Python", "studies")
    assert first.updated_at == datetime(2024, 7, 20, 18, 1, 5, tzinfo=UTC)
    assert first.messages[0].created_at == datetime(2024, 7, 19, 18, 2, tzinfo=UTC)
    assert (empty.session_id, empty.messages) == ("b", ())
    assert (unlisted.session_id, unlisted.messages) == ("c", READ)


@pytest.mark.parametrize(
    ("role", "known"), [("human", "user"), ("AI", "assistant"), ("agent", "assistant"), ("developer", "system")]
)
def test_roles_of_other_programs_have_their_own_here(role: str, known: str) -> None:
    ((said,),) = [session.messages for session in read_sessions([{"role": role, "content": "x"}])]
    assert said.role == known


def test_parts_of_a_message_are_one_text_and_calls_without_text_are_none() -> None:
    items = [
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image_url"}, "two"]},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    (session,) = read_sessions(items)
    assert [said.content for said in session.messages] == ["one\n\n\n\ntwo"]


@pytest.mark.parametrize(
    "value",
    [
        5,
        None,
        "x",
        {},
        {"messages": 5},
        {"messages": {"a": 1}},
        {"sessions": 5},
        {"sessions": [5]},
        {"sessions": [], "messages": []},
        {"sessions": [{"session_id": "a"}], "messages": {"a": [{"role": "user"}]}},
        [{"role": "robot", "content": "x"}],
        [{"role": 5, "content": "x"}],
        [{"role": "user", "content": {"x": 1}}],
        [{"role": "user", "content": [{"text": 5}]}],
        [[]],
    ],
    ids=str,
)
def test_what_is_none_of_these_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_sessions(value)


@pytest.mark.parametrize("foreign", ["../../etc", "a b", "é", "x" * 300, "\ud800"])
def test_an_id_that_cannot_be_one_here_becomes_the_same_one_each_time(foreign: str) -> None:
    found = own_id(foreign)
    assert found is not None and re.fullmatch(ID_PATTERN, found)
    assert found == own_id(foreign) != own_id(foreign + "x")
    assert own_id("fine-1") == "fine-1"
    assert own_id("") is own_id(5) is None


@pytest.mark.parametrize("value", ["yesterday", "", None, True, 1e300, [], "2024-13-01"])
def test_what_is_no_time_is_left_out(value: Any) -> None:
    assert moment(value) is None
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment("2024-01-01T01:00:00+01:00") == datetime(2024, 1, 1, tzinfo=UTC)
