"""Users of one store: who may be one, and each user's own part of a conversation and of its state's."""

from collections.abc import Mapping, Sequence
from typing import Any

from rejoinder.domain.conversation import DEFAULT_USER, Message
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.redaction import Redactor

LONGEST_USER_ID = 128
USERS_KEY = "$users"
"""Where a session's stored state holds those of all users but the default one, whose values stand beside it."""

State = dict[str, Any]


def user_of(user_id: str | None) -> str:
    """The user that a request means: whoever does not say who he is, is the default one.

    Raises InvalidInput for what cannot name a user. A secret cannot: it would be masked when it is stored, and two of
    them would be one user.
    """
    if user_id is None:
        return DEFAULT_USER
    problem = None
    if not 1 <= len(user_id) <= LONGEST_USER_ID or not user_id.isprintable() or not user_id.strip():
        problem = f"userId: {user_id[:40]!r} is none."
    elif Redactor().mask(user_id) != user_id:
        problem = "userId: it looks like a secret."
    if problem is not None:
        hint = f"Use 1 to {LONGEST_USER_ID} printable characters, such as a name or an address."
        raise InvalidInput(problem, hint=hint, key="userId")
    return user_id


def own_part(path: Sequence[Message], user_id: str) -> Sequence[Message]:
    """What one user said and was answered in a conversation of several, and what the system said to all."""
    return [message for message in path if message.user_id == user_id or message.role == "system"]


def is_whole(path: Sequence[Message]) -> bool:
    """Whether nothing was left out of a path from its root on, so that a summary may stand for its beginning."""
    # two lists, which are compared at once: every turn of a long session asks
    parents = [message.parent_id for message in path]
    return parents == [None, *(message.message_id for message in path)][: len(parents)]


def state_of(stored: Mapping[str, Any], user_id: str) -> State:
    """One user's values out of all that is stored with a session."""
    if user_id == DEFAULT_USER:
        return {key: value for key, value in stored.items() if key != USERS_KEY}
    values = _others(stored).get(user_id)
    return dict(values) if isinstance(values, Mapping) else {}


def with_state(stored: Mapping[str, Any], user_id: str, values: Mapping[str, Any]) -> State:
    """All that is to be stored when one user's values become these. Raises InvalidInput for the reserved key."""
    if USERS_KEY in values:
        raise InvalidInput(f"state: the key {USERS_KEY!r} is reserved.", hint="Use another key.", key="state")
    others = dict(_others(stored))
    if user_id == DEFAULT_USER:
        own = dict(values)
    else:
        own = state_of(stored, DEFAULT_USER)
        others.pop(user_id, None)
        if values:
            others[user_id] = dict(values)
    return {**own, USERS_KEY: others} if others else own


def _others(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    others = stored.get(USERS_KEY, {})
    return others if isinstance(others, Mapping) else {}
