"""Users of one store: who may be one, and each user's part of a conversation and of its state."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.conversation import Message
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.users import USERS_KEY, is_whole, own_part, state_of, user_of, with_state

USERS = ("default", "ann", "bob")
STATES = st.dictionaries(st.sampled_from(["a", "b", "$date"]), st.integers(0, 3), max_size=3)


def test_whoever_does_not_say_who_he_is_is_the_default_user() -> None:
    assert user_of(None) == "default"
    for name in ("ann@example.org", "Ann Müller", "u" * 128, "user_123"):
        assert user_of(name) == name


@pytest.mark.parametrize("user_id", ["", " ", "a\nb", "u" * 129, "\ud800", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz01"])
def test_what_cannot_name_a_user_is_refused(user_id: str) -> None:
    with pytest.raises(InvalidInput, match="userId"):
        user_of(user_id)


@given(st.lists(st.tuples(st.sampled_from(USERS), STATES), max_size=8))
def test_each_user_has_a_state_of_his_own(changes: list[tuple[str, dict[str, Any]]]) -> None:
    stored: dict[str, Any] = {}
    expected: dict[str, dict[str, Any]] = {user: {} for user in USERS}
    for user, values in changes:
        stored = with_state(stored, user, values)
        expected[user] = values
    assert {user: state_of(stored, user) for user in USERS} == expected


def test_the_key_of_the_others_is_reserved() -> None:
    for user in USERS:
        with pytest.raises(InvalidInput, match="reserved"):
            with_state({}, user, {USERS_KEY: {"bob": {}}})
    assert state_of({USERS_KEY: "damaged", "a": 1}, "bob") == {} and state_of({USERS_KEY: {"bob": 5}}, "bob") == {}


def test_a_user_s_part_of_a_conversation_has_what_the_system_said_too() -> None:
    path = [
        _message("1", None, "system", "default"),
        _message("2", "1", "user", "ann"),
        _message("3", "2", "assistant", "ann"),
        _message("4", "3", "user", "bob"),
    ]
    assert [message.message_id for message in own_part(path, "ann")] == ["1", "2", "3"]
    assert [message.message_id for message in own_part(path, "bob")] == ["1", "4"]
    assert is_whole(own_part(path, "ann")) and not is_whole(own_part(path, "bob"))
    assert not is_whole(path[1:]) and is_whole([])


def _message(message_id: str, parent_id: str | None, role: Any, user_id: str) -> Message:
    return Message(
        message_id=message_id,
        parent_id=parent_id,
        turn_id="t",
        role=role,
        source="chat",
        content="",
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        user_id=user_id,
    )
