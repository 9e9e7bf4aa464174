"""What can go wrong, in the domain's own words.

RejoinderError
├── InvalidInput            a value that no rule allows
├── ContentModified         a document is not as it was any more
├── SessionNotFound, MessageNotFound, ProjectNotFound, FileUnreadable
├── Ambiguous               a reference that several sessions fit
├── SessionBusy             another turn is running in the session
├── ModelError
│   ├── ModelNotConfigured, ModelAuth, ModelRateLimited, ModelTimeout
│   └── ModelUnavailable
│       └── RequestRefused
├── BudgetExceeded, ContextTooLarge, TooLarge
├── SchemaInvalid           a schema that is none, or an answer that stays unlike it
├── SourceUnreadable        a document or a page that cannot be read
├── StorageError
│   ├── StorageLocked, StorageCorrupt, StorageFull
├── IndexUnavailable
├── NotTrusted
└── Unexpected              what no code foresaw; it says nothing of itself
"""

from collections.abc import Sequence
from typing import Any


class RejoinderError(Exception):
    """Base of all errors that a user is told of. `hint` is one thing to do; `data` goes along with it."""

    def __init__(self, message: str, *, hint: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data: dict[str, Any] = data


class Unexpected(RejoinderError):
    """Something that no code foresaw; the log has it, with its traceback, under the correlation ID."""

    def __init__(self, correlation_id: str) -> None:
        super().__init__(
            f"Something went wrong here that should not have; the log has it as {correlation_id}.",
            hint="Look for this ID in the log, and report what stands there.",
            correlationId=correlation_id,
        )


class InvalidInput(RejoinderError):
    """A value that no rule allows."""


class ContentModified(RejoinderError):
    """A document has changed since the client looked at it."""

    def __init__(self, name: str, *, version: int | None) -> None:
        super().__init__(
            f"{name} has changed meanwhile.",
            hint="Ask for the edit again, with the version as it is now.",
            version=version,
        )


class SessionNotFound(RejoinderError):
    """No session has this ID in the project."""

    def __init__(self, session_id: str) -> None:
        super().__init__(
            f"There is no session {session_id!r} in this project.",
            hint="List the sessions, or chat with this ID to create it.",
            sessionId=session_id,
        )


class NotFound(RejoinderError):
    """No such message, project, or other thing. `what` names its kind."""

    def __init__(self, what: str, id: str, *, hint: str) -> None:
        super().__init__(f"There is no {what} {id!r}.", hint=hint, what=what, id=id)


class Ambiguous(RejoinderError):
    """Several sessions fit a reference."""

    def __init__(self, ref: str, candidates: Sequence[dict[str, str]]) -> None:
        super().__init__(
            f"{ref!r} fits {len(candidates)} sessions.",
            hint="Name one of the candidates by its ID.",
            candidates=list(candidates),
        )


class SessionBusy(RejoinderError):
    """Another turn is running in the session."""

    def __init__(self, turn_id: str) -> None:
        super().__init__(
            "Another turn is running in this session.",
            hint="Wait for its end, cancel it, or send this one with `queue`.",
            turnId=turn_id,
        )


class ModelError(RejoinderError):
    """A model did not answer."""


class ModelNotConfigured(ModelError):
    """The model that is named cannot be used as things are."""


class ModelAuth(ModelError):
    """The model's server refused the key."""


class ModelRateLimited(ModelError):
    """The model's server asks to wait; `retry_after` in seconds when it says how long."""

    def __init__(self, message: str, *, retry_after: float | None) -> None:
        super().__init__(
            message, hint="Wait a little and send it again, or choose another model.", retryAfter=retry_after
        )
        self.retry_after = retry_after


class ModelUnavailable(ModelError):
    """The model's server is not there or failed."""

    def __init__(self, message: str, *, hint: str, retryable: bool) -> None:
        super().__init__(message, hint=hint, retryable=retryable)


class RequestRefused(ModelUnavailable):
    """The model's server is there and does not take a request of this kind."""


class ModelTimeout(ModelError):
    """The model's server sent nothing for too long."""


class BudgetExceeded(RejoinderError):
    """A limit that the user has set on use is reached."""


class ContextTooLarge(RejoinderError):
    """The text itself does not fit what the model takes in."""


class SchemaInvalid(RejoinderError):
    """A JSON schema that is none or is not safe, or an answer that is not as its schema wants it."""

    def __init__(self, message: str, *, errors: Sequence[str], hint: str) -> None:
        super().__init__(message, hint=hint, errors=list(errors))


class TooLarge(RejoinderError):
    """A message or a file over a limit."""

    def __init__(self, message: str, *, limit: int, hint: str) -> None:
        super().__init__(message, hint=hint, limit=limit)


class SourceUnreadable(RejoinderError):
    """A document or a page that cannot be read. `reason` is one word for programs, such as `damaged`."""

    def __init__(self, message: str, *, reason: str, hint: str, source: str | None = None) -> None:
        super().__init__(message, hint=hint, reason=reason, source=source)
        self.reason = reason


class StorageError(RejoinderError):
    """The data folder cannot be read or written."""


class StorageLocked(StorageError):
    """Another process has the data folder."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"The data folder is in use by {holder}.",
            hint="Close what uses it and wait a minute, or choose another folder with `dataDir`.",
            holder=holder,
        )


class StorageCorrupt(StorageError):
    """A file is damaged or newer than this program. `backup` is where its copy lies."""

    def __init__(self, message: str, *, path: str, backup: str | None, hint: str) -> None:
        super().__init__(message, hint=hint, path=path, backup=backup)


class StorageFull(StorageError):
    """The disk is full; what was stored before is unharmed."""

    def __init__(self, path: str) -> None:
        super().__init__("The disk is full; nothing was changed.", hint="Free some space and send it again.", path=path)


class IndexUnavailable(RejoinderError):
    """Nothing can be looked up just now; conversations go on."""


class NotTrusted(RejoinderError):
    """Something that only a trusted workspace may do."""

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(f"Not trusted: {what}.", hint=hint, what=what)
