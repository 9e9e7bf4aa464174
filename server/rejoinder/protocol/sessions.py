"""Sessions: finding, changing, moving."""

from typing import Any, Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing
from rejoinder.protocol.types import KnowledgeConfig, MemoryConfig, Message, NewMessage, Scope, Session
from rejoinder.protocol.updates import ChatUpdateParams


@wire
class SessionChangedParams:
    """A session came, went, or has news; `rewritten`: messages that were there are gone or others now."""

    project_id: str
    session_id: str
    kind: Literal["created", "updated", "deleted", "message"]
    revision: int
    rewritten: bool | None = None


@wire(kw_only=True)
class SessionListParams:
    """Which sessions to list, newest first; `query` looks at name, label and description.

    `archived` asks for the archived ones instead, `trashed` for those in the trash, `user_id` for those that this user
    made.
    """

    project_id: str | None = None
    uri: str | None = None
    scope: Scope | None = None
    query: str | None = None
    archived: bool | None = None
    trashed: bool | None = None
    cursor: str | None = None
    limit: int | None = None
    user_id: str | None = None


@wire
class SessionListResult:
    """A page of sessions."""

    sessions: list[Session]
    next_cursor: str | None = None


@wire(kw_only=True)
class SessionParams:
    """A session, exactly."""

    session_id: str
    project_id: str | None = None
    uri: str | None = None


@wire
class Since:
    """The last update that a client has seen."""

    turn_id: str
    seq: int


@wire(kw_only=True)
class SessionOpenParams:
    """A session by `ref` (ID, unique name, or unique prefix), by ID, or a user's current one for a document."""

    ref: str | None = None
    session_id: str | None = None
    uri: str | None = None
    project_id: str | None = None
    scope: Scope | None = None
    since: Since | None = None
    user_id: str | None = None


@wire
class RunningTurn:
    """A turn under way, with its updates so far or since the one that was named."""

    turn_id: str
    updates: list[ChatUpdateParams]


@wire
class SessionOpenResult:
    """A session, its latest messages, and its running turn."""

    session: Session
    messages: list[Message]
    running: RunningTurn | None = None


@wire(kw_only=True)
class SessionCreateParams:
    """A new session of a user; it becomes that user's current one of its scope."""

    session_id: str | None = None
    name: str | None = None
    description: str | None = None
    label: str | None = None
    scope: Scope | None = None
    uri: str | None = None
    project_id: str | None = None
    system: str | None = None
    messages: list[NewMessage] | None = None
    metadata: dict[str, Any] | None = None
    user_id: str | None = None
    memory: MemoryConfig | None = None
    knowledge: KnowledgeConfig | None = None


@wire(kw_only=True)
class SessionUpdateParams:
    """The fields to change; an empty text clears one. `memory` and `knowledge` are replaced whole.

    `allowed_tools` takes back what was allowed for the session, but for these.
    """

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    name: str | None = None
    label: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None
    pinned: bool | None = None
    archived: bool | None = None
    model: str | None = None
    system: str | None = None
    draft: str | None = None
    memory: MemoryConfig | None = None
    knowledge: KnowledgeConfig | None = None
    allowed_tools: list[str] | None = None


@wire(kw_only=True)
class SessionHistoryParams:
    """A page of the active path; `before` is a cursor or a message ID.

    With `user_id` only what this user said and was answered, and what the system said.
    """

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    before: str | None = None
    limit: int | None = None
    user_id: str | None = None


@wire
class SessionHistoryResult:
    """Messages, oldest first; `next_cursor` leads to older ones."""

    messages: list[Message]
    next_cursor: str | None = None


@wire(kw_only=True)
class SessionAddParams:
    """Messages of a user to put at the end of the active path."""

    session_id: str
    messages: list[NewMessage]
    project_id: str | None = None
    uri: str | None = None
    user_id: str | None = None


@wire
class SessionAddResult:
    """The new messages' IDs, in order."""

    message_ids: list[str]


@wire(kw_only=True)
class SessionClearParams:
    """Forget the messages; the system ones stay unless `keep_system` is false."""

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    keep_system: bool = True


@wire(kw_only=True)
class SessionForkParams:
    """Copy the path up to `message_id`, or all of it, into a new session.

    With `summarize` the new session begins with a summary of that path in place of its messages.
    """

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    message_id: str | None = None
    new_session_id: str | None = None
    name: str | None = None
    summarize: bool | None = None


@wire(kw_only=True)
class SessionRollbackParams:
    """Make `message_id` the end of the active path; later messages stay as siblings.

    With `latest` the end is the message below it that was stored last: from a message to one of its `siblings`, this
    is how another branch is taken up where it was left.
    """

    session_id: str
    message_id: str
    project_id: str | None = None
    uri: str | None = None
    latest: bool | None = None


@wire(kw_only=True)
class SessionDeleteParams:
    """To the trash, or for good."""

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    permanent: bool = False


@wire
class SummarizeResult:
    """A summary and the messages that it covers, oldest first."""

    summary: str
    covers: list[str]


@wire(kw_only=True)
class StateGetParams:
    """A user's state in a session, or one key of it."""

    session_id: str
    project_id: str | None = None
    uri: str | None = None
    key: str | None = None
    user_id: str | None = None


@wire(kw_only=True)
class StateSetParams:
    """Values to merge into a user's state, or to put in its place.

    A moment or a day is written as the object `{"$date": "2024-05-06T07:08:09Z"}` or `{"$date": "2024-05-06"}`, with
    `"$naive": true` beside it for a moment without a time zone; an object that only looks like this as
    `{"$value": …}`. The Python client does so by itself.
    """

    session_id: str
    state: dict[str, Any]
    project_id: str | None = None
    uri: str | None = None
    replace: bool | None = None
    user_id: str | None = None


@wire
class StateResult:
    """A user's state in a session."""

    state: dict[str, Any]


SESSION_LIST = Method("session/list", SessionListParams, SessionListResult)
SESSION_GET = Method("session/get", SessionParams, Session)
SESSION_OPEN = Method("session/open", SessionOpenParams, SessionOpenResult)
SESSION_CLOSE = Method("session/close", SessionParams, Nothing)
SESSION_CREATE = Method("session/create", SessionCreateParams, Session)
SESSION_USE = Method("session/use", SessionParams, Session)
SESSION_UPDATE = Method("session/update", SessionUpdateParams, Session)
SESSION_HISTORY = Method("session/history", SessionHistoryParams, SessionHistoryResult)
SESSION_ADD = Method("session/add", SessionAddParams, SessionAddResult)
SESSION_CLEAR = Method("session/clear", SessionClearParams, Session)
SESSION_FORK = Method("session/fork", SessionForkParams, Session)
SESSION_ROLLBACK = Method("session/rollback", SessionRollbackParams, Session)
SESSION_DELETE = Method("session/delete", SessionDeleteParams, Nothing)
SESSION_RESTORE = Method("session/restore", SessionParams, Session)
SESSION_SUMMARIZE = Method("session/summarize", SessionParams, SummarizeResult)
STATE_GET = Method("session/state/get", StateGetParams, StateResult)
STATE_SET = Method("session/state/set", StateSetParams, StateResult)
STATE_CLEAR = Method("session/state/clear", StateGetParams, StateResult)

SESSION_CHANGED = Method("session/changed", SessionChangedParams, Nothing)
"""A notification to clients."""
